/** What is left of an open shard, however its run ended, is gone on with: the finished shard is the same as an undisturbed one. */

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openShard } from '../../../src/dataset/shard/open-shard.js';
import { errorOf } from '../../support/failure.js';
import { scratchDirectory } from '../../support/scratch.js';
import { mixedOutcome, mixedPicture } from '../support/outcomes.js';
import { contentsOf, FORMATS, finishedShard, layoutOf, opened, storeRest } from '../support/shards.js';

const ROWS = 9;

/** A shard of which the rows of these places are done, as an ended process leaves it. */
async function leftOpen(format: (typeof FORMATS)[number], places: readonly number[]): Promise<string> {
  const directory = scratchDirectory();
  const writer = await opened(directory, ROWS, layoutOf(format));
  for (const place of places) await writer.store(mixedOutcome(place), mixedPicture(place));
  await writer.abandon();
  return directory;
}

async function undisturbed(format: (typeof FORMATS)[number]): Promise<Record<string, unknown>> {
  const directory = scratchDirectory();
  await finishedShard(directory, ROWS, layoutOf(format));
  return contentsOf(directory);
}

const journalOf = (directory: string) => join(directory, '00000.journal');

/** The journal, with its lines replaced. */
function rewrite(directory: string, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(journalOf(directory), 'utf8').split('\n').slice(0, -1);
  writeFileSync(
    journalOf(directory),
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

describe.each(FORMATS)('an open shard as %s', (format) => {
  const layout = layoutOf(format);

  test('is gone on with: what is done is told, counted, and not done again', async () => {
    const directory = await leftOpen(format, [7, 0, 4, 3]);
    const writer = await opened(directory, ROWS, layout);
    expect([0, 3, 4, 7].every((place) => writer.isDone(place))).toBe(true);
    expect(writer.left).toBe(5);
    expect(writer.summary()).toMatchObject({
      count: 4,
      successes: 2,
      codes: { 'http-status': 1, 'timeout-total': 1 },
    });
    expect(await storeRest(writer, 10)).toEqual([1, 2, 5, 6, 8]);
    await writer.finish();
    expect(contentsOf(directory)).toEqual(await undisturbed(format));
  });

  test('finished, does nothing when it is opened again', async () => {
    const directory = scratchDirectory();
    await finishedShard(directory, ROWS, layout);
    const before = contentsOf(directory);
    const again = await openShard(directory, 0, ROWS, layout);
    expect(again.finished).toMatchObject({
      count: ROWS,
      successes: 6,
      failedToDownload: 2,
      failedToResize: 1,
    });
    expect(contentsOf(directory)).toEqual(before);
  });

  test('is whole again after its journal was cut anywhere', async () => {
    const whole = await undisturbed(format);
    const left = await leftOpen(format, [7, 0, 4, 3, 8]);
    const length = readFileSync(journalOf(left)).length;
    await fc.assert(
      fc.asyncProperty(fc.nat(length), async (cut) => {
        const directory = scratchDirectory();
        cpSync(left, directory, { recursive: true });
        truncateSync(journalOf(directory), cut);
        const writer = await opened(directory, ROWS, layout);
        await storeRest(writer, 10);
        await writer.finish();
        expect(contentsOf(directory)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  test('believes after a power cut what is known to be on the disk, and nothing else', async () => {
    const directory = await leftOpen(format, [7, 0, 4, 3, 8]);
    rewrite(directory, ([header, , ...rows]) => {
      const before = [header!, JSON.stringify({ boot: 'another start' }), ...rows.slice(0, 3)];
      const durable = before.join('\n').length + 1;
      return [...before, rows[3]!, JSON.stringify({ durable }), rows[4]!];
    });
    const writer = await opened(directory, ROWS, layout);
    expect([7, 0, 4].every((place) => writer.isDone(place))).toBe(true);
    expect(writer.left).toBe(6);
    // Killed in this start of the system, it keeps what it did in it.
    await writer.store(mixedOutcome(8), mixedPicture(8));
    await writer.abandon();
    const again = await opened(directory, ROWS, layout);
    expect(again.left).toBe(5);
    await storeRest(again, 10);
    await again.finish();
    expect(contentsOf(directory)).toEqual(await undisturbed(format));
  });

  test('does a picture again that is not there any more', async () => {
    const directory = await leftOpen(format, [0, 1, 2]);
    for (const name of readdirSync(directory))
      if (name.endsWith('.part')) rmSync(join(directory, name), { recursive: true });
    const writer = await opened(directory, ROWS, layout);
    expect(writer.isDone(0)).toBe(true);
    expect(writer.left).toBe(ROWS - 1);
    await storeRest(writer, 10);
    await writer.finish();
    expect(contentsOf(directory)).toEqual(await undisturbed(format));
  });

  test('is finished after a crash between any two steps of finishing', async () => {
    const whole = await undisturbed(format);
    const steps: string[] = [];
    for (let crashAfter = 1; ; crashAfter++) {
      const directory = scratchDirectory();
      const writer = await opened(directory, ROWS, layout);
      await storeRest(writer, 10);
      const finishing = writer.finishing();
      let step = await finishing.next();
      for (let n = 1; n < crashAfter && !step.done; n++) step = await finishing.next();
      if (step.done) break;
      steps.push(step.value);
      // `00000_stats.json` is a promise: where it is, all is there.
      if (existsSync(join(directory, '00000_stats.json'))) {
        const named = Object.entries(contentsOf(directory)).filter(([name]) => name in whole);
        expect(Object.fromEntries(named)).toEqual(whole);
      }
      const again = await openShard(directory, 0, ROWS, layout);
      expect(again.writer?.left ?? 0).toBe(0);
      const summary = again.finished ?? (await again.writer.finish());
      expect(summary).toMatchObject({ count: ROWS, successes: 6 });
      expect(contentsOf(directory)).toEqual(whole);
      await writer.abandon();
    }
    expect(steps).toEqual([
      'pictures whole',
      'table written',
      'stats written',
      'committed',
      'pictures named',
      'table named',
      'stats named',
      'part discarded',
      'journal removed',
    ]);
  });

  test.each([
    ['other options', ROWS, { digest: 'two' }, /its options or its list were others/],
    ['another number of rows', ROWS - 1, {}, /it is for 9 rows of shard 0 as \w+, not for 8 rows/],
    [
      'another format',
      ROWS,
      { format: format === 'files' ? 'parquet' : 'files' },
      /not for 9 rows of shard 0 as/,
    ],
  ] as const)('is refused, and stays as it is, with %s', async (_, rows, differs, says) => {
    const directory = await leftOpen(format, [0, 1]);
    const before = contentsOf(directory);
    const error = await errorOf(openShard(directory, 0, rows, layoutOf(format, differs)));
    expect(error.code).toBe('option-invalid');
    expect(error.message).toMatch(says);
    expect(contentsOf(directory)).toEqual(before);
  });

  test('takes each row once, none of another shard, and a picture with each success only', async () => {
    const writer = await opened(scratchDirectory(), ROWS, layout);
    await writer.store(mixedOutcome(1), mixedPicture(1));
    await expect(writer.store(mixedOutcome(1), mixedPicture(1))).rejects.toThrow('row 1 is stored already');
    await expect(writer.store(mixedOutcome(12), mixedPicture(1))).rejects.toThrow('row 12 is not of shard 0');
    await expect(writer.store(mixedOutcome(2), undefined)).rejects.toThrow('has no picture');
    await expect(writer.store(mixedOutcome(3), mixedPicture(1))).rejects.toThrow('has a picture');
    await expect(writer.finish()).rejects.toThrow('8 rows that are not done');
    await storeRest(writer, 10);
    await writer.finish();
    await expect(writer.store(mixedOutcome(1), mixedPicture(1))).rejects.toThrow('was finished');
  });
});

test('a file of another origin is not taken for the record of a finished shard', async () => {
  const directory = scratchDirectory();
  for (const text of ['', '{"count":', '[]', '{"count":"1"}']) {
    writeFileSync(join(directory, '00000_stats.json'), text);
    const error = await errorOf(openShard(directory, 0, 1, layoutOf('files')));
    expect(error).toMatchObject({ code: 'option-invalid' });
    expect(error.message).toMatch(/00000_stats.json" is no record of a finished shard\.$/);
  }
});

test.each(FORMATS)('a directory that is not there is told of, as %s', async (format) => {
  const directory = join(scratchDirectory(), 'none');
  const error = await errorOf(openShard(directory, 0, 1, layoutOf(format)));
  expect(error).toMatchObject({ code: 'write-failed', exitCode: 23 });
  expect(error.message).toMatch(/the directory does not exist\.$/);
  expect(existsSync(directory)).toBe(false);
});

test('a shard as files is finished on a system without coreutils, too', async () => {
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const directory = scratchDirectory();
  await finishedShard(directory, ROWS, layoutOf('files'));
  expect(contentsOf(directory)).toEqual(await undisturbed('files'));
});
