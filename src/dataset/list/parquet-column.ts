import { isUtf8 } from 'node:buffer';
import {
  type ColumnChunk,
  type DecodedArray,
  type FileMetaData,
  type ParquetParsers,
  parquetScan,
  type SchemaTree,
} from 'hyparquet';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { isFlatColumn } from 'hyparquet/src/schema.js';
import { compressors } from 'hyparquet-compressors';
import { reasonOf } from '../../errors.js';
import type { PlacedFile } from './parquet-file.js';
import { type ColumnDecoder, ColumnPages } from './parquet-pages.js';

/** Stands for bytes that should be a text and are none. */
export const NOT_UTF8 = Symbol('not UTF-8');

const PARSERS: ParquetParsers = {
  ...DEFAULT_PARSERS,
  stringFromBytes: textOf,
  // JSON is kept as its text.
  jsonFromBytes: textOf,
};

/** A parquet file whose footer was read. */
export interface ParquetFile {
  readonly file: PlacedFile;
  readonly metadata: FileMetaData;
  readonly root: SchemaTree;
}

/** One row group: the chunks of its top-level columns by their names, and the place of its rows in the file. */
export interface ParquetGroup {
  /** From 1. */
  readonly number: number;
  readonly chunks: ReadonlyMap<string, ColumnChunk>;
  readonly start: number;
  readonly end: number;
}

/** One top-level column of a parquet file, read a run of values after the other. */
export class ParquetColumn {
  readonly #tree: SchemaTree;
  #group = 0;
  /** The next run of the present row group. */
  #next: () => Promise<DecodedArray> = async () => [];
  #values: DecodedArray = [];
  #at = 0;

  /** `asText`: bytes are a text, also where the schema does not say so. */
  constructor(
    private readonly parquet: ParquetFile,
    index: number,
    private readonly asText: boolean,
  ) {
    this.#tree = parquet.root.children[index]!;
  }

  /** Goes to a row group. */
  begin(group: ParquetGroup): void {
    const path = [this.parquet.root, this.#tree];
    this.#group = group.number;
    this.#values = [];
    this.#at = 0;
    this.#next = isFlatColumn(path) ? this.#flat(group, path) : this.#nested(group);
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

  #flat(group: ParquetGroup, schemaPath: SchemaTree[]): () => Promise<DecodedArray> {
    const { element } = this.#tree;
    const chunk = group.chunks.get(element.name);
    const meta = chunk?.meta_data;
    if (meta === undefined || chunk?.file_path !== undefined)
      return () => Promise.reject(new Error('its data is encrypted, missing or in another file'));
    const decoder: ColumnDecoder = {
      pathInSchema: meta.path_in_schema,
      type: meta.type,
      element,
      schemaPath,
      codec: meta.codec,
      parsers: PARSERS,
      compressors,
      utf8: this.asText,
    };
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const end = start + Number(meta.total_compressed_size);
    const pages = new ColumnPages(this.parquet.file, decoder, { start, end, rows: group.end - group.start });
    return () => pages.next();
  }

  /** Lists, maps and structures are decoded a row group at a time, by hyparquet. */
  #nested(group: ParquetGroup): () => Promise<DecodedArray> {
    const { file, metadata } = this.parquet;
    const { name: column } = this.#tree.element;
    return async () => {
      const scan = await parquetScan({ file, metadata, columns: [column], compressors });
      const values = await scan.readColumn({ column, rowStart: group.start, rowEnd: group.end });
      if (values.length !== group.end - group.start)
        throw new Error(`it has ${values.length} of ${group.end - group.start} rows`);
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
