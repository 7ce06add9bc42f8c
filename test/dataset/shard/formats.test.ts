/** What a finished shard looks like to readers that are not ours: Python's tarfile and json, and DuckDB. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchDirectory } from '../../support/scratch.js';
import { duckdb } from '../support/duckdb.js';
import { bytesOf, mixedOutcome, mixedPicture, outcomeOf } from '../support/outcomes.js';
import { tarMembers } from '../support/python.js';
import { finishedShard, layoutOf, opened, storeRest } from '../support/shards.js';

const ROWS = 100;
const GOOD = Array.from({ length: ROWS }, (_, i) => i).filter((i) => i % 3 !== 0);
const SIZE = { shardSize: 1000 };
const KEY = (place: number) => `00000${String(place).padStart(3, '0')}`;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Type of each column in DuckDB's words: img2dataset's own first, then ours. */
const TYPES = {
  url: 'VARCHAR',
  caption: 'VARCHAR',
  key: 'VARCHAR',
  status: 'VARCHAR',
  error_message: 'VARCHAR',
  width: 'INTEGER',
  height: 'INTEGER',
  original_width: 'INTEGER',
  original_height: 'INTEGER',
  sha256: 'VARCHAR',
  code: 'VARCHAR',
  phase: 'VARCHAR',
  http_status: 'INTEGER',
  attempts: 'INTEGER',
  ms: 'DOUBLE',
  final_url: 'VARCHAR',
  address: 'VARCHAR',
  media_type: 'VARCHAR',
  bytes: 'BIGINT',
};

async function typesIn(table: string): Promise<Record<string, unknown>> {
  const rows = await duckdb('describe select * from $1', table);
  return Object.fromEntries(rows.map((row) => [String(row.column_name), row.column_type]));
}

