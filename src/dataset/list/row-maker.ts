import type { Cell, ListRow } from '../row.js';
import { cellOf } from './cell.js';

/** What each row of a list has that keeps no column. */
const NO_COLUMNS: Readonly<Record<string, Cell>> = Object.freeze({});

/** Counts the rows of a whole list through, over all its files. */
export interface RowCounter {
  next: number;
}

/** Makes the rows of one file: a row that can't be used is made too, with its problem. */
export class RowMaker {
  constructor(
    private readonly counter: RowCounter,
    /** The file's, for a place that a person finds again: `urls.csv, line 17`. */
    private readonly name: string,
    private readonly unit: 'line' | 'element' | 'row',
    /** The names of the columns that are kept. */
    private readonly kept: readonly string[] = [],
  ) {}

  /** The row at `place`; `kept` holds the values of the columns that are kept, in their order. */
  row(place: number, url: unknown, caption: unknown = null, kept: readonly unknown[] = []): ListRow {
    if (typeof url !== 'string') return this.bad(place, noUrl(url));
    const trimmed = url.trim();
    if (trimmed === '') return this.bad(place, 'the URL is empty');
    if (trimmed.includes('\0')) return this.bad(place, 'a NUL in the URL', trimmed);
    try {
      const columns = this.kept.length === 0 ? NO_COLUMNS : this.#columns(kept);
      const row = { index: this.counter.next, url: trimmed, caption: captionOf(caption), columns };
      this.counter.next++;
      return row;
    } catch (error) {
      if (error instanceof RangeError) return this.bad(place, 'a value is nested too deeply', trimmed);
      throw error;
    }
  }

  /** A row that is none: why, and the URL where one stood there. */
  bad(place: number, problem: string, url = ''): ListRow {
    return {
      index: this.counter.next++,
      url,
      caption: null,
      columns: NO_COLUMNS,
      problem: `${this.name}, ${this.unit} ${place}: ${problem}`,
    };
  }

  #columns(values: readonly unknown[]): Readonly<Record<string, Cell>> {
    const columns: Record<string, Cell> = {};
    for (const [index, name] of this.kept.entries()) {
      const value = cellOf(values[index]);
      // Set as any other property, it would be the prototype.
      if (name === '__proto__') Object.defineProperty(columns, name, { value, enumerable: true });
      else columns[name] = value;
    }
    return columns;
  }
}

function noUrl(value: unknown): string {
  if (value === null || value === undefined) return 'there is no URL';
  if (typeof value === 'number' || typeof value === 'bigint') return 'the URL is a number';
  return 'the URL is no string';
}

function captionOf(value: unknown): string | null {
  const cell = cellOf(value);
  return cell === null ? null : String(cell);
}
