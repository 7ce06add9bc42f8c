import { open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { reasonOf, SluiceError } from '../../errors.js';

type FileHandle = Awaited<ReturnType<typeof open>>;

/** Rows that are read at once where pictures are not among them. */
const BATCH_ROWS = 1000;

/** A finished shard's table, read again. Throws `option-invalid` where it is none of ours. */
export class Table {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly file: AsyncBuffer,
    private readonly metadata: FileMetaData,
  ) {}

  static async open(path: string): Promise<Table> {
    const handle = await open(path);
    try {
      const file = await bufferOf(handle);
      return new Table(path, handle, file, await parquetMetadataAsync(file));
    } catch (error) {
      await handle.close();
      throw unreadable(path, error);
    }
  }

  get rows(): number {
    return Number(this.metadata.num_rows);
  }

  /** Every row's values of these columns, with its place. */
  async *records(
    columns: readonly string[],
  ): AsyncGenerator<[place: number, values: Record<string, unknown>]> {
    for (let from = 0; from < this.rows; from += BATCH_ROWS) {
      const rows = await this.#read(columns, from, Math.min(this.rows, from + BATCH_ROWS));
      for (const [i, row] of rows.entries()) yield [from + i, row];
    }
  }

  /** Every picture, with its row's place; a row group at a time. */
  async *pictures(column: string): AsyncGenerator<[place: number, bytes: Uint8Array]> {
    let from = 0;
    for (const group of this.metadata.row_groups) {
      const rows = await this.#read([column], from, from + Number(group.num_rows));
      for (const [i, row] of rows.entries()) {
        const bytes = row[column];
        if (bytes instanceof Uint8Array) yield [from + i, bytes];
      }
      from += rows.length;
    }
  }

  /** The picture of one row; reads the pages that it lies in. */
  async picture(column: string, place: number): Promise<Uint8Array | undefined> {
    const [row] = await this.#read([column], place, place + 1);
    const bytes = row?.[column];
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  async #read(columns: readonly string[], rowStart: number, rowEnd: number) {
    const { file, metadata } = this;
    try {
      const what = { columns: [...columns], rowStart, rowEnd, utf8: false, useOffsetIndex: true };
      return await parquetReadObjects({ file, metadata, ...what });
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new Error('it became shorter meanwhile');
        at += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

function unreadable(path: string, error: unknown): SluiceError {
  const says = `${JSON.stringify(path)} can't be read as a shard's table: ${reasonOf(error)}.`;
  return new SluiceError('option-invalid', says, { cause: error });
}
