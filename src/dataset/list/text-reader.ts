import type { ListRow } from '../row.js';

/**
 * Reads one file of a list that is text: UTF-8 in, rows out, the same however the bytes are split. A failure is thrown only after the rows before
 * it were given: by the call after.
 */
export interface TextReader {
  /** The rows that `data` makes whole. */
  push(data: Buffer): ListRow[];
  /** The rows that the end of the file makes whole. */
  end(): ListRow[];
  /** The rows that are whole and were not given yet, where the file broke off or failed. */
  broken(): ListRow[];
}
