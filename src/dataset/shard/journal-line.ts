/**
 * The lines of a journal. What JSON has no form for is written as an object, which no cell is: an integer of any size, and a number that
 * is none.
 */

import type { Outcome } from '../outcome.js';
import type { Cell } from '../row.js';

/** Where the picture of a row lies. */
export interface StoredPicture {
  /** Without a dot. */
  readonly extension: string;
  /** Of the picture's own bytes in the tar or the spool, in bytes; 0 where it is a file of its own. */
  readonly offset: number;
  readonly length: number;
  /** How long the tar or the spool is with it and all that belongs to it; 0 where it is a file of its own. */
  readonly end: number;
}

/** A row that is done with. */
export interface JournalEntry {
  /** The row's place in its shard, from 0. */
  readonly place: number;
  readonly outcome: Outcome;
  /** Null where the row has no picture. */
  readonly stored: StoredPicture | null;
}

/** The first line: which shard of which run it is. */
export interface JournalHeader {
  readonly journal: 1;
  readonly format: string;
  readonly shard: number;
  readonly rows: number;
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly began: number;
}

export type JournalLine =
  | JournalHeader
  | JournalEntry
  /** A start of the system: what follows, up to the next such line, was written in it. Null where the system does not tell. */
  | { readonly boot: string | null }
  /** The rows of the journal's first so many bytes are on the disk, with their pictures. */
  | { readonly durable: number }
  /** All that the finished shard needs is on the disk, and only has to get its name. */
  | { readonly committed: true };

/** The text of a line, its end included. */
export function lineOf(line: JournalLine): string {
  return `${JSON.stringify('outcome' in line ? writable(line) : line)}\n`;
}

/** A line again; undefined where `text` is no whole one. */
export function parsedLine(text: string): JournalLine | undefined {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return undefined; // Cut off by a kill, or never written by a power cut.
  }
  if (typeof line !== 'object' || line === null) return undefined;
  return 'outcome' in line ? readable(line as JournalEntry) : (line as JournalLine);
}

type WrittenCell = Exclude<Cell, bigint> | { readonly bigint: string } | { readonly number: string };

function writable(entry: JournalEntry): unknown {
  const { row } = entry.outcome;
  if (Object.values(row.columns).every((cell) => written(cell) === cell)) return entry;
  return { ...entry, outcome: { ...entry.outcome, row: { ...row, columns: mapped(row.columns, written) } } };
}

function readable(entry: JournalEntry): JournalEntry {
  const { row } = entry.outcome;
  const columns = mapped(row.columns as Readonly<Record<string, WrittenCell>>, read);
  return { ...entry, outcome: { ...entry.outcome, row: { ...row, columns } } };
}

/** Object.fromEntries defines what a literal would set: a column may be called `__proto__`. */
function mapped<T, U>(columns: Readonly<Record<string, T>>, of: (cell: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(columns).map(([name, cell]) => [name, of(cell)]));
}

function written(cell: Cell): WrittenCell {
  if (typeof cell === 'bigint') return { bigint: String(cell) };
  return typeof cell === 'number' && !Number.isFinite(cell) ? { number: String(cell) } : cell;
}

function read(cell: WrittenCell): Cell {
  if (typeof cell !== 'object' || cell === null) return cell;
  return 'bigint' in cell ? BigInt(cell.bigint) : Number(cell.number);
}
