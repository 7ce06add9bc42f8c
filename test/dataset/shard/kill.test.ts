/** A process that is killed (SIGKILL) at any moment while it stores rows or finishes the shard: the next goes on, and does nothing twice. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { DatasetFormat } from '../../../src/dataset/shard/layout.js';
import { childWith } from '../../support/child.js';
import { scratchDirectory } from '../../support/scratch.js';
import { duckdb } from '../support/duckdb.js';
import { tarMembers } from '../support/python.js';
import { contentsOf, FORMATS, finishedShard, layoutOf } from '../support/shards.js';

const KILLS = 20;
const ROWS = 999;

const STORE = `
const [directory, format, rows, log] = process.argv.slice(1);
await sluice.storeAll(directory, format, Number(rows), log);`;

/** Runs until the end, or until it is killed some milliseconds after so many bytes more of its log have come. */
async function run(directory: string, format: DatasetFormat, log: string, killAfter?: number, delay = 0) {
  const size = () => (existsSync(log) ? statSync(log).size : 0);
  const before = size();
  const args = [directory, format, String(ROWS), log];
  const { process, ended } = await childWith(
    new URL('../support/storing.ts', import.meta.url),
    STORE,
    ...args,
  );
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  if (killAfter !== undefined) {
    while (!isOver && size() - before < killAfter) await sleep(1);
    await sleep(delay);
    process.kill('SIGKILL');
  }
  return await ended;
}

describe.each(FORMATS)('a shard as %s whose process is killed', (format) => {
  test(`${KILLS} times at random is as if it had not been`, { timeout: 120_000 }, async () => {
    const directory = scratchDirectory();
    const log = join(scratchDirectory(), 'log');
    let killed = 0;
    for (let n = 0; n < KILLS; n++) {
      // Some at once, some after a while, and some while the shard is being finished.
      const killAfter = Math.floor(Math.random() * ((ROWS * 5) / KILLS));
      const { signal, stderr } = await run(directory, format, log, killAfter, Math.random() * 10);
      expect(stderr).toBe('');
      if (signal === 'SIGKILL') killed++;
    }
    expect(killed).toBeGreaterThan(0);
    expect(await run(directory, format, log)).toMatchObject({ code: 0, stderr: '' });

    const undisturbed = scratchDirectory();
    await finishedShard(undisturbed, ROWS, layoutOf(format, { shardSize: ROWS }));
    expect(contentsOf(directory)).toEqual(contentsOf(undisturbed));

    // A row is done twice only where it was in flight: done, but not yet in the log of the process.
    const done = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    expect(new Set(done).size).toBe(done.length);
    expect(done.length).toBeGreaterThanOrEqual(ROWS - KILLS);

    const good = await duckdb(
      "select key from $1 where status = 'success'",
      join(directory, '00000.parquet'),
    );
    expect(good).toHaveLength((ROWS * 2) / 3);
    if (format !== 'webdataset') return;
    const names = tarMembers(join(directory, '00000.tar')).map(({ name }) => name);
    expect(names.filter((name) => name.endsWith('.jpg')).sort()).toEqual(good.map(({ key }) => `${key}.jpg`));
    expect(names).toHaveLength(3 * good.length);
  });
});
