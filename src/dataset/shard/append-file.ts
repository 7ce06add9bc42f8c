import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { sync } from '../../save/sync.js';
import { writeFailed } from '../../save/write-failed.js';

/**
 * A file that grows at its end. It is written by position: what a failed write left behind the end is written over, or cut off. Writes are
 * synchronous (docs/decisions/0003-writes-are-synchronous.md). Throws `write-failed`.
 */
export class AppendFile {
  #length: number;
  #open = true;

  private constructor(
    readonly path: string,
    private readonly fd: number,
  ) {
    this.#length = fstatSync(fd).size;
  }

  /** An empty file, in the place of any that has the name. */
  static create(path: string): AppendFile {
    return AppendFile.#opened(path, constants.O_TRUNC);
  }

  /** The file with all that it holds; an empty one where there is none. */
  static open(path: string): AppendFile {
    return AppendFile.#opened(path, 0);
  }

  static #opened(path: string, flags: number): AppendFile {
    return attempt(path, () => {
      const how = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | flags;
      return new AppendFile(path, openSync(path, how, 0o666));
    });
  }

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** Writes the pieces one after the other; gives the offset of the first. */
  append(...pieces: readonly Uint8Array[]): number {
    const at = this.#length;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    attempt(this.path, () => {
      const written = writevSync(this.fd, pieces, at);
      if (written < length) this.#writeRest(Buffer.concat(pieces), written);
    });
    this.#length += length;
    return at;
  }

  /** The bytes from `offset` on; fewer than `length` where the file ends before. */
  read(offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.#length - offset)));
    attempt(this.path, () => {
      for (let at = 0; at < buffer.length; ) {
        const read = readSync(this.fd, buffer, at, buffer.length - at, offset + at);
        if (read === 0) throw new Error('it became shorter meanwhile');
        at += read;
      }
    });
    return buffer;
  }

  /** Takes away what lies behind the first `length` bytes. */
  cut(length: number): void {
    attempt(this.path, () => ftruncateSync(this.fd, length));
    this.#length = length;
  }

  /** Resolves when all that was written is on the disk. */
  async sync(): Promise<void> {
    try {
      await sync(this.fd);
    } catch (error) {
      throw writeFailed(this.path, error);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.fd);
  }

  /** A full disk takes a part first, and says so only when it is asked to take the rest. */
  #writeRest(bytes: Buffer, written: number): void {
    for (let at = written; at < bytes.length; )
      at += writeSync(this.fd, bytes, at, bytes.length - at, this.#length + at);
  }
}

/** Does `work` on the file at `path`; throws `write-failed` where the system refuses. */
export function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeFailed(path, error);
  }
}
