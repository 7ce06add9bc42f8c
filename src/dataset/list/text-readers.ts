import { refuseColumns, type Wanted } from './columns.js';
import { DelimitedReader } from './delimited.js';
import type { ListFormat } from './format.js';
import { JsonArrayReader } from './json-array.js';
import { JsonLinesReader } from './json-lines.js';
import { JsonValues } from './json-values.js';
import { type RowCounter, RowMaker } from './row-maker.js';
import type { TextReader } from './text-reader.js';
import { TxtReader } from './txt.js';

/** The reader of one file in `format`: `list` is what its failures call it, `name` what its rows do. */
export function textReader(
  format: Exclude<ListFormat, 'parquet'>,
  list: string,
  name: string,
  wanted: Wanted,
  counter: RowCounter,
): TextReader {
  const maker = new RowMaker(counter, name, format === 'json' ? 'element' : 'line', wanted.kept);
  switch (format) {
    case 'txt':
      refuseColumns(wanted, list);
      return new TxtReader(maker);
    case 'csv':
      return new DelimitedReader(',', maker, wanted, list);
    case 'tsv':
      return new DelimitedReader('\t', maker, wanted, list);
    case 'json':
      return new JsonArrayReader(new JsonValues(maker, wanted, list), list);
    case 'jsonl':
      return new JsonLinesReader(new JsonValues(maker, wanted, list));
  }
}
