import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BodySink, Taken } from '../body/sink.js';
import { SluiceError, systemCode } from '../errors.js';
import { numbered } from './file-name.js';
import { writeFailed } from './write-failed.js';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** How many names are tried before giving up. */
const MOST_NAMES = 10_000;

/**
 * A regular file that appears under its name only when it is whole: until then it is `NAME.part`. Writes are synchronous: from the
 * receive buffer to the page cache with no copy and no wait (docs/decisions/0003-writes-are-synchronous.md).
 */
export class FileSink implements BodySink {
  file: string | undefined;

  #fd: number;
  #open = true;

  private constructor(
    private readonly part: string,
    fd: number,
    private readonly finish: (part: string) => string,
  ) {
    this.#fd = fd;
  }

  /**
   * Writes to `path`, over an older file when the new one is whole. A `.part` that a killed run left is replaced; a symbolic link stays,
   * and the file that it leads to is replaced.
   */
  static at(path: string): FileSink {
    return attempt(path, () => {
      if (isDirectory(path)) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
      const target = behindLinks(path);
      const part = `${target}.part`;
      removeIfThere(part);
      return new FileSink(part, openSync(part, CREATE, 0o666), () => {
        renameSync(part, target);
        return path;
      });
    });
  }

  /** Writes to a new file in `directory` called `name`, or `name.1`, `name.2`, ... : never over another, not even one that appears meanwhile. */
  static newIn(directory: string, name: string): FileSink {
    for (let n = 0; n < MOST_NAMES; n++) {
      const path = join(directory, numbered(name, n));
      try {
        if (exists(path)) continue;
        const fd = openSync(`${path}.part`, CREATE, 0o666);
        return new FileSink(`${path}.part`, fd, (part) => linkToFreeName(part, directory, name, n));
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

  get stored(): string {
    return this.part;
  }

  write(data: Buffer): Taken {
    try {
      let at = 0;
      while (at < data.length) at += writeSync(this.#fd, data, at);
    } catch (error) {
      throw writeFailed(this.part, error);
    }
    return undefined;
  }

  commit(): Taken {
    try {
      this.#assertOurs();
      this.#close();
      this.file = this.finish(this.part);
    } catch (error) {
      if (this.#open) this.abort();
      else removeIfThere(this.part);
      throw error instanceof SluiceError ? error : writeFailed(this.part, error);
    }
    return undefined;
  }

  abort(): void {
    const ours = this.#open && this.#isOurs();
    this.#close();
    if (ours) removeIfThere(this.part);
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#fd);
  }

  /** Another run that writes to the same path may have replaced our `.part`: renaming its half file would be a lie. */
  #assertOurs(): void {
    if (this.#isOurs()) return;
    throw new SluiceError(
      'write-failed',
      `${JSON.stringify(this.part)} vanished or was replaced while it was written.`,
    );
  }

  #isOurs(): boolean {
    const ours = fstatSync(this.#fd);
    const there = lstatSync(this.part, { throwIfNoEntry: false });
    return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
  }
}

/** Gives `part` its final name without replacing anything: link(2) fails where rename(2) would replace. */
function linkToFreeName(part: string, directory: string, name: string, from: number): string {
  for (let n = from; n < MOST_NAMES; n++) {
    const path = join(directory, numbered(name, n));
    try {
      linkSync(part, path);
      unlinkSync(part);
      return path;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') continue;
      // File systems without hard links (FAT, some network mounts): the look before the rename is the best there is.
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
      if (exists(path)) continue;
      renameSync(part, path);
      return path;
    }
  }
  throw new SluiceError(
    'write-failed',
    `${JSON.stringify(join(directory, basename(name)))} and its numbered names are all taken.`,
  );
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

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw writeFailed(dirname(path), error);
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SluiceError ? error : writeFailed(path, error);
  }
}
