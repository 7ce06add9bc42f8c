import { crc32 } from 'node:zlib';
import type { DecodedArray, PageHeader } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert } from 'hyparquet/src/convert.js';
import type { PlacedFile } from './parquet-file.js';

/** How hyparquet decodes a page of a column. */
export type ColumnDecoder = Parameters<typeof readPage>[2];

/** The pages of a column in one row group: bytes of the file, and how many rows they hold. */
export interface ColumnChunk {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
}

/** One read of the file. */
const READ = 1024 * 1024;

/** Most headers of pages are below 100 bytes; statistics may make them longer, up to a READ. */
const SOME_HEADER = 4096;

/** A page is decoded whole: one that claims more bytes is not believed. Usual are 8 KiB to 1 MiB. */
const MAX_PAGE = 256 * 1024 * 1024;

/**
 * The values of a flat column, page by page: in memory are a page, its values and the dictionary, however large the row group is. (hyparquet's own
 * functions decode row groups whole: a million rows where pyarrow has written the file, 64 million from its older versions.)
 */
export class ColumnPages {
  /** Where the next page is in the file. */
  #at: number;
  readonly #end: number;
  /** What was read of the file, from `#windowAt` on. */
  #window = new DataView(new ArrayBuffer(0));
  #windowAt: number;
  #dictionary: DecodedArray | undefined;
  /** Rows that have not come. */
  #left: number;

  constructor(
    private readonly file: PlacedFile,
    private readonly decoder: ColumnDecoder,
    private readonly chunk: ColumnChunk,
  ) {
    this.#at = this.#windowAt = chunk.start;
    this.#end = Math.min(chunk.end, file.byteLength);
    this.#left = chunk.rows;
  }

  /** The values of the next page that has some. */
  async next(): Promise<DecodedArray> {
    while (this.#at < this.#end) {
      const header = await this.#header();
      const size = header.compressed_page_size;
      checkHeader(header, this.#left);
      await this.#need(size);
      this.#checkBytes(header);
      const values = this.#valuesOf(header);
      this.#at += size;
      if (header.type === 'DICTIONARY_PAGE') this.#dictionary = convert(values, this.decoder);
      else if (values.length > 0) return values;
    }
    throw new Error(`its pages end after ${this.chunk.rows - this.#left} of ${this.chunk.rows} rows`);
  }

  /** The header of the next page; `#at` is then that of the page's data. */
  async #header(): Promise<PageHeader> {
    for (let most = SOME_HEADER; ; most = READ) {
      const size = Math.min(most, this.#end - this.#at);
      await this.#need(size);
      const reader = this.#reader();
      try {
        const header = parquetHeader(reader);
        this.#at = this.#windowAt + reader.offset;
        return header;
      } catch (error) {
        if (size < most || most === READ) throw error;
      }
    }
  }

  /** Only some writers give a CRC; without one, damage shows where the bytes make no sense, or not at all. */
  #checkBytes({ crc, compressed_page_size: size }: PageHeader): void {
    if (crc === undefined) return;
    const { view, offset } = this.#reader();
    if (crc32(new Uint8Array(view.buffer, offset, size)) !== crc >>> 0)
      throw new Error(`the page at byte ${this.#at} is damaged: its CRC is another`);
  }

  #valuesOf(header: PageHeader): DecodedArray {
    if (header.type === 'INDEX_PAGE') return [];
    const { data = [] } = readPage(this.#reader(), header, this.decoder, this.#dictionary, undefined, 0);
    if (header.type === 'DICTIONARY_PAGE') return data;
    const count = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0;
    if (data.length !== count) throw new Error(`a page has ${data.length} of ${count} rows`);
    this.#left -= count;
    return data;
  }

  #reader(): { view: DataView; offset: number } {
    return { view: this.#window, offset: this.#at - this.#windowAt };
  }

  /** Sees to it that the next `size` bytes are in the window. */
  async #need(size: number): Promise<void> {
    if (this.#at + size <= this.#windowAt + this.#window.byteLength) return;
    if (this.#at + size > this.#end) throw new Error(`a page is cut short at byte ${this.#end}`);
    const end = Math.min(this.#at + Math.max(size, READ), this.#end);
    this.#window = new DataView(await this.file.slice(this.#at, end));
    this.#windowAt = this.#at;
  }
}

/** hyparquet takes a page's header at its word: where it is damaged, it would read more than there is, or for ever. */
function checkHeader(header: PageHeader, rowsLeft: number): void {
  const { compressed_page_size: size, uncompressed_page_size: unpacked } = header;
  const { dictionary_page_header: dictionary, data_page_header: v1, data_page_header_v2: v2 } = header;
  const claims: [claimed: number | undefined, most: number, what: string][] = [
    [size, MAX_PAGE, 'bytes'],
    [unpacked, MAX_PAGE, 'bytes'],
  ];
  if (dictionary !== undefined) claims.push([dictionary.num_values, unpacked, 'values']);
  if (v1 !== undefined) claims.push([v1.num_values, rowsLeft, 'rows']);
  if (v2 !== undefined) {
    const { definition_levels_byte_length: definition, repetition_levels_byte_length: repetition } = v2;
    claims.push(
      [v2.num_values, rowsLeft, 'rows'],
      [v2.num_nulls, v2.num_values, 'nulls'],
      [definition, size, 'bytes of levels'],
      [repetition, size - definition, 'bytes of levels'],
    );
  }
  for (const [claimed, most, what] of claims) {
    if (claimed === undefined || !(claimed >= 0 && claimed <= most))
      throw new Error(
        `the header of a page is damaged: ${claimed ?? 'no number of'} ${what} where there can be ${most}`,
      );
  }
}
