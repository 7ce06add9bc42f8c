import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BodySink, Taken } from '../body/sink.js';
import { SluiceError, systemCode } from '../errors.js';
import { numbered } from './file-name.js';
import { exists, linkToFreeName, MOST_NAMES } from './free-name.js';
import { bootId, type PartIdentity, type PartRecord, removeRecord, writeRecord } from './part-record.js';
import { removeFile } from './remove-file.js';
import { sync, syncDirectory } from './sync.js';
import { writeFailed } from './write-failed.js';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** What the name of an unfinished file ends in. */
const PART = '.part';

/** A part of fewer bytes is fetched again sooner than it is looked for. */
const WORTH_KEEPING_BYTES = 1024 * 1024;

/** What of an interrupted body is kept for a later run. */
export interface Keeping {
  /** Which body it is; undefined where a later run could not go on with it, and nothing is kept. */
  readonly identity: PartIdentity | undefined;
  /** Keep it however little came. */
  readonly always: boolean;
}

const KEEP_NOTHING: Keeping = { identity: undefined, always: false };

/**
 * A regular file that appears under its name only when it is whole: until then it is `NAME.part`. Writes are synchronous: from the
 * receive buffer to the page cache with no copy and no wait (docs/decisions/0003-writes-are-synchronous.md). The name is given when the
 * bytes are on the disk.
 */
export class FileSink implements BodySink {
  file: string | undefined;

  #open = true;
  /** Where the next byte goes. Written by position, two runs that go on with one body put the same bytes in the same places. */
  #position: number;
  #recorded: boolean;
  #unrecordable = false;

  private constructor(
    private readonly part: string,
    private readonly fd: number,
    private readonly keeping: Keeping,
    /** sluice chose the name: no file is ever replaced by it. */
    private readonly chosen: boolean,
    /** Gives the part its name, and tells it. */
    private readonly giveName: () => string,
    position = 0,
  ) {
    this.#position = position;
    this.#recorded = position > 0;
  }

  /**
   * Writes to `path`, over an older file when the new one is whole. A `.part` that a killed run left is replaced; a symbolic link stays,
   * and the file that it leads to is replaced.
   */
  static at(path: string, keeping: Keeping = KEEP_NOTHING): FileSink {
    return attempt(path, () => {
      if (isDirectory(path)) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
      const part = partOf(path);
      removeRecord(part);
      removeIfThere(part);
      return new FileSink(part, openSync(part, CREATE, 0o666), keeping, false, () => renamed(part, path));
    });
  }

  /** Writes to a new file in `directory` called `name`, or `name.1`, `name.2`, ... : never over another, not even one that appears meanwhile. */
  static newIn(directory: string, name: string, keeping: Keeping = KEEP_NOTHING): FileSink {
    for (let n = 0; n < MOST_NAMES; n++) {
      const path = join(directory, numbered(name, n));
      try {
        if (exists(path)) continue;
        const part = path + PART;
        const fd = openSync(part, CREATE, 0o666);
        return new FileSink(part, fd, keeping, true, () => linkToFreeName(part, directory, name, n));
      } catch (error) {
        // Somebody is writing that very file, or was when it was killed.
        if (systemCode(error) !== 'EEXIST') throw writeFailed(path, error);
      }
    }
    throw new SluiceError(
      'write-failed',
      `${JSON.stringify(join(directory, name))} and ${MOST_NAMES} numbered names are all taken.`,
    );
  }

  /** Goes on behind the first `bytes` bytes of a part that an earlier run left with this record. Throws where it was replaced meanwhile. */
  static goOn(part: string, bytes: number, record: PartRecord, always: boolean): FileSink {
    const path = part.slice(0, -PART.length);
    return attempt(path, () => {
      const fd = openSync(part, constants.O_WRONLY | constants.O_NOFOLLOW);
      const giveName = () =>
        record.chosen ? linkToFreeName(part, dirname(path), basename(path), 0) : renamed(part, path);
      const sink = new FileSink(part, fd, { identity: record, always }, record.chosen, giveName, bytes);
      if (fstatSync(fd).ino === record.inode) return sink;
      sink.#close();
      throw sink.#replaced();
    });
  }

