import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pull } from '../../src/index.js';
import { scratchDirectory } from '../support/scratch.js';

/** More than may wait for an iteration. */
const ROWS = 30_000;

/** A list of rows of which none leads anywhere. */
function listOf(rows: number): { list: string; directory: string } {
  const folder = scratchDirectory();
  const list = join(folder, 'urls.txt');
  writeFileSync(list, Array.from({ length: rows }, (_, row) => `no URL ${row}\n`).join(''));
  return { list, directory: join(folder, 'out') };
}

describe('pull()', () => {
  test('tells every row, though who iterates is slow', async () => {
    const run = pull({ ...listOf(ROWS), shardSize: 1000 });
    const indexes = new Set<number>();
    for await (const { row, code } of run) {
      expect(code).toBe('url-malformed');
      indexes.add(row.index);
      if (row.index % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(indexes.size).toBe(ROWS);
    expect(await run.result).toMatchObject({ complete: true, shards: 30, summary: { count: ROWS } });
  }, 120_000);

  test('goes on without who has left the iteration', async () => {
    const run = pull({ ...listOf(ROWS), shardSize: 1000 });
    for await (const _ of run) break;
    expect(await run.result).toMatchObject({ complete: true, summary: { count: ROWS } });
  }, 120_000);

  test('is ended by its signal, in a state from which it goes on', async () => {
    const options = { ...listOf(20_000), shardSize: 1000 };
    const ended = pull({ ...options, signal: AbortSignal.abort() });
    expect(await ended.result).toMatchObject({ complete: false });
    expect(await pull(options).result).toMatchObject({ complete: true, summary: { count: 20_000 } });
  }, 120_000);

  test('starts no thread that there is no shard for, and no more than it was told', async () => {
    const started = async (rows: number) => {
      let threads = 0;
      const count = () => threads++;
      process.on('worker', count);
      const { summary } = await pull({ ...listOf(rows), shardSize: 1000, threads: 3 }).result;
      process.off('worker', count);
      expect(summary.count).toBe(rows);
      return threads;
    };
    expect(await started(1)).toBe(1);
    expect(await started(2000)).toBeLessThanOrEqual(2);
    expect(await started(20_000)).toBe(3);
  }, 120_000);

  test('rejects where an option can not be obeyed: the result, and the iteration', async () => {
    const run = pull({ ...listOf(1), shardSize: 0.5 });
    await expect(run.result).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(run[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'option-invalid' });
  });
});
