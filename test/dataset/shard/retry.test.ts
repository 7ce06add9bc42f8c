/** A finished shard that is opened again for its failures. */

import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/dataset/outcome.js';
import { openShard, reopenShard } from '../../../src/dataset/shard/open-shard.js';
import { OpenShard } from '../../../src/dataset/shard/shard-writer.js';
import { type FailureSelector, WantedFailures } from '../../../src/dataset/shard/wanted-failures.js';
import { scratchDirectory } from '../../support/scratch.js';
import { duckdb } from '../support/duckdb.js';
import { mixedOutcome, mixedPicture, outcomeOf, pictureOf } from '../support/outcomes.js';
import { contentsOf, FORMATS, finishedShard, layoutOf, opened, storeRest } from '../support/shards.js';

const ROWS = 10;
/** Rows 0 and 9 failed with it, 3 with timeout-total and 6 with resize-failed. */
const STATUS = ['http-status'] as const;

describe.each(FORMATS)('reopenShard() of a shard as %s', (format) => {
  const layout = layoutOf(format, { columns: [{ name: 'n' }, { name: 'key' }] });

  /** Rows with columns of the list, so that it is seen that they are kept. */
  const withColumns = (outcome: Outcome): Outcome => {
    const { row } = outcome;
    return { ...outcome, row: { ...row, columns: { n: row.index, key: `its own ${row.index}` } } };
  };
  const first = (index: number) => withColumns(mixedOutcome(index));
  const later = (index: number) => withColumns(outcomeOf(index, { attempts: 2 }));

  async function finished(): Promise<string> {
    const directory = scratchDirectory();
    const writer = await opened(directory, ROWS, layout);
    await storeRest(writer, 10, first);
    await writer.finish();
    return directory;
  }

  async function reopened(directory: string, selectors: readonly FailureSelector[] = []): Promise<OpenShard> {
    const writer = await reopenShard(directory, 0, ROWS, layout, new WantedFailures(selectors));
    if (!(writer instanceof OpenShard)) throw new Error('it was not opened');
    return writer;
  }

  /** What the shard is when the rows of these places have succeeded. */
  async function whole(...places: number[]): Promise<Record<string, unknown>> {
    const directory = scratchDirectory();
    const writer = await opened(directory, ROWS, layout);
    const isLater = (index: number) => places.includes(index);
    await storeRest(
      writer,
      10,
      (index) => (isLater(index) ? later(index) : first(index)),
      (index) => (isLater(index) ? pictureOf(index) : mixedPicture(index)),
    );
    await writer.finish();
    return contentsOf(directory);
  }

  test('has only the failures of these codes to do, and keeps the rest', async () => {
    const directory = await finished();
    const before = contentsOf(directory);
    const writer = await reopened(directory, STATUS);
    expect([...Array(ROWS).keys()].filter((place) => !writer.isDone(place))).toEqual([0, 9]);
    expect(writer.summary()).toMatchObject({ count: 8, codes: { 'timeout-total': 1, 'resize-failed': 1 } });
    // Until it is whole, the finished one stays.
    await writer.store(later(9), pictureOf(9));
    expect(contentsOf(directory)).toMatchObject(before);
    await writer.store(later(0), pictureOf(0));
    await writer.finish();
    expect(contentsOf(directory)).toEqual(await whole(0, 9));
    const rows = await duckdb(
      'select key, list_key, n, attempts from $1 limit 2',
      join(directory, '00000.parquet'),
    );
    expect(rows).toEqual([
      { key: '000000', list_key: 'its own 0', n: '0', attempts: 2 },
      { key: '000001', list_key: 'its own 1', n: '1', attempts: 1 },
    ]);
  });

  test('has all failures to do where no code is given, and may fail again', async () => {
    const directory = await finished();
    const before = contentsOf(directory);
    const writer = await reopened(directory);
    expect(await storeRest(writer, 10, first)).toEqual([0, 3, 6, 9]);
    await writer.finish();
    expect(contentsOf(directory)).toEqual(before);
  });

  test('has only the failures of a status to do', async () => {
    const writer = await reopened(await finished(), [404]);
    expect([...Array(ROWS).keys()].filter((place) => !writer.isDone(place))).toEqual([0, 9]);
    await writer.abandon();
  });

  test('opens nothing where there is no such failure', async () => {
    const directory = await finished();
    const before = contentsOf(directory);
    for (const selector of ['aborted', 429, '5xx'] as const)
      expect(await reopenShard(directory, 0, ROWS, layout, new WantedFailures([selector]))).toBeUndefined();
    expect(contentsOf(directory)).toEqual(before);
  });

  test('is gone on with after it was ended, by openShard as by itself', async () => {
    const directory = await finished();
    const writer = await reopened(directory, STATUS);
    await writer.store(later(9), pictureOf(9));
    await writer.abandon();
    const again = await opened(directory, ROWS, layout);
    expect(again.left).toBe(1);
    await again.abandon();
    const third = await reopened(directory);
    expect(await storeRest(third, 10, later, pictureOf)).toEqual([0]);
    await third.finish();
    expect(contentsOf(directory)).toEqual(await whole(0, 9));
  });

  test('loses nothing to a crash between any two steps of finishing', async () => {
    const old = await finished();
    const result = await whole(0, 9);
    for (let crashAfter = 1; ; crashAfter++) {
      const directory = scratchDirectory();
      cpSync(old, directory, { recursive: true });
      const writer = await reopened(directory, STATUS);
      await storeRest(writer, 10, later, pictureOf);
      const finishing = writer.finishing();
      let step = await finishing.next();
      for (let n = 1; n < crashAfter && !step.done; n++) step = await finishing.next();
      if (step.done) break;
      const again = await openShard(directory, 0, ROWS, layout);
      await again.writer?.finish();
      expect(contentsOf(directory)).toEqual(result);
      await writer.abandon();
    }
  });

  test('leaves the finished shard, and nothing else, where it was killed before it had copied it', async () => {
    const directory = await finished();
    const before = contentsOf(directory);
    const writer = await reopened(directory, STATUS);
    await writer.abandon();
    // As it is before the journal has its name.
    const journal = join(directory, '00000.journal');
    cpSync(journal, `${journal}.part`);
    rmSync(journal);
    const { finished: summary } = await openShard(directory, 0, ROWS, layout);
    expect(summary).toMatchObject({ count: ROWS, successes: 6 });
    expect(contentsOf(directory)).toEqual(before);
  });
});