  get stored(): string {
    return this.part;
  }

  write(data: Buffer): Taken {
    try {
      // A body of one piece is whole or nothing a moment later.
      if (this.#position > 0) this.#record();
      for (let at = 0; at < data.length; )
        at += writeSync(this.fd, data, at, data.length - at, this.#position + at);
      this.#position += data.length;
    } catch (error) {
      throw writeFailed(this.part, error);
    }
    return undefined;
  }

  async commit(): Promise<void> {
    try {
      await this.#sync();
      if (!this.#open) return;
      if (!this.#isOurs()) throw this.#replaced();
      this.#close();
      this.file = this.giveName();
      if (this.#recorded) removeRecord(this.part);
      await syncDirectory(dirname(this.file));
    } catch (error) {
      if (this.#open) this.abort();
      else if (this.file === undefined) removeIfThere(this.part);
      throw error instanceof SluiceError ? error : writeFailed(this.part, error);
    }
  }

  abort(): void {
    const ours = this.#open && this.#isOurs();
    this.#close();
    if (!ours) return;
    if (this.#recorded) removeRecord(this.part);
    removeIfThere(this.part);
  }

  suspend(): string | undefined {
    const { identity, always } = this.keeping;
    const worthIt = this.#position > 0 && (always || this.#position >= WORTH_KEEPING_BYTES);
    if (identity !== undefined && worthIt && this.#open && this.#isOurs()) this.#record();
    if (!this.#recorded || !worthIt) {
      this.abort();
      return undefined;
    }
    this.#close();
    return this.part;
  }

  async #sync(): Promise<void> {
    try {
      await sync(this.fd);
    } catch (error) {
      // Aborted meanwhile, it is closed.
      if (this.#open) throw error;
    }
  }

  #record(): void {
    const { identity } = this.keeping;
    if (this.#recorded || this.#unrecordable || identity === undefined) return;
    const { chosen } = this;
    try {
      writeRecord(this.part, { ...identity, chosen, inode: fstatSync(this.fd).ino, boot: bootId() });
      this.#recorded = true;
    } catch (error) {
      // The record's name is longer than the part's: where it does not fit, there is none.
      if (systemCode(error) !== 'ENAMETOOLONG') throw error;
      this.#unrecordable = true;
    }
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.fd);
  }

  /** Another run that writes to the same path may have replaced our `.part`: renaming its half file would be a lie. */
  #isOurs(): boolean {
    const ours = fstatSync(this.fd);
    const there = lstatSync(this.part, { throwIfNoEntry: false });
    return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
  }

  #replaced(): SluiceError {
    return new SluiceError(
      'write-failed',
      `${JSON.stringify(this.part)} vanished or was replaced while it was written.`,
    );
  }
}

/** Where the body of `path` is written until it is whole; symbolic links are followed, so that the file they lead to is what is replaced. */
export function partOf(path: string): string {
  return behindLinks(path) + PART;
}

function renamed(part: string, shownPath: string): string {
  renameSync(part, part.slice(0, -PART.length));
  return shownPath;
}

/** Whether `path` exists and is no regular file: such an output (a device, a FIFO) is written to directly. */
export function isSpecial(path: string): boolean {
  return attempt(path, () => {
    const there = statSync(path, { throwIfNoEntry: false });
    return there !== undefined && !there.isFile() && !there.isDirectory();
  });
}

/** The file itself: to put another in place of the link (of /dev/stdout, say) would be no service. */
function behindLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return path;
    throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function removeIfThere(path: string): void {
  try {
    removeFile(path);
  } catch (error) {
    throw writeFailed(dirname(path), error);
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SluiceError ? error : writeFailed(path, error);
  }
}
