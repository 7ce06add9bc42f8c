import type { ListRow } from '../row.js';
import { LineSplitter, type Piece } from './lines.js';
import type { RowMaker } from './row-maker.js';
import type { TextReader } from './text-reader.js';

/** A URL a line. Blank lines are passed over, and nothing else: a line that begins with `#` is one that is no URL. */
export class TxtReader implements TextReader {
  readonly #lines = new LineSplitter();

  constructor(private readonly maker: RowMaker) {}

  push(data: Buffer): ListRow[] {
    return this.#rows(this.#lines.push(data));
  }

  end(): ListRow[] {
    return this.#rows(this.#lines.end());
  }

  broken(): ListRow[] {
    return [];
  }

  #rows(lines: readonly Piece[]): ListRow[] {
    const rows: ListRow[] = [];
    for (const { place, text, problem } of lines) {
      const url = text.trim();
      if (problem !== null) rows.push(this.maker.bad(place, problem, url));
      else if (url !== '') rows.push(this.maker.row(place, url));
    }
    return rows;
  }
}
