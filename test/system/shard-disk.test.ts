/** Shards on a disk that fills up, or can't be written to. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UrlIndex } from '../../src/dataset/pull/url-index.js';
import { openShard, reopenShard } from '../../src/dataset/shard/open-shard.js';
import { WantedFailures } from '../../src/dataset/shard/wanted-failures.js';
import { bytesOf, outcomeOf } from '../dataset/support/outcomes.js';
import { contentsOf, FORMATS, layoutOf, opened, storeRest } from '../dataset/support/shards.js';
import { errorOf } from '../support/failure.js';

const parent = mkdtempSync(join(tmpdir(), 'sluice-shard-disk-'));
const disk = join(parent, 'disk');
const ROWS = 10;
const large = (index: number) => ({ bytes: bytesOf(index, 100_000), extension: 'jpg' });

const mount = (options: string) => execFileSync('mount', ['-o', `remount,${options}`, disk]);

beforeAll(() => {
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', disk]);
});

afterAll(() => {
  execFileSync('umount', [disk]);
  rmdirSync(disk);
  rmSync(parent, { recursive: true });
});

describe.each(FORMATS)('a shard as %s', (format) => {
  const layout = layoutOf(format);

  test('on a full disk says so, and is gone on with where there is room', async () => {
    const directory = join(disk, `full-${format}`);
    mkdirSync(directory);
    mount('size=600k');
    const writer = await opened(directory, ROWS, layout);
    const error = await errorOf(storeRest(writer, 10, outcomeOf, large));
    expect(error).toMatchObject({ code: 'write-failed', exitCode: 23 });
    expect(error.message).toMatch(/^".*full-.*" could not be written: the disk is full\.$/);
    // It does not go on as if nothing had been.
    expect(await errorOf(writer.store(outcomeOf(9), large(9)))).toBe(error);
    expect(await errorOf(writer.finish())).toBe(error);
    await writer.abandon();

    mount('size=10m');
    const again = await opened(directory, ROWS, layout);
    const rest = await storeRest(again, 10, outcomeOf, large);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.length).toBeLessThan(ROWS);
    await again.finish();
    const whole = join(disk, `whole-${format}`);
    mkdirSync(whole);
    const undisturbed = await opened(whole, ROWS, layout);
    await storeRest(undisturbed, 10, outcomeOf, large);
    await undisturbed.finish();
    expect(contentsOf(directory)).toEqual(contentsOf(whole));
    rmSync(directory, { recursive: true });
    rmSync(whole, { recursive: true });
  });

  test('that can only just not be finished is finished where there is room', async () => {
    const directory = join(disk, `last-${format}`);
    mkdirSync(directory);
    mount('size=10m');
    const writer = await opened(directory, ROWS, layout);
    await storeRest(writer, 10, outcomeOf, large);
    const filler = join(disk, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(2 ** 24))).toThrow('ENOSPC');
    const error = await errorOf(writer.finish());
    expect(error.message).toMatch(/: the disk is full\.$/);
    await writer.abandon();
    expect(readdirSync(directory)).not.toContain('00000_stats.json');

    rmSync(filler);
    const again = await opened(directory, ROWS, layout);
    expect(again.left).toBe(0);
    expect(await again.finish()).toMatchObject({ count: ROWS, successes: ROWS });
    expect(readdirSync(directory)).not.toContain('00000.journal');
    rmSync(directory, { recursive: true });
  });

  test('on a full disk is not opened again, and the finished one stays', async () => {
    const directory = join(disk, `again-${format}`);
    mkdirSync(directory);
    mount('size=10m');
    const writer = await opened(directory, ROWS, layout);
    await storeRest(writer, 10);
    await writer.finish();
    const before = contentsOf(directory);
    const filler = join(disk, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(2 ** 24))).toThrow('ENOSPC');
    const error = await errorOf(reopenShard(directory, 0, ROWS, layout, new WantedFailures([])));
    expect(error.message).toMatch(/: the disk is full\.$/);
    rmSync(filler);
    expect((await openShard(directory, 0, ROWS, layout)).finished).toMatchObject({ count: ROWS });
    expect(contentsOf(directory)).toEqual(before);
    rmSync(directory, { recursive: true });
  });

  test('on a read-only file system says so', async () => {
    const directory = join(disk, `read-only-${format}`);
    mkdirSync(directory);
    mount('ro');
    try {
      const error = await errorOf(openShard(directory, 0, ROWS, layout));
      expect(error).toMatchObject({ code: 'write-failed', exitCode: 23 });
      expect(error.message).toMatch(/^".*" could not be written: the file system is read-only\.$/);
    } finally {
      mount('rw');
    }
    rmdirSync(directory);
  });
});

test('the index of URLs on a full disk says so', async () => {
  mount('size=200k');
  const index = new UrlIndex(join(disk, 'urls'));
  const fill = async () => {
    for (let row = 0; row < 100_000; row++) {
      index.firstOf(`http://127.0.0.1/${row}`, row);
      if (row % 1000 === 0) await index.flush();
    }
  };
  const error = await errorOf(fill());
  await index.close();
  expect(error.message).toMatch(/^".*urls" could not be written: the disk is full\.$/);
  expect(error.exitCode).toBe(23);
});
