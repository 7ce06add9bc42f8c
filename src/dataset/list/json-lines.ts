import type { ListRow } from '../row.js';
import type { JsonValues } from './json-values.js';
import { LineSplitter, type Piece } from './lines.js';
import type { TextReader } from './text-reader.js';

/** JSON Lines (and NDJSON, which is the same): an object or a string a line. Blank lines are passed over. */
export class JsonLinesReader implements TextReader {
  readonly #lines = new LineSplitter();

  constructor(private readonly values: JsonValues) {}

  push(data: Buffer): ListRow[] {
    return this.values.push(this.#lines.push(data).filter(isWritten));
  }

  end(): ListRow[] {
    return [...this.values.push(this.#lines.end().filter(isWritten)), ...this.values.flush()];
  }

  broken(): ListRow[] {
    return this.values.flush();
  }
}

function isWritten({ text, problem }: Piece): boolean {
  return problem !== null || text.trim() !== '';
}
