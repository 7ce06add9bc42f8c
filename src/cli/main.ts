#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { SluiceError } from '../errors.js';
import { VERSION } from '../version.js';
import { escapeLine } from './escape.js';
import { declareGet, type GetFlags } from './get-options.js';

/** The status of a call that can't be understood, as curl has it. */
const USAGE_STATUS = 2;
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

const output = { stdout: process.stdout, stderr: process.stderr };
const interrupted = new AbortController();
let signalStatus: number | undefined;

/** The first signal ends the work cleanly: no half file; the second ends the process. */
function onSignal(name: keyof typeof SIGNAL_STATUS): void {
  if (signalStatus !== undefined) process.exit(SIGNAL_STATUS[name]);
  signalStatus = SIGNAL_STATUS[name];
  interrupted.abort(new SluiceError('aborted', 'Interrupted.'));
}

function program(): Command {
  const sluice = new Command('sluice')
    .description('Retrieves images over HTTP, whole and verified, and shows the flow.')
    .version(VERSION, '-V, --version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'sluice: ')) })
    .showHelpAfterError('Try "sluice --help" or "sluice get --help".');
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  declareGet(sluice.command('get')).action(async (urls: string[], flags: GetFlags) => {
    const { runGet } = await import('./get.js');
    process.exitCode = await runGet(urls, flags, output, interrupted.signal);
  });
  sluice
    .command('demo')
    .summary('the textbook experiment, in the terminal, with an embedded server')
    .description(
      'Retrieves a picture over HTTP from an embedded server, step by step, with every receive shown; leaves stuff.jpg. Needs no network.',
    )
    .action(async () => {
      const { runDemo } = await import('./demo.js');
      const out = (text: string) => void process.stdout.write(text);
      process.exitCode = await runDemo({ directory: '.', out, colour, signal: interrupted.signal });
    });
  return sluice;
}

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_STATUS;
  if (!(error instanceof SluiceError)) throw error;
  process.stderr.write(`sluice: ${escapeLine(error.message)}\n`);
  return error.exitCode;
}

// A reader that goes away (`| head`) is told by the write that fails; without a listener it would end the process by an exception.
process.stdout.on('error', () => undefined);
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = statusOf(error);
}
process.exitCode = signalStatus ?? process.exitCode;