test('a tar that was opened again holds the finished one, byte for byte, and what came', async () => {
  const directory = scratchDirectory();
  const layout = layoutOf('webdataset');
  await finishedShard(directory, ROWS, layout);
  const tar = join(directory, '00000.tar');
  const before = readFileSync(tar);
  const writer = await reopenShard(directory, 0, ROWS, layout, new WantedFailures(STATUS));
  await storeRest(writer!, 10, outcomeOf, pictureOf);
  expect(before.equals(readFileSync(tar))).toBe(true);
  await writer!.finish();
  const after = readFileSync(tar);
  expect(after.subarray(0, before.length - 1024).equals(before.subarray(0, -1024))).toBe(true);
  expect(readdirSync(directory).sort()).toEqual(['00000.parquet', '00000.tar', '00000_stats.json']);
  expect(existsSync(`${tar}.part`)).toBe(false);
});

test('a picture that somebody took out of the finished shard is done again', async () => {
  const directory = scratchDirectory();
  const layout = layoutOf('files');
  await finishedShard(directory, ROWS, layout);
  rmSync(join(directory, '00000', '000001.jpg'));
  const writer = await reopenShard(directory, 0, ROWS, layout, new WantedFailures(STATUS));
  expect(writer?.isDone(1)).toBe(false);
  expect(await storeRest(writer!, 10)).toEqual([0, 1, 9]);
  await writer!.finish();
  expect(existsSync(join(directory, '00000', '000001.jpg'))).toBe(true);
});