describe.each(['webdataset', 'files', 'parquet'] as const)('the table of a shard as %s', (format) => {
  test('has all rows in the order of the list, whatever the order they came in', async () => {
    const directory = scratchDirectory();
    const writer = await opened(directory, ROWS, layoutOf(format, SIZE));
    for (let i = 0; i < ROWS; i++) {
      const index = (i * 37) % ROWS;
      await writer.store(mixedOutcome(index), mixedPicture(index));
    }
    await writer.finish();
    const table = join(directory, '00000.parquet');
    const rows = await duckdb('select key, url, caption, status, code, bytes, ms from $1', table);
    expect(rows).toEqual(
      Array.from({ length: ROWS }, (_, i) => {
        const { row, status, code, bytes, ms } = mixedOutcome(i);
        return { key: KEY(i), url: row.url, caption: row.caption, status, code, bytes: String(bytes), ms };
      }),
    );
    const counts = await duckdb('select status, count(*) as n from $1 group by status order by 1', table);
    expect(counts).toEqual([
      { status: 'failed_to_download', n: '23' },
      { status: 'failed_to_resize', n: '11' },
      { status: 'success', n: '66' },
    ]);
  });

  test("has img2dataset's columns and ours, with these types", async () => {
    const directory = scratchDirectory();
    await finishedShard(directory, ROWS, layoutOf(format, SIZE));
    expect(await typesIn(join(directory, '00000.parquet'))).toEqual(
      format === 'parquet' ? { ...TYPES, jpg: 'BLOB' } : TYPES,
    );
  });

  test('keeps columns of the list, with the narrowest type that holds their values, under a name of their own', async () => {
    const directory = scratchDirectory();
    const columns = ['n', 'x', 'big', 'yes', 'mixed', 'none', 'URL', 'status', 'told'].map((name) =>
      name === 'told' ? ({ name, type: 'double' } as const) : { name },
    );
    const layout = layoutOf(format, { ...SIZE, captions: false, columns });
    const writer = await opened(directory, 2, layout);
    const values = [
      { n: 1, x: 1, big: 2n ** 60n, yes: true, mixed: 1, none: null, URL: 'a', status: 'b', told: 1 },
      { n: 2, x: 0.5, big: null, yes: false, mixed: 'two', none: null, URL: null, status: null, told: 2 },
    ];
    await storeRest(
      writer,
      1000,
      (i) => {
        const one = outcomeOf(i);
        return { ...one, row: { ...one.row, columns: values[i]! } };
      },
      (i) => ({ bytes: bytesOf(i), extension: 'jpg' }),
    );
    await writer.finish();
    const table = join(directory, '00000.parquet');
    const { caption: _, ...types } = TYPES;
    const kept = {
      n: 'BIGINT',
      x: 'DOUBLE',
      big: 'BIGINT',
      yes: 'BOOLEAN',
      mixed: 'VARCHAR',
      none: 'VARCHAR',
    };
    const renamed = { list_URL: 'VARCHAR', list_status: 'VARCHAR', told: 'DOUBLE' };
    expect(await typesIn(table)).toEqual({
      ...types,
      ...kept,
      ...renamed,
      ...(format === 'parquet' && { jpg: 'BLOB' }),
    });
    expect(
      await duckdb('select n, x, big, yes, mixed, none, list_URL, list_status, told from $1', table),
    ).toEqual([
      {
        n: '1',
        x: 1,
        big: String(2n ** 60n),
        yes: true,
        mixed: '1',
        none: null,
        list_URL: 'a',
        list_status: 'b',
        told: 1,
      },
      {
        n: '2',
        x: 0.5,
        big: null,
        yes: false,
        mixed: 'two',
        none: null,
        list_URL: null,
        list_status: null,
        told: 2,
      },
    ]);
  });

  test("is beside img2dataset's figures, and ours", async () => {
    const directory = scratchDirectory();
    const before = Date.now() / 1000;
    await finishedShard(directory, ROWS, layoutOf(format, SIZE));
    const stats = JSON.parse(readFileSync(join(directory, '00000_stats.json'), 'utf8')) as Record<
      string,
      number
    >;
    expect(stats).toEqual({
      count: 100,
      successes: 66,
      failed_to_download: 23,
      failed_to_resize: 11,
      start_time: expect.any(Number),
      end_time: expect.any(Number),
      duration: expect.any(Number),
      status_dict: {
        success: 66,
        'It failed with http-status.': 12,
        'It failed with timeout-total.': 11,
        'It failed with resize-failed.': 11,
      },
      codes: { 'http-status': 12, 'timeout-total': 11, 'resize-failed': 11 },
    });
    expect(stats.start_time).toBeGreaterThanOrEqual(before - 0.01);
    expect(stats.duration).toBeCloseTo(stats.end_time! - stats.start_time!, 3);
  });
});

describe('webdataset', () => {
  test('is a tar with KEY.jpg, KEY.txt and KEY.json of each good row, adjacent', async () => {
    const directory = scratchDirectory();
    await finishedShard(directory, ROWS, layoutOf('webdataset', SIZE));
    expect(readdirSync(directory).sort()).toEqual(['00000.parquet', '00000.tar', '00000_stats.json']);
    const members = tarMembers(join(directory, '00000.tar'));
    expect(members.map(({ name }) => name)).toEqual(
      GOOD.flatMap((i) => [`${KEY(i)}.jpg`, `${KEY(i)}.txt`, `${KEY(i)}.json`]),
    );
    for (const [n, index] of GOOD.entries()) {
      const [picture, text, json] = members.slice(3 * n, 3 * n + 3);
      expect(picture).toMatchObject({ sha256: sha256(bytesOf(index)), mode: 0o644 });
      expect(text?.contents).toBe(`Nr. ${index}`);
      expect(json?.contents).toMatchObject({
        key: KEY(index),
        url: outcomeOf(index).row.url,
        code: null,
        width: 70,
      });
      expect(Object.keys(json?.contents as object)).toEqual(Object.keys(TYPES));
    }
  });

  test('has no text where the list has no captions, and an empty one where a row has none', async () => {
    const withOne = scratchDirectory();
    const writer = await opened(withOne, 1, layoutOf('webdataset'));
    const one = outcomeOf(0);
    await writer.store(
      { ...one, row: { ...one.row, caption: null } },
      { bytes: bytesOf(0), extension: 'webp' },
    );
    await writer.finish();
    expect(tarMembers(join(withOne, '00000.tar')).map(({ name, size }) => [name, size > 0])).toEqual([
      ['000000.webp', true],
      ['000000.txt', false],
      ['000000.json', true],
    ]);
    const without = scratchDirectory();
    const other = await opened(without, 1, layoutOf('webdataset', { captions: false }));
    await other.store(one, { bytes: bytesOf(0), extension: 'webp' });
    await other.finish();
    const names = tarMembers(join(without, '00000.tar')).map(({ name }) => name);
    expect(names).toEqual(['000000.webp', '000000.json']);
  });

  test('is an empty tar where no row is good', async () => {
    const directory = scratchDirectory();
    const writer = await opened(directory, 1, layoutOf('webdataset'));
    await storeRest(writer, 10);
    await writer.finish();
    expect(tarMembers(join(directory, '00000.tar'))).toEqual([]);
    expect(await duckdb('select count(*)::int as n from $1', join(directory, '00000.parquet'))).toEqual([
      { n: 1 },
    ]);
  });
});

