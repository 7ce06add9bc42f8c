import type { ListRow } from '../row.js';
import { type Places, placesOf, type Wanted } from './columns.js';
import { LineSplitter, type Piece } from './lines.js';
import { RecordAssembler } from './records.js';
import type { RowMaker } from './row-maker.js';
import type { TextReader } from './text-reader.js';
import { unreadable } from './unreadable.js';

/** CSV and TSV: the first record names the columns, each other one is a row. */
export class DelimitedReader implements TextReader {
  readonly #lines = new LineSplitter();
  readonly #records: RecordAssembler;
  /** Known once the header has come. */
  #header: { readonly fields: number; readonly places: Places } | undefined;

  constructor(
    delimiter: ',' | '\t',
    private readonly maker: RowMaker,
    private readonly wanted: Wanted,
    private readonly list: string,
  ) {
    this.#records = new RecordAssembler(delimiter);
  }

  push(data: Buffer): ListRow[] {
    return this.#rows(this.#lines.push(data));
  }

  end(): ListRow[] {
    return [...this.#rows(this.#lines.end()), ...this.#rows()];
  }

  broken(): ListRow[] {
    return [];
  }

  /** Of `lines`, or of what is left when none come any more. */
  #rows(lines?: readonly Piece[]): ListRow[] {
    const rows: ListRow[] = [];
    for (const { place, fields, problem } of lines === undefined
      ? this.#records.end()
      : this.#records.push(lines)) {
      if (this.#header === undefined) {
        if (problem !== null) throw unreadable(this.list, `in its header (line ${place}), ${problem}`);
        this.#header = { fields: fields.length, places: placesOf(this.wanted, fields, this.list) };
        continue;
      }
      const { places } = this.#header;
      if (problem !== null) rows.push(this.maker.bad(place, problem));
      else if (fields.length !== this.#header.fields)
        rows.push(
          this.maker.bad(place, wrongCount(fields.length, this.#header.fields), fields[places.url]?.trim()),
        );
      else rows.push(this.#row(place, fields, places));
    }
    return rows;
  }

  #row(place: number, fields: readonly string[], places: Places): ListRow {
    const caption = places.caption < 0 ? null : fields[places.caption];
    return this.maker.row(
      place,
      fields[places.url],
      caption,
      places.kept.map((index) => fields[index]),
    );
  }
}

function wrongCount(fields: number, columns: number): string {
  return `${fields} field${fields === 1 ? '' : 's'} where the header has ${columns}`;
}
