/**
 * The metadata of a row: the columns of the table, and the members of KEY.json. First what the list says, then img2dataset's own columns under
 * its names, then ours.
 */

import type { Outcome } from '../outcome.js';
import type { Cell, ListRow } from '../row.js';
import type { Layout } from './layout.js';

export type ColumnType = 'boolean' | 'int32' | 'int64' | 'double' | 'string';

export interface Column {
  readonly name: string;
  /** Undefined for a column of the list: its values may tell more than the list does. */
  readonly type: ColumnType | undefined;
  /** Its name in the list, where it is one that is kept of it. */
  readonly listName?: string;
  readonly of: (outcome: Outcome, key: string) => Cell;
}

const URL: Column = { name: 'url', type: 'string', of: ({ row }) => row.url };
const CAPTION: Column = { name: 'caption', type: 'string', of: ({ row }) => row.caption };

const OUTCOME: readonly Column[] = [
  { name: 'key', type: 'string', of: (_, key) => key },
  { name: 'status', type: 'string', of: ({ status }) => status },
  { name: 'error_message', type: 'string', of: ({ errorMessage }) => errorMessage },
  { name: 'width', type: 'int32', of: ({ width }) => int32(width) },
  { name: 'height', type: 'int32', of: ({ height }) => int32(height) },
  { name: 'original_width', type: 'int32', of: ({ originalWidth }) => int32(originalWidth) },
  { name: 'original_height', type: 'int32', of: ({ originalHeight }) => int32(originalHeight) },
  { name: 'sha256', type: 'string', of: ({ sha256 }) => sha256 },
  { name: 'code', type: 'string', of: ({ code }) => code },
  { name: 'phase', type: 'string', of: ({ phase }) => phase },
  { name: 'http_status', type: 'int32', of: ({ httpStatus }) => int32(httpStatus) },
  { name: 'attempts', type: 'int32', of: ({ attempts }) => int32(attempts) },
  { name: 'ms', type: 'double', of: ({ ms }) => ms },
  { name: 'final_url', type: 'string', of: ({ finalUrl }) => finalUrl },
  { name: 'address', type: 'string', of: ({ address }) => address },
  { name: 'media_type', type: 'string', of: ({ mediaType }) => mediaType },
  { name: 'bytes', type: 'int64', of: ({ bytes }) => bytes },
];

/** All of them, in their order, but for the pictures. */
export function columnsOf(layout: Layout): readonly Column[] {
  const list = layout.captions ? [URL, CAPTION] : [URL];
  // Readers of tables (DuckDB, SQL in general) take names that differ in case only for the same.
  // And `__proto__` is no name to readers in JavaScript.
  const taken = new Set(['__proto__', ...[URL, CAPTION, ...OUTCOME].map(({ name }) => name)]);
  if (layout.format === 'parquet') taken.add(pictureColumn(layout));
  const kept = layout.columns.map(({ name: listName }): Column => {
    let name = listName;
    while (name === '' || taken.has(name.toLowerCase())) name = `list_${name}`;
    taken.add(name.toLowerCase());
    return { name, type: undefined, listName, of: ({ row }) => cellOf(row, listName) };
  });
  return [...list, ...kept, ...OUTCOME];
}

/** A row's value of a column of the list; null where it has none. */
export function cellOf(row: ListRow, name: string): Cell {
  // Not by ?? alone: every object has a `constructor`.
  return Object.hasOwn(row.columns, name) ? row.columns[name]! : null;
}

/**
 * The column of the pictures in the format `parquet`: as img2dataset has it, named by what they are encoded in, and `jpg` where they are kept as they came,
 * whatever they are (`media_type` tells).
 */
export function pictureColumn(layout: Layout): string {
  return layout.encode ?? 'jpg';
}

/** Gives the text of KEY.json, set as img2dataset sets it. */
export function metadataJson(columns: readonly Column[]): (outcome: Outcome, key: string) => string {
  const labelled = columns.map(({ name, of }) => ({ label: `    ${JSON.stringify(name)}: `, of }));
  return (outcome, key) => {
    let members = '';
    for (const { label, of } of labelled) {
      if (members !== '') members += ',\n';
      members += label + jsonOf(of(outcome, key));
    }
    return `{\n${members}\n}`;
  };
}

/** JSON numbers may be of any size, but JSON.stringify takes no bigint. */
function jsonOf(cell: Cell): string {
  return typeof cell === 'bigint' ? String(cell) : JSON.stringify(cell);
}

/** What an untrue header says can be beyond any picture, and beyond img2dataset's type: it is then told of as unknown. */
function int32(value: number | null): number | null {
  return value !== null && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : null;
}
