/** One row of a list: a URL, and what stands beside it. */
export interface ListRow {
  /** Its place in the whole list, from 0: shard and key follow from it, so that they are the same at every run. */
  readonly index: number;
  readonly url: string;
  /** The caption column's value; null where there is none. */
  readonly caption: string | null;
  /** The other columns that are kept in the metadata, by name: strings, numbers, booleans or null. */
  readonly columns: Readonly<Record<string, Cell>>;
  /** Why the line could not be read: the row is then one with a reason, and its URL is what stood there ('' where nothing did). */
  readonly problem?: string;
}

/** A value of a list's column. */
export type Cell = string | number | bigint | boolean | null;
