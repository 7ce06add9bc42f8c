import { isUtf8 } from 'node:buffer';
import {
  type DecodedArray,
  type FileMetaData,
  type ParquetParsers,
  parquetScan,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { isFlatColumn } from 'hyparquet/src/schema.js';
import { compressors } from 'hyparquet-compressors';
import { reasonOf } from '../../errors.js';
import type { PlacedFile } from './parquet-file.js';
import { ColumnPages } from './parquet-pages.js';

/** Stands for bytes that should be a text and are none. */
export const NOT_UTF8 = Symbol('not UTF-8');

const PARSERS: ParquetParsers = {
  ...DEFAULT_PARSERS,
  stringFromBytes: textOf,
  // JSON is kept as its text.
  jsonFromBytes: textOf,
};

/** One top-level column of a parquet file, read a run of values after the other. */
export class ParquetColumn {
  readonly #root: SchemaTree;
  readonly #tree: SchemaTree;
  #group = 0;
  /** The next run of the present row group. */
  #next: () => Promise<DecodedArray> = async () => [];
  #values: DecodedArray = [];
  #at = 0;

  /** `asText`: bytes are a text, also where the schema does not say so. */
  constructor(
    private readonly file: PlacedFile,
    private readonly metadata: FileMetaData,
    index: number,
    private readonly asText: boolean,
  ) {
    this.#root = parquetSchema(metadata);
    this.#tree = this.#root.children[index]!;
  }

  /** Goes to a row group, the `index`th, whose first row is the `start`th of the file. */
  begin(group: RowGroup, index: number, start: number): void {
    const path = [this.#root, this.#tree];
    const rows = Number(group.num_rows);
    this.#group = index + 1;
    this.#values = [];
    this.#at = 0;
    this.#next = isFlatColumn(path) ? this.#flat(group, rows, path) : this.#nested(start, start + rows);
  }

  /** How many values are at hand: one at least. */
  async ready(): Promise<number> {
    if (this.#at === this.#values.length) {
      try {
        this.#values = await this.#next();
      } catch (error) {
        throw new Error(
          `in column ${JSON.stringify(this.#tree.element.name)} of row group ${this.#group}, ${parquetReason(error)}`,
          { cause: error },
        );
      }
      this.#at = 0;
    }
    return this.#values.length - this.#at;
  }

  /** The `n`th of the values at hand. */
  value(n: number): unknown {
    return this.#values[this.#at + n];
  }

  pass(count: number): void {
    this.#at += count;
  }

  #flat(group: RowGroup, rows: number, schemaPath: SchemaTree[]): () => Promise<DecodedArray> {
    const { name } = this.#tree.element;
    const chunk = group.columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === name);
    const meta = chunk?.meta_data;
    if (meta === undefined || chunk?.file_path !== undefined)
      return () => Promise.reject(new Error('its data is encrypted, missing or in another file'));
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const pages = new ColumnPages(
      this.file,
      {
        pathInSchema: meta.path_in_schema,
        type: meta.type,
        element: this.#tree.element,
        schemaPath,
        codec: meta.codec,
        parsers: PARSERS,
        compressors,
        utf8: this.asText,
      },
      { start, end: start + Number(meta.total_compressed_size), rows },
    );
    return () => pages.next();
  }

  /** Lists, maps and structures are decoded a row group at a time, by hyparquet. */
  #nested(rowStart: number, rowEnd: number): () => Promise<DecodedArray> {
    const column = this.#tree.element.name;
    return async () => {
      const scan = await parquetScan({
        file: this.file,
        metadata: this.metadata,
        columns: [column],
        compressors,
      });
      const values = await scan.readColumn({ column, rowStart, rowEnd });
      if (values.length !== rowEnd - rowStart)
        throw new Error(`it has ${values.length} of ${rowEnd - rowStart} rows`);
      return values;
    };
  }
}

function textOf(bytes: Uint8Array | undefined): string | symbol | undefined {
  if (bytes === undefined) return undefined;
  if (!isUtf8(bytes)) return NOT_UTF8;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** What hyparquet says of bytes; where it only stumbled over them (a member of undefined, an offset out of bounds), that they are damaged. */
export function parquetReason(error: unknown): string {
  return error instanceof TypeError || error instanceof RangeError ? 'the data is damaged' : reasonOf(error);
}
