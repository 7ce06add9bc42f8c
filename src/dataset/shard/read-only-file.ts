import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from '../../errors.js';

/** A file that others may be writing, or may have given another name. */
export class ReadOnlyFile {
  private constructor(private readonly fd: number) {}

  /** Undefined where there is none. */
  static open(path: string): ReadOnlyFile | undefined {
    try {
      return new ReadOnlyFile(openSync(path, 'r'));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** In bytes, at present. */
  get length(): number {
    return fstatSync(this.fd).size;
  }

  /** The bytes from `offset` on; fewer than `length` where the file ends before. */
  read(offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    let at = 0;
    while (at < length) {
      const read = readSync(this.fd, buffer, at, length - at, offset + at);
      if (read === 0) break;
      at += read;
    }
    return buffer.subarray(0, at);
  }

  close(): void {
    closeSync(this.fd);
  }
}
