import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { ListFormat } from '../../../src/dataset/list/format.js';
import { listed, readIn, writtenFile } from './listed.js';
import { SKIPPABLE, ZSTD } from './zstd-frame.js';

const URLS = ['http://a.test/1.jpg', 'http://a.test/2.jpg', 'http://b.test/ü,"3".jpg'];
const CAPTIONS = ['one', 'two, with a comma and a "quote"', 'three\nlines, ünïcödé 🖼'];
const WIDTHS = [640, 800, 1024];

/** The same three rows in each format that has columns; CSV has texts only. */
const TABLES: Readonly<Record<Exclude<ListFormat, 'txt'>, Buffer>> = {
  csv: Buffer.from(delimited(',')),
  tsv: Buffer.from(delimited('\t')),
  json: Buffer.from(JSON.stringify(objects(), null, 2)),
  jsonl: Buffer.from(
    objects()
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  ),
  parquet: Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'url', data: URLS, type: 'STRING' },
        { name: 'caption', data: CAPTIONS, type: 'STRING' },
        { name: 'width', data: WIDTHS, type: 'INT32' },
      ],
    }),
  ),
};

function objects(): object[] {
  return URLS.map((url, index) => ({ url, caption: CAPTIONS[index], width: WIDTHS[index] }));
}

function delimited(delimiter: string): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = URLS.map((url, index) =>
    [quoted(url), quoted(CAPTIONS[index]!), WIDTHS[index]].join(delimiter),
  );
  return `${['url', 'caption', 'width'].join(delimiter)}\r\n${rows.join('\r\n')}\r\n`;
}

function expectedRows(width: (value: number) => string | number): object[] {
  return URLS.map((url, index) => ({
    index,
    url,
    caption: CAPTIONS[index],
    columns: { width: width(WIDTHS[index]!) },
  }));
}

const withColumns = { captionCol: 'caption', columns: ['width'] };

describe('A list', () => {
  test.each(Object.entries(TABLES))(
    'in %s gives its rows, with caption and kept columns',
    async (format, bytes) => {
      const { rows, failure } = await listed(writtenFile(`list.${format}`, bytes), withColumns);
      expect(failure).toBeUndefined();
      expect(rows).toEqual(expectedRows(format === 'csv' || format === 'tsv' ? String : Number));
    },
  );

  test.each(Object.entries(TABLES))(
    'in %s gives the URLs alone when no more is asked for',
    async (format, bytes) => {
      const { rows } = await listed(writtenFile(`list.${format}`, bytes));
      expect(rows).toEqual(URLS.map((url, index) => ({ index, url, caption: null, columns: {} })));
    },
  );

  test('in txt gives a URL a line; blank lines are passed over, and nothing else', async () => {
    const file = writtenFile(
      'list.txt',
      'http://a.test/1\n\n  \t\r\n  http://a.test/2 \t\r\n# no comment\nlast',
    );
    const { rows } = await listed(file);
    expect(rows.map(({ index, url }) => [index, url])).toEqual([
      [0, 'http://a.test/1'],
      [1, 'http://a.test/2'],
      [2, '# no comment'],
      [3, 'last'],
    ]);
  });

  test.each(['json', 'jsonl'])('in %s may be of strings, which are URLs, and of both', async (format) => {
    const values = ['"http://a.test/1"', '{"url": "http://a.test/2"}', '" http://a.test/3 "'];
    const text = format === 'json' ? `[${values.join(',')}]` : values.join('\n');
    const { rows } = await listed(writtenFile(`list.${format}`, text));
    expect(rows.map(({ url }) => url)).toEqual(['http://a.test/1', 'http://a.test/2', 'http://a.test/3']);
  });

  test('named .ndjson is read as jsonl', async () => {
    expect((await listed(writtenFile('LIST.NDJSON', '{"url":"http://a.test/"}'))).rows).toHaveLength(1);
  });

  test.each(Object.entries(TABLES).filter(([format]) => format !== 'parquet'))(
    'in %s may be packed by gzip, also in several members, and under any name',
    async (format, bytes) => {
      const half = bytes.length >> 1;
      const members = Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]);
      const plain = await listed(writtenFile(`list.${format}`, bytes), withColumns);
      for (const name of [`list.${format}.gz`, `list.${format}`])
        expect(await listed(writtenFile(name, members), withColumns)).toEqual(plain);
    },
  );

  test('may be packed by zstd, in several frames and a skippable one, and under any name', async () => {
    const urls = Array.from({ length: 40 }, (_, n) => `http://a.test/${n}.jpg`);
    for (const name of ['list.txt.zst', 'list.txt']) {
      const { rows, failure } = await listed(writtenFile(name, Buffer.concat([ZSTD, SKIPPABLE, ZSTD])));
      expect(failure).toBeUndefined();
      expect(rows.map(({ url }) => url)).toEqual([...urls, ...urls]);
    }
  });

  test.each(['txt', 'csv', 'json', 'jsonl', 'parquet'])('in %s may be empty of rows', async (format) => {
    const empty: Record<string, string | Uint8Array> = {
      txt: '',
      csv: 'url,caption\n',
      json: ' [ ] ',
      jsonl: '\n\n',
      parquet: new Uint8Array(
        parquetWriteBuffer({ columnData: [{ name: 'url', data: [], type: 'STRING' }] }),
      ),
    };
    expect(await listed(writtenFile(`list.${format}`, empty[format]!))).toEqual({
      rows: [],
      failure: undefined,
    });
  });

  test.each(['', '\ufeff'])('in csv of no bytes but %j has no rows', async (text) => {
    expect(await listed(writtenFile('list.csv', text))).toEqual({ rows: [], failure: undefined });
  });
});

