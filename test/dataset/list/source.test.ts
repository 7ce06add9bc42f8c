import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { scratchDirectory } from '../../support/scratch.js';
import { brief, listed, written } from './listed.js';

const MIXED = {
  'b.csv': 'url,alt\nhttp://b.test/,b\n',
  'a.txt': 'http://a.test/\n',
  'c.jsonl.gz': gzipSync('{"url":"http://c.test/"}'),
  'B.json': '["http://B.test/"]',
  'd.parquet': new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: 'URL', data: ['http://d.test/'], type: 'STRING' }] }),
  ),
  'README.md': '# not a list',
  _SUCCESS: '',
  '_metadata.parquet': 'not one either',
  '.a.txt.crc': 'x',
  '.hidden.txt': 'http://hidden.test/\n',
  'deeper.csv/e.csv': 'url\nhttp://deeper.test/\n',
};

describe('The sources of a list', () => {
  test('may be a directory: its files that are named as lists, in the order of their names', async () => {
    const directory = dirname(written(MIXED)[0]!);
    const { rows, failure } = await listed(directory);
    expect(failure).toBeUndefined();
    expect(rows.map(({ index, url }) => [index, url])).toEqual([
      [0, 'http://B.test/'],
      [1, 'http://a.test/'],
      [2, 'http://b.test/'],
      [3, 'http://c.test/'],
      [4, 'http://d.test/'],
    ]);
    const csv = await listed(directory, { inputFormat: 'csv', captionCol: 'alt' });
    expect(csv.rows.map(brief)).toEqual([['http://b.test/', 'b', {}]]);
  });

  test('may be several, files and directories, in the order that they are given in; rows are numbered through', async () => {
    const [first, second] = written({ 'x/2.txt': 'http://2.test/\n\0\n', 'y/1.txt': 'http://1.test/\n' });
    const { rows } = await listed([second!, dirname(first!), second!]);
    expect(rows.map(({ index, url }) => [index, url])).toEqual([
      [0, 'http://1.test/'],
      [1, 'http://2.test/'],
      [2, '\0'],
      [3, 'http://1.test/'],
    ]);
    expect(rows[2]?.problem).toBe('2.txt, line 2: a NUL in it');
  });

  test('may have another format than their name says, or than they say', async () => {
    const [misnamed, unnamed] = written({
      'list.txt': 'url\nhttp://a.test/\n',
      list: 'url\nhttp://b.test/\n',
    });
    const { rows } = await listed([misnamed!, unnamed!], { inputFormat: 'csv' });
    expect(rows.map(({ url }) => url)).toEqual(['http://a.test/', 'http://b.test/']);
  });

  test('may be links', async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'blobs'));
    writeFileSync(join(directory, 'blobs/5c0ffee'), 'http://a.test/\n');
    symlinkSync('blobs/5c0ffee', join(directory, 'list.txt'));
    expect((await listed(directory)).rows).toHaveLength(1);
    expect((await listed(join(directory, 'list.txt'))).rows).toHaveLength(1);
  });

  test('may be a FIFO: txt, or what is said of it, or its name; packed or not', async () => {
    const directory = scratchDirectory();
    for (const [name, content, options] of [
      ['fifo', 'http://a.test/\n', {}],
      ['fifo.csv', gzipSync('url\nhttp://a.test/\n'), {}],
      ['63', '{"url":"http://a.test/"}', { inputFormat: 'jsonl' }],
      ['63.csv', '"http://a.test/"', { inputFormat: 'jsonl' }],
    ] as const) {
      const path = join(directory, name);
      execFileSync('mkfifo', [path]);
      const rows = listed(path, options);
      createWriteStream(path).end(content);
      expect(await rows).toMatchObject({ rows: [{ url: 'http://a.test/' }], failure: undefined });
    }
    const parquet = join(directory, 'fifo.parquet');
    execFileSync('mkfifo', [parquet]);
    expect((await listed(parquet)).failure?.message).toMatch(
      /which a stream does not allow; save it as a file\.$/,
    );
  });
});