describe('files', () => {
  test('is a folder with the same files', async () => {
    const directory = scratchDirectory();
    const writer = await opened(directory, ROWS, layoutOf('files', SIZE));
    await storeRest(writer, SIZE.shardSize);
    expect(readdirSync(directory).sort()).toEqual(['00000.journal', '00000.part']);
    await writer.finish();
    expect(readdirSync(directory).sort()).toEqual(['00000', '00000.parquet', '00000_stats.json']);
    const folder = join(directory, '00000');
    expect(readdirSync(folder).sort()).toEqual(
      GOOD.flatMap((i) => [`${KEY(i)}.jpg`, `${KEY(i)}.json`, `${KEY(i)}.txt`]),
    );
    for (const index of GOOD) {
      expect(bytesOf(index).equals(readFileSync(join(folder, `${KEY(index)}.jpg`)))).toBe(true);
      expect(readFileSync(join(folder, `${KEY(index)}.txt`), 'utf8')).toBe(`Nr. ${index}`);
      const json = JSON.parse(readFileSync(join(folder, `${KEY(index)}.json`), 'utf8')) as object;
      expect(json).toMatchObject({ key: KEY(index), status: 'success' });
    }
  });
});

describe('parquet', () => {
  test('has the bytes in a column of the table', async () => {
    const directory = scratchDirectory();
    await finishedShard(directory, ROWS, layoutOf('parquet', SIZE));
    expect(readdirSync(directory).sort()).toEqual(['00000.parquet', '00000_stats.json']);
    const rows = await duckdb('select key, sha256(jpg) as digest from $1', join(directory, '00000.parquet'));
    expect(rows).toEqual(
      Array.from({ length: ROWS }, (_, i) => ({
        key: KEY(i),
        digest: i % 3 === 0 ? null : sha256(bytesOf(i)),
      })),
    );
  });

  test('calls the column what the pictures are encoded in', async () => {
    const directory = scratchDirectory();
    await finishedShard(directory, 3, layoutOf('parquet', { encode: 'webp' }));
    const types = await typesIn(join(directory, '00000.parquet'));
    expect(types).toEqual({ ...TYPES, webp: 'BLOB' });
  });

  test('writes large pictures in row groups of at most 8 MiB', async () => {
    const directory = scratchDirectory();
    const large = Buffer.alloc(3 * 1024 * 1024, 1);
    const writer = await opened(directory, 7, layoutOf('parquet'));
    await storeRest(
      writer,
      10,
      (i) => outcomeOf(i),
      (i) => ({ bytes: i === 5 ? Buffer.alloc(9 * 1024 * 1024) : large, extension: 'jpg' }),
    );
    await writer.finish();
    const table = join(directory, '00000.parquet');
    const groups = await duckdb(
      "select row_group_num_rows as rows from parquet_metadata($1) where path_in_schema = 'jpg' order by row_group_id",
      table,
    );
    expect(groups).toEqual(['2', '2', '1', '1', '1'].map((rows) => ({ rows })));
    expect(await duckdb('select sum(octet_length(jpg))::bigint as n from $1', table)).toEqual([
      { n: String(6 * large.length + 9 * 1024 * 1024) },
    ]);
  });
});