describe('The bytes of a text', () => {
  const LINES = 'url,caption\nhttp://a.test/ü.jpg,🖼\nhttp://b.test/,"x\ny"\n';
  const encoded: [string, Buffer][] = [
    ['UTF-8', Buffer.from(LINES)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${LINES}`)],
    ['UTF-16LE', Buffer.from(`\ufeff${LINES}`, 'utf16le')],
    ['UTF-16BE', Buffer.from(`\ufeff${LINES}`, 'utf16le').swap16()],
  ];

  test.each(encoded)('may be %s', async (_, bytes) => {
    const expected = [
      { index: 0, url: 'http://a.test/ü.jpg', caption: '🖼', columns: {} },
      { index: 1, url: 'http://b.test/', caption: 'x\ny', columns: {} },
    ];
    const { rows } = await listed(writtenFile('list.csv', bytes), { captionCol: 'caption' });
    expect(rows).toEqual(expected);
    // Packed, they come in other pieces.
    const packed = await listed(writtenFile('list.csv.gz', gzipSync(bytes)), { captionCol: 'caption' });
    expect(packed.rows).toEqual(expected);
  });

  test.each(['', 'a', 'ab'])('may be as few as those of %j, with any mark', async (text) => {
    const rows = text === '' ? [] : [{ url: text }];
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    ]) {
      expect((await listed(writtenFile('list.txt', bytes))).rows).toMatchObject(rows);
    }
  });

  test.each(['csv', 'tsv', 'json', 'jsonl', 'txt'] as const)(
    'in %s are read the same at every split',
    (format) => {
      const bad = {
        txt: 'http://a.test/\n\nb\0ad\nü\n',
        csv: 'url,caption\n\n"http://a.test/","x ""y""\r\nz"\r\nü,"broken" field\n"open,\nhttp://b.test/,🖼\r\n,\n1\n"open',
        tsv: 'url\tcaption\n\n"http://a.test/"\t"x ""y""\tz"\nü\t"broken" field\n"open\t\nhttp://b.test/\t🖼\n',
        json: ' [ {"url":"a,]}[{\\"\\\\"},\n"ü", nul , {"url":"b" ] , {"url":["c"]},\r\n"d", ] ',
        jsonl: '{"url":"a"}\n\n"ü"\n{"url"\r\n  \n{"caption":"x"}\n[]\n{"url":"b"}',
      }[format];
      const bytes = Buffer.from(bad);
      const whole = readIn(bytes.length, format, bytes);
      expect(whole.rows.length).toBeGreaterThan(2);
      for (let size = 1; size < bytes.length; size++) expect(readIn(size, format, bytes)).toEqual(whole);
    },
  );
});
