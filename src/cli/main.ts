import { Command, CommanderError } from 'commander';
import { SluiceError } from '../errors.js';
import { writeFailed } from '../save/write-failed.js';
import { VERSION } from '../version.js';
import { type CheckFlags, declareCheck } from './check-options.js';
import { escapeLine } from './escape.js';
import { declareGet, type GetFlags } from './get-options.js';
import { declareLab, type LabFlags } from './lab-options.js';
import { declareOrigin, type OriginFlags } from './origin-options.js';
import { declarePull, type PullFlags } from './pull-options.js';
import { declareReport, type ReportFlags } from './report-options.js';
import { isReaderGone } from './stdout-sink.js';
import { declareWork, type WorkFlags } from './work-options.js';

/** The status of a call that can't be understood, as curl has it. */
const USAGE_STATUS = 2;
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

const output = { stdout: process.stdout, stderr: process.stderr };
const interrupted = new AbortController();
const interruption = new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve));
let signalStatus: number | undefined;
let stdoutFailure: Error | undefined;

/** The first signal ends the work cleanly: no half file; the second ends the process. */
function onSignal(name: keyof typeof SIGNAL_STATUS): void {
  if (signalStatus !== undefined) process.exit(SIGNAL_STATUS[name]);
  signalStatus = SIGNAL_STATUS[name];
  interrupted.abort(new SluiceError('aborted', 'Interrupted.'));
}

/** One sentence on one line, as every other failure is told. */
function usageError(text: string, write: (text: string) => void): void {
  const says = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
  write(
    `sluice: ${says.charAt(0).toUpperCase()}${says.slice(1)}. Try "sluice --help" or "sluice get --help".\n`,
  );
}

function program(): Command {
  const sluice = new Command('sluice')
    .description('Retrieves images over HTTP, whole and verified, and shows the flow.')
    .version(VERSION, '-V, --version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: usageError });
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const get = declareGet(sluice.command('get')).action(async (urls: string[], flags: GetFlags) => {
    const { runGet } = await import('./get.js');
    process.exitCode = await runGet(urls, flags, output, interrupted.signal);
  });
  declareCheck(sluice.command('check'), get).action(async (urls: string[], flags: CheckFlags) => {
    const { runCheck } = await import('./check.js');
    process.exitCode = await runCheck(urls, flags, output, interrupted.signal);
  });
  declarePull(sluice.command('pull')).action(async (lists: string[], flags: PullFlags) => {
    const { runPull } = await import('./pull.js');
    process.exitCode = await runPull(lists, flags, output, interrupted.signal);
  });
  declareReport(sluice.command('report')).action(async (directory: string, flags: ReportFlags) => {
    const { runReport } = await import('./report.js');
    process.exitCode = await runReport(directory, flags, output, interrupted.signal);
  });
  declareWork(sluice.command('work')).action(async (flags: WorkFlags) => {
    const { runWork } = await import('./work.js');
    process.exitCode = await runWork(flags, output, interrupted.signal);
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
  declareOrigin(sluice.command('origin')).action(async (path: string, flags: OriginFlags) => {
    const { runOrigin } = await import('./origin.js');
    process.exitCode = await runOrigin(path, flags, output, interrupted.signal);
  });
  declareLab(sluice.command('lab')).action(async (flags: LabFlags) => {
    const { runLab } = await import('./lab.js');
    process.exitCode = await runLab(flags, output, interrupted.signal);
  });
  return sluice;
}

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_STATUS;
  if (!(error instanceof SluiceError)) throw error;
  process.stderr.write(`sluice: ${escapeLine(error.message)}\n`);
  return error.exitCode;
}

/** The status where something printed was not taken: a receipt or a trace that is lost is a failure too. */
function printStatus(): number {
  if (stdoutFailure === undefined) return 0;
  const error = writeFailed('standard output', stdoutFailure);
  return isReaderGone(error) ? error.exitCode : statusOf(error);
}

/** Resolves when what was printed has been taken, or is known not to be: a failure is told only after the write. */
function printed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => setImmediate(resolve)));
}

// A reader that goes away (`| head`) is told by the write that fails; without a listener it would end the process by an exception.
process.stdout.on('error', (error) => {
  stdoutFailure ??= error;
});
process.stderr.on('error', () => undefined);
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
void main();

async function main(): Promise<void> {
  try {
    await program().parseAsync();
  } catch (error) {
    process.exitCode = statusOf(error);
  }
  // The process does not wait for what it has given up: a name server that is silent, a pipe that nobody reads.
  await Promise.race([Promise.all([process.stdout, process.stderr].map(printed)), interruption]);
  process.exit(signalStatus ?? (process.exitCode || printStatus()));
}
