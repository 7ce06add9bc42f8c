import { setImmediate as turn } from 'node:timers/promises';
import type { Cell } from '../row.js';
import { columnsOf, pictureColumn } from './columns.js';
import type { JournalEntry, StoredPicture } from './journal-line.js';
import { keyOf } from './key.js';
import { digitsOf, type Layout } from './layout.js';
import type { ListTypes } from './list-types.js';
import { ParquetFile, type TableColumn } from './parquet-file.js';

/** A row group has at most so many rows, and pictures of so many bytes (or one that is larger): it is what is in memory at a time. */
const GROUP_ROWS = 1000;
const GROUP_BYTES = 8 * 1024 * 1024;

/** Whose table it is. */
export interface TableOf {
  readonly shard: number;
  readonly layout: Layout;
  readonly types: ListTypes;
  /** Every row, in the order of the list. */
  readonly entries: Iterable<JournalEntry>;
  /** Gives a picture, where the table has them. */
  readonly read: ((stored: StoredPicture) => Uint8Array) | undefined;
}

/** Writes a shard's metadata, failures included, and in the format `parquet` its pictures. Resolves when it is on the disk. */
export async function writeTable(
  path: string,
  { shard, layout, types, entries, read }: TableOf,
): Promise<void> {
  const columns = columnsOf(layout);
  const digits = digitsOf(layout);
  const written: TableColumn[] = columns.map((column) => ({ name: column.name, type: types.of(column) }));
  if (read !== undefined) written.push({ name: pictureColumn(layout), type: 'bytes' });
  const file = new ParquetFile(path, written);
  try {
    let group = newGroup(written.length);
    let bytes = 0;
    for (const { place, outcome, stored } of entries) {
      if (group[0]!.length === GROUP_ROWS || (bytes > 0 && bytes + (stored?.length ?? 0) > GROUP_BYTES)) {
        file.add(group);
        group = newGroup(written.length);
        bytes = 0;
        // The thread has transfers to look after.
        await turn();
      }
      const key = keyOf(shard, place, digits);
      // By index: entries() would make three objects a cell.
      for (let i = 0; i < columns.length; i++) group[i]!.push(columns[i]!.of(outcome, key));
      if (read === undefined) continue;
      group[columns.length]!.push(stored === null ? null : read(stored));
      bytes += stored?.length ?? 0;
    }
    if (group[0]!.length > 0) file.add(group);
    await file.finish();
  } finally {
    file.close();
  }
}

function newGroup(columns: number): (Cell | Uint8Array)[][] {
  return Array.from({ length: columns }, () => []);
}
