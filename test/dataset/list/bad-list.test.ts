import { appendFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/dataset/list/list.js';
import { errorOf } from '../../support/failure.js';
import { scratchDirectory } from '../../support/scratch.js';
import { listed, writtenFile } from './listed.js';
import { ZSTD } from './zstd-frame.js';

const ROWS = 5000;
const urls = Array.from({ length: ROWS }, (_, n) => `http://a.test/${n}`);
const lines: Readonly<Record<string, string>> = {
  txt: urls.join('\n'),
  csv: `url\n${urls.join('\n')}\n`,
  jsonl: urls.map((url) => `{"url":"${url}"}\n`).join(''),
  json: JSON.stringify(urls),
};
const parquet = Buffer.from(
  parquetWriteBuffer({
    columnData: [{ name: 'url', data: urls, type: 'STRING' }],
    rowGroupSize: 2000,
    codec: 'UNCOMPRESSED',
  }),
);

/** Cut in the middle of its compressed data, which does not compress. */
function cutGzip(text: string): Buffer {
  const packed = gzipSync(text, { level: 0 });
  return packed.subarray(0, packed.length >> 1);
}

/** Bytes of a file, the list's name, the rows that come before the end, and what the failure says. */
const BROKEN: [string, string, Buffer | string, [number, number], RegExp][] = [
  [
    'a gzip that is cut',
    'l.txt.gz',
    cutGzip(lines.txt!),
    [1500, ROWS],
    /after \d+ rows, its compressed data is cut short\.$/,
  ],
  [
    'a gzip of csv that is cut',
    'l.csv.gz',
    cutGzip(lines.csv!),
    [1500, ROWS],
    /its compressed data is cut short\.$/,
  ],
  ['a gzip of jsonl that is cut', 'l.jsonl.gz', cutGzip(lines.jsonl!), [1500, ROWS], /is cut short\.$/],
  [
    'a gzip of json that is cut early',
    'l.json.gz',
    cutGzip(JSON.stringify(urls.slice(0, 100))),
    [20, 99],
    /is cut short\.$/,
  ],
  [
    'a gzip that is damaged',
    'l.txt.gz',
    damaged(gzipSync(lines.txt!), 5000),
    [0, ROWS],
    /compressed data is damaged\.$/,
  ],
  ['a gzip that is none', 'l.txt.gz', lines.txt!, [0, 0], /its name says gzip, its first bytes do not\.$/],
  [
    'a zstd that is cut',
    'l.txt.zst',
    Buffer.concat([ZSTD, ZSTD.subarray(0, 100)]),
    [39, 40],
    /its compressed data is cut short\.$/,
  ],
  [
    'a zstd that is damaged',
    'l.txt.zst',
    damaged(Buffer.concat([ZSTD, ZSTD]), 142),
    [39, 40],
    /its compressed data is damaged\.$/,
  ],
  ['a zstd that is none', 'l.csv.zst', lines.csv!, [0, 0], /its name says zstd, its first bytes do not\.$/],
  [
    'an array that is cut',
    'l.json',
    lines.json!.slice(0, 50_000),
    [1500, ROWS],
    /it ends at byte 50000, in element \d+ of its array\.$/,
  ],
  [
    'an array that is cut early',
    'l.json',
    '[{"url":"a"},{"url":"b"}',
    [1, 1],
    /: it ends at byte 24, in element 2/,
  ],
  [
    'an array with a string that does not end',
    'l.json',
    '["a","b,"c"]',
    [1, 1],
    /it ends at byte 12, in element 2/,
  ],
  [
    'an array that is closed twice',
    'l.json',
    '["a","b"],"c"]',
    [2, 2],
    /at byte 9, something follows its array\.$/,
  ],
  [
    'an array that an object closes',
    'l.json',
    '["a","b"},"c"]',
    [1, 1],
    /at byte 8, element 2 closes an object that it does not open\.$/,
  ],
  [
    'an object',
    'l.json',
    '\n{"url": "a"}\n{"url": "b"}',
    [0, 0],
    /at byte 1, it is no JSON array; .*jsonl\.$/,
  ],
  ['a json of no bytes', 'l.json', '', [0, 0], /it is no JSON array/],
  [
    'a header with a broken quote',
    'l.csv',
    '"url"x,caption\na,b\n',
    [0, 0],
    /in its header \(line 1\), something follows a closing quote\.$/,
  ],
  [
    'a header of more than 64 KiB',
    'l.csv',
    `url,${'x'.repeat(70_000)}\na,b\n`,
    [0, 0],
    /in its header \(line 1\), longer than/,
  ],
  [
    'a parquet without its end',
    'l.parquet',
    parquet.subarray(0, parquet.length - 9),
    [0, 0],
    /its footer can't be read: parquet/,
  ],
  ['a parquet of no bytes', 'l.parquet', '', [0, 0], /its footer can't be read/],
  [
    'a parquet that is a txt',
    'l.parquet',
    lines.txt!,
    [0, 0],
    /its footer can't be read: parquet file invalid/,
  ],
  [
    'a parquet with a hole',
    'l.parquet',
    holed(parquet, 60_000),
    [2000, 4096],
    /after \d+ rows, in column "url" of row group 2, /,
  ],
  [
    'a parquet whose footer is damaged',
    'l.parquet',
    holed(parquet, parquet.length - 200),
    [0, 0],
    /its footer can't be read/,
  ],
];

function damaged(bytes: Buffer, at: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(100, 0x5a), bytes.subarray(at + 100)]);
}

