import { brotliCompressSync, crc32, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { describe, expect, test } from 'vitest';
import { ColumnPages } from '../../../src/dataset/list/parquet-pages.js';
import { SluiceError } from '../../../src/errors.js';
import { brief, listed, writtenFile } from './listed.js';

type WriteOptions = Parameters<typeof parquetWriteBuffer>[0];

function parquetFile(options: WriteOptions): string {
  return writtenFile('list.parquet', new Uint8Array(parquetWriteBuffer(options)));
}

const URLS = Array.from({ length: 3000 }, (_, n) => `http://a.test/${n}`);
const urlColumn = { name: 'url', data: URLS, type: 'STRING' } as const;

const URL_ELEMENT: SchemaElement = { name: 'url', type: 'BYTE_ARRAY', converted_type: 'UTF8' };

/** A list of one leaf, as parquet has it in three levels. */
function listOf(name: string, leaf: Omit<SchemaElement, 'name'>): SchemaElement[] {
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', ...leaf },
  ];
}

/** What becomes of one value of a kept column `x`; `schema` is for those that the writer has no word for. */
async function kept(column: object, schema: SchemaElement[] = []): Promise<unknown> {
  const url = { name: 'url', data: ['http://a.test/'], ...(schema.length === 0 && { type: 'STRING' }) };
  const options = {
    columnData: [url, { name: 'x', ...column }],
    ...(schema.length > 0 && { schema: [{ name: 'root', num_children: 2 }, URL_ELEMENT, ...schema] }),
  };
  const { rows, failure } = await listed(parquetFile(options as WriteOptions), { columns: ['x'] });
  if (failure !== undefined) throw failure;
  return rows[0]!.problem ?? rows[0]!.columns.x;
}

