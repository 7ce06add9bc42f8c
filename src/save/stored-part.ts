import { closeSync, constants, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors.js';
import { FileSink, partOf } from './file-sink.js';
import { bootId, type PartRecord, readRecord, recordPath, removeRecord } from './part-record.js';
import { removeFile } from './remove-file.js';
import { writeFailed } from './write-failed.js';

const PIECE_BYTES = 1024 * 1024;
const RECORD_NAME = recordPath('.part');

/** A `FILE.part` that an earlier run left, with what tells which body it is of. */
export class StoredPart {
  private constructor(
    readonly path: string,
    /** What lies there. */
    readonly bytes: number,
    private readonly record: PartRecord,
  ) {}

  /** The part of `file`, if it is one of `url` and can be believed. */
  static at(file: string, url: string): StoredPart | undefined {
    return StoredPart.#believed(partOf(file), url);
  }

  /** A part in `directory` that was left under a name which sluice chose for `url`. */
  static forUrl(directory: string, url: string): StoredPart | undefined {
    for (const name of namesIn(directory)) {
      if (!name.endsWith(RECORD_NAME)) continue;
      const part = StoredPart.#believed(join(directory, name.slice(0, -recordPath('').length)), url);
      if (part?.record.chosen) return part;
    }
    return undefined;
  }

  static #believed(path: string, url: string): StoredPart | undefined {
    const record = readRecord(path);
    if (record === undefined || record.url !== url || record.boot !== bootId()) return undefined;
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined || !there.isFile() || there.ino !== record.inode || there.size === 0)
      return undefined;
    if (record.total !== undefined && there.size > record.total) return undefined;
    return new StoredPart(path, there.size, record);
  }

  get validator(): string {
    return this.record.validator;
  }

  get total(): number | undefined {
    return this.record.total;
  }

  /** The bytes that lie there, in order, in pieces that are valid until the next. */
  *read(): Generator<Buffer> {
    let fd: number | undefined;
    try {
      fd = openSync(this.path, constants.O_RDONLY | constants.O_NOFOLLOW);
      const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, this.bytes));
      for (let at = 0; at < this.bytes; ) {
        const length = readSync(fd, buffer, 0, Math.min(buffer.length, this.bytes - at), at);
        if (length === 0) throw new Error('it became shorter meanwhile');
        at += length;
        yield buffer.subarray(0, length);
      }
    } catch (error) {
      throw writeFailed(this.path, error);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /** It is of no use any more. */
  remove(): void {
    removeRecord(this.path);
    removeFile(this.path);
  }

  /** The sink that goes on behind what lies there. `always`: keep it however it ends. */
  open(always: boolean): FileSink {
    return FileSink.goOn(this.path, this.bytes, this.record, always);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw writeFailed(directory, error);
  }
}
