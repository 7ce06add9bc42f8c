import { mkdirSync } from 'node:fs';
import type { Destination, Offer } from '../body/sink.js';
import { SluiceError } from '../errors.js';
import { toFile } from '../retrieval/retrieve.js';
import { chooseFileName } from '../save/file-name.js';
import { FileSink } from '../save/file-sink.js';
import { writeFailed } from '../save/write-failed.js';
import type { GetFlags } from './get-options.js';
import type { Output } from './output.js';
import { StdoutSink } from './stdout-sink.js';

/** Where `get` takes a body, and whether standard output is then the body's. `onChosen` is told before the first byte of it. */
export function getDestination(
  flags: GetFlags,
  output: Output,
  onChosen: (bodyOnStdout: boolean) => void,
): Destination {
  return (offer) => {
    const stdout = goesToStdout(flags, offer);
    onChosen(stdout);
    if (stdout) return toStdout(flags, output, offer);
    if (flags.output !== undefined) return toFile(flags.output)(offer);
    const directory = flags.dir ?? '.';
    makeDirectory(directory);
    return FileSink.newIn(directory, chooseFileName(offer));
  };
}

function goesToStdout({ output, dir, json }: GetFlags, { head, type }: Offer): boolean {
  if (output !== undefined) return output === '-';
  // With --json standard output is the receipt's.
  if (dir !== undefined || json) return false;
  return type === undefined && /^text\//i.test(head.fields.first('content-type') ?? '');
}

function toStdout(flags: GetFlags, { stdout }: Output, { type }: Offer): StdoutSink {
  if (stdout.isTTY && type !== undefined) {
    throw new SluiceError(
      'write-failed',
      `A picture (${type.name}) is not written to a terminal: name a file with -o, or pipe it.`,
    );
  }
  return new StdoutSink(stdout, stdout.isTTY === true && flags.output !== '-');
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw writeFailed(directory, error);
  }
}
