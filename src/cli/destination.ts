import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Offer } from '../body/sink.js';
import { SluiceError, systemCode } from '../errors.js';
import { keepingOf, toFile } from '../retrieval/file-target.js';
import type { Target } from '../retrieval/transfer.js';
import { chooseFileName } from '../save/file-name.js';
import { FileSink, isSpecial } from '../save/file-sink.js';
import { StoredPart } from '../save/stored-part.js';
import { writeFailed } from '../save/write-failed.js';
import type { GetFlags } from './get-options.js';
import type { Output } from './output.js';
import { StdoutSink } from './stdout-sink.js';

/** Where `get` takes a body, and whether standard output is then the body's. `onChosen` is told before the first byte of it. */
export function getTarget(
  flags: GetFlags,
  output: Output,
  onChosen: (bodyOnStdout: boolean) => void,
): Target {
  const directory = flags.dir ?? '.';
  const resume = flags.continue === true;
  return {
    destination: (offer) => {
      const stdout = goesToStdout(flags, offer);
      onChosen(stdout);
      if (stdout) return toStdout(flags, output, offer);
      if (flags.output !== undefined) return toFile(flags.output, resume)(offer);
      makeDirectory(directory);
      return FileSink.newIn(directory, chooseFileName(offer), keepingOf(offer, resume));
    },
    findPart: (url) => (resume ? partFor(flags.output, directory, url) : undefined),
  };
}

function partFor(file: string | undefined, directory: string, url: string): StoredPart | undefined {
  if (file === undefined) return StoredPart.forUrl(directory, url);
  return file === '-' || isSpecial(file) ? undefined : StoredPart.at(file, url);
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
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  try {
    // Alone first: where a file system is read-only, the recursive call says that the directory does not exist.
    mkdirSync(directory);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw writeFailed(directory, error);
    makeDirectory(dirname(directory));
    makeDirectory(directory);
  }
}