function holed(bytes: Buffer, at: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(150, 0xff), bytes.subarray(at + 150)]);
}

describe('A list that is broken fails with list-unreadable, after the rows before that:', () => {
  test.each(BROKEN)('%s', async (_, name, content, [least, most], says) => {
    const file = writtenFile(name, content);
    const { rows, failure } = await listed(file);
    expect(failure).toMatchObject({ code: 'list-unreadable', phase: 'usage', exitCode: 26 });
    expect(failure?.message).toMatch(says);
    expect(failure?.message.startsWith(`The list ${file} could not be read: `)).toBe(true);
    expect(failure?.message).not.toMatch(/\n|undefined/);
    expect(rows.length).toBeGreaterThanOrEqual(least);
    expect(rows.length).toBeLessThanOrEqual(most);
    for (const { problem } of rows) expect(problem).toBeUndefined();
  });

  test('a file that is not there, before any row of another', async () => {
    const there = writtenFile('a.txt', 'http://a.test/');
    const error = await errorOf(openList([there, '/no/such/list.txt']));
    expect(error.message).toBe('The list /no/such/list.txt could not be read: there is no such file.');
  });

  test('a file that is gone when its turn comes', async () => {
    const file = writtenFile('a.txt', 'http://a.test/');
    const list = await openList([file]);
    rmSync(file);
    const error = await errorOf(list.rows().next());
    expect(error.message).toBe(`The list ${file} could not be read: there is no such file.`);
  });

  test('a file that grew, or was written again, while it was read', async () => {
    const file = writtenFile('a.txt', 'http://a.test/\n');
    const failureAfter = async (change: () => void) => {
      let batches = 0;
      const reading = (async () => {
        for await (const _ of (await openList([file])).rows()) if (batches++ === 0) change();
      })();
      return (await errorOf(reading)).message;
    };
    expect(await failureAfter(() => appendFileSync(file, 'http://b.test/\n'))).toBe(
      `The list ${file} could not be read: it changed while it was read, from 15 to 30 bytes.`,
    );
    writeFileSync(file, 'http://a.test/\n');
    expect(await failureAfter(() => utimesSync(file, 1000, 1000))).toBe(
      `The list ${file} could not be read: it was written again while it was read.`,
    );
  });

  test.each(['list', 'list.xlsx', 'list.parquet.gz', 'listtxt'])(
    '%s, whose name says no format',
    async (name) => {
      const error = await errorOf(openList([writtenFile(name, 'x')]));
      expect(error.message).toMatch(
        /its name says no format of a list \(\.txt, .*\.parquet.*--input-format\.$/,
      );
    },
  );

  test('a directory without a list', async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'README.md'), '');
    mkdirSync(join(directory, 'x.csv'));
    const error = await errorOf(openList([directory]));
    expect(error.message).toMatch(/none of its 2 files is named as a list \(\.txt, \.csv/);
  });

  test('no list at all, and standard input twice, are options that are not valid', async () => {
    expect(await errorOf(openList([]))).toMatchObject({ code: 'option-invalid' });
    expect(await errorOf(openList(['-', '-']))).toMatchObject({ code: 'option-invalid' });
  });

  test('parquet from standard input', async () => {
    const error = await errorOf(openList(['-'], { inputFormat: 'parquet' }));
    expect(error.message).toMatch(/^The list standard input could not be read: parquet is read from its end/);
  });
});