describe('A parquet list', () => {
  test.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI'] as const)('may be packed by %s', async (codec) => {
    const compressors = {
      GZIP: (data: Uint8Array) => gzipSync(data),
      BROTLI: (data: Uint8Array) => brotliCompressSync(data),
    };
    const file = parquetFile({ columnData: [urlColumn], codec, compressors });
    expect((await listed(file)).rows.map(({ url }) => url)).toEqual(URLS);
  });

  test('has its rows whole whatever pages and row groups its columns are cut into', async () => {
    const captions = URLS.map((_, n) => (n % 7 === 0 ? null : `caption ${n}: ${'x'.repeat(n % 60)}`));
    const columnData = [
      { name: 'url', data: URLS },
      { name: 'caption', data: captions },
      { name: 'n', data: URLS.map((_, n) => n) },
      { name: 'few', data: URLS.map((_, n) => `${n % 5}`) },
      { name: 'list', data: URLS.map((_, n) => [n]) },
    ];
    const schema: SchemaElement[] = [
      { name: 'root', num_children: 5 },
      URL_ELEMENT,
      { ...URL_ELEMENT, name: 'caption', repetition_type: 'OPTIONAL' },
      { name: 'n', type: 'INT32' },
      { ...URL_ELEMENT, name: 'few' },
      ...listOf('list', { type: 'INT32' }),
    ];
    for (const pageSize of [100, 5000, 1_000_000]) {
      for (const rowGroupSize of [999, 10_000]) {
        const { rows, failure } = await listed(parquetFile({ columnData, schema, pageSize, rowGroupSize }), {
          captionCol: 'caption',
          columns: ['n', 'few', 'list'],
        });
        expect(failure).toBeUndefined();
        expect(rows).toEqual(
          URLS.map((url, n) => ({
            index: n,
            url,
            caption: captions[n],
            columns: { n, few: `${n % 5}`, list: `[${n}]` },
          })),
        );
      }
    }
  });

  test('gives what its writer was given, of any texts and numbers', async () => {
    const row = fc.record({
      url: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => `u${text.replaceAll('\0', '')}u`),
      caption: fc.option(fc.string({ unit: 'binary' })),
      double: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      flag: fc.option(fc.boolean()),
    });
    const layout = fc.record({
      pageSize: fc.integer({ min: 1, max: 400 }),
      rowGroupSize: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        layout,
        async (written, { pageSize, rowGroupSize }) => {
          const columnData = [
            { name: 'url', data: written.map(({ url }) => url), type: 'STRING' as const },
            { name: 'caption', data: written.map(({ caption }) => caption), type: 'STRING' as const },
            { name: 'double', data: written.map(({ double }) => double), type: 'DOUBLE' as const },
            { name: 'big', data: written.map(({ big }) => big), type: 'INT64' as const },
            { name: 'flag', data: written.map(({ flag }) => flag), type: 'BOOLEAN' as const },
          ];
          const { rows } = await listed(parquetFile({ columnData, pageSize, rowGroupSize }), {
            captionCol: 'caption',
            columns: ['double', 'big', 'flag'],
          });
          expect(rows.map(brief)).toEqual(
            written.map(({ url, caption, double, big, flag }) => [
              url,
              caption,
              {
                double,
                big: big === null ? null : Number.isSafeInteger(Number(big)) ? Number(big) : String(big),
                flag,
              },
            ]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test('has a bad row where a text is no UTF-8, too long, or no URL', async () => {
    const bytes = [
      Buffer.from('http://a.test/\xff', 'latin1'),
      Buffer.alloc(65537, 'x'),
      Buffer.from('http://b.test/'),
    ];
    const file = parquetFile({
      columnData: [{ name: 'url', data: [...bytes, null, Buffer.from(' ')], type: 'BYTE_ARRAY' }],
    });
    expect((await listed(file)).rows.map(brief)).toEqual([
      ['', null, {}, 'list.parquet, row 1: not valid UTF-8'],
      ['', null, {}, 'list.parquet, row 2: longer than 65536 bytes'],
      ['http://b.test/', null, {}],
      ['', null, {}, 'list.parquet, row 4: there is no URL'],
      ['', null, {}, 'list.parquet, row 5: the URL is empty'],
    ]);
    const numbers = parquetFile({ columnData: [{ name: 'url', data: [1, 2], type: 'INT32' }] });
    expect((await listed(numbers)).rows[1]?.problem).toBe('list.parquet, row 2: the URL is a number');
  });
});

describe('A kept value of parquet is told in JSON:', () => {
  const text = Buffer.from('text');
  test.each<[string, unknown, object, SchemaElement[]?]>([
    ['a text', 'ü 🖼', { data: ['ü 🖼'], type: 'STRING' }],
    ['null', null, { data: [null], type: 'STRING' }],
    ['a boolean', false, { data: [false], type: 'BOOLEAN' }],
    ['a number', 1.5, { data: [1.5], type: 'DOUBLE' }],
    ['NaN', null, { data: [Number.NaN], type: 'DOUBLE' }],
    ['an infinity', null, { data: [Number.POSITIVE_INFINITY], type: 'FLOAT' }],
    ['a whole number of 64 bits', 2 ** 53 - 1, { data: [2n ** 53n - 1n], type: 'INT64' }],
    ['one beyond 2^53', '9007199254740993', { data: [2n ** 53n + 1n], type: 'INT64' }],
    ['a negative one', '-9223372036854775808', { data: [-(2n ** 63n)], type: 'INT64' }],
    [
      'a time',
      '2020-01-02T03:04:05.678Z',
      { data: [new Date('2020-01-02T03:04:05.678Z')], type: 'TIMESTAMP' },
    ],
    [
      'a day',
      '2020-01-02T00:00:00.000Z',
      { data: [new Date('2020-01-02')] },
      [{ name: 'x', type: 'INT32', converted_type: 'DATE', repetition_type: 'OPTIONAL' }],
    ],
    ['bytes', '74657874', { data: [text], type: 'BYTE_ARRAY' }],
    [
      'a UUID',
      '00112233-4455-6677-8899-aabbccddeeff',
      { data: ['00112233-4455-6677-8899-aabbccddeeff'], type: 'UUID' },
    ],
    ['JSON', '{"a":[1,null]}', { data: [{ a: [1, null] }], type: 'JSON' }],
    ['a list', '[1,2,null]', { data: [[1, 2, null]] }, listOf('x', { type: 'INT32' })],
    [
      'a list of wide numbers',
      '["9007199254740993",1]',
      { data: [[2n ** 53n + 1n, 1n]] },
      listOf('x', { type: 'INT64' }),
    ],
    [
      'a list of bytes',
      '["74657874"]',
      { data: [[text]] },
      listOf('x', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 4 }),
    ],
    ['no list', null, { data: [null] }, listOf('x', { type: 'INT32' })],
    [
      'a structure',
      '{"a":1,"b":"x"}',
      { data: [{ a: 1, b: 'x' }] },
      [
        { name: 'x', repetition_type: 'OPTIONAL', num_children: 2 },
        { name: 'a', type: 'INT32', repetition_type: 'OPTIONAL' },
        { name: 'b', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      ],
    ],
  ])('%s', async (_, expected, column, schema) => {
    expect(await kept(column, schema)).toEqual(expected);
  });
});

describe('A page of parquet', () => {
  const INTS = new Int32Array([1, 2, 3, 4]);
  const element: SchemaElement = { name: 'n', type: 'INT32', repetition_type: 'REQUIRED' };

  /** The next run of a column whose only page has that header. */
  function next(header: object): Promise<unknown> {
    const writer = new ByteWriter();
    const size = INTS.byteLength;
    writePageHeader(writer, {
      type: 'DATA_PAGE',
      uncompressed_page_size: size,
      compressed_page_size: size,
      data_page_header: {
        num_values: 4,
        encoding: 'PLAIN',
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
      ...header,
    });
    writer.appendBytes(new Uint8Array(INTS.buffer));
    const bytes = writer.getBuffer();
    const file = {
      byteLength: bytes.byteLength,
      slice: async (start: number, end?: number) => bytes.slice(start, end),
      close: async () => {},
    };
    const root = { element: { name: 'root' }, children: [], count: 2, path: [] };
    const tree = { element, children: [], count: 1, path: ['n'] };
    const pages = new ColumnPages(
      file,
      {
        pathInSchema: ['n'],
        type: 'INT32',
        element,
        schemaPath: [root, tree],
        codec: 'UNCOMPRESSED',
        parsers: {} as never,
      },
      { start: 0, end: bytes.byteLength, rows: 4 },
    );
    return pages.next();
  }

  test('is checked against its CRC, where it has one', async () => {
    const crc = crc32(new Uint8Array(INTS.buffer)) | 0;
    expect(await next({ crc })).toEqual(INTS);
    await expect(next({ crc: crc ^ 1 })).rejects.toThrow(
      /the page at byte \d+ is damaged: its CRC is another/,
    );
  });

  const levels = { definition_levels_byte_length: 0, repetition_levels_byte_length: 0 };
  const v2 = { type: 'DATA_PAGE_V2', data_page_header: undefined };
  const values = { num_values: 4, num_nulls: 0, num_rows: 4, encoding: 'PLAIN', is_compressed: false };
  test.each<[string, object, RegExp]>([
    ['more bytes than there are', { compressed_page_size: 17 }, /a page is cut short at byte \d+/],
    ['a terabyte', { uncompressed_page_size: 2 ** 31 - 1 }, /2147483647 bytes where there can be 268435456/],
    ['fewer bytes than none', { compressed_page_size: -1 }, /-1 bytes where there can be/],
    [
      'more rows than are left',
      { ...v2, data_page_header_v2: { ...values, ...levels, num_values: 5 } },
      /5 rows where there can be 4/,
    ],
    [
      'more nulls than rows',
      { ...v2, data_page_header_v2: { ...values, ...levels, num_nulls: 5 } },
      /5 nulls where there can be 4/,
    ],
    [
      'no levels, which hyparquet would seek for ever',
      { ...v2, data_page_header_v2: values },
      /no number of bytes of levels/,
    ],
    [
      'more values in a dictionary than it has bytes',
      { type: 'DICTIONARY_PAGE', dictionary_page_header: { num_values: 17, encoding: 'PLAIN' } },
      /17 values where there can be 16/,
    ],
  ])('that claims %s is not believed', async (_, header, says) => {
    await expect(next(header)).rejects.toThrow(says);
  });

  test('that is damaged anywhere, or whose file is, never does worse than end the list', async () => {
    const columnData = [
      { name: 'url', data: URLS.slice(0, 200), type: 'STRING' as const },
      { name: 'x', data: URLS.slice(0, 200).map((_, n) => `${n % 3}`), type: 'STRING' as const },
    ];
    const bytes = Buffer.from(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED', rowGroupSize: 80 }));
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        const { failure } = await listed(writtenFile('list.parquet', damaged), { columns: ['x'] });
        if (failure !== undefined) {
          expect(failure).toBeInstanceOf(SluiceError);
          expect(failure.message).not.toMatch(/\n|of undefined|not a function/);
        }
      }),
      { numRuns: 150 },
    );
  });
});
