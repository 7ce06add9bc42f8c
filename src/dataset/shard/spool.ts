import { rm } from 'node:fs/promises';
import { AppendFile } from './append-file.js';
import { pictureColumn } from './columns.js';
import type { DataFormat, DataPart, Entry } from './data-part.js';
import type { StoredPicture } from './journal-line.js';
import { keyOf } from './key.js';
import { digitsOf, partOf } from './layout.js';
import { Table } from './table-reader.js';

/** Format `parquet`: the pictures are a column of the table. Its rows stand in the order of the list, so that they wait in a spool until the last one came. */
export const spool: DataFormat = {
  open: (paths) => new SpoolPart(AppendFile.open(partOf(paths.spool))),

  async adopt(paths, layout) {
    const found = new Map<string, StoredPicture>();
    const digits = digitsOf(layout);
    const shard = Number(paths.name);
    const table = await Table.open(paths.table);
    const part = new SpoolPart(AppendFile.create(partOf(paths.spool)));
    try {
      for await (const [place, bytes] of table.pictures(pictureColumn(layout)))
        found.set(keyOf(shard, place, digits), part.append(bytes));
    } catch (error) {
      part.close();
      throw error;
    } finally {
      await table.close();
    }
    return { part, find: (key) => found.get(key) };
  },

  /** It is the table that gets a name. */
  publish: async () => {},

  discard: ({ spool }) => rm(partOf(spool), { force: true }),
};

class SpoolPart implements DataPart {
  constructor(private readonly file: AppendFile) {}

  put({ picture }: Entry): StoredPicture {
    return this.append(picture.bytes, picture.extension);
  }

  append(bytes: Uint8Array, extension = ''): StoredPicture {
    const offset = this.file.append(bytes);
    return { extension, offset, length: bytes.length, end: this.file.length };
  }

  holds(_key: string, { end }: StoredPicture): boolean {
    return end <= this.file.length;
  }

  cut(end: number): void {
    this.file.cut(end);
  }

  sync(): Promise<void> {
    return this.file.sync();
  }

  /** The table is written from what was written here: it need not reach the disk. */
  async complete(): Promise<void> {}

  read({ offset, length }: StoredPicture): Uint8Array {
    return this.file.read(offset, length);
  }

  close(): void {
    this.file.close();
  }
}
