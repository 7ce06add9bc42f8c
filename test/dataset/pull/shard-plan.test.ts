import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShardPlan } from '../../../src/dataset/pull/shard-plan.js';
import type { ShardWork } from '../../../src/dataset/pull/shard-work.js';
import { UrlIndex } from '../../../src/dataset/pull/url-index.js';
import type { ListRow } from '../../../src/dataset/row.js';
import { scratchDirectory } from '../../support/scratch.js';

async function* batchesOf(
  rows: readonly ListRow[],
  sizes: readonly number[],
): AsyncGenerator<readonly ListRow[]> {
  for (let at = 0, batch = 0; at < rows.length; batch++) {
    const size = sizes[batch % sizes.length]!;
    yield rows.slice(at, at + size);
    at += size;
  }
}

async function allOf(plan: ShardPlan): Promise<ShardWork[]> {
  const works: ShardWork[] = [];
  for (let work = await plan.next(); work !== undefined; work = await plan.next()) works.push(work);
  return works;
}

function rowsOf(urls: readonly number[]): ListRow[] {
  return urls.map((url, index) => {
    const row = { index, url: `http://127.0.0.1/${url}`, caption: null, columns: {} };
    return url === 0 ? { ...row, problem: 'no line' } : row;
  });
}

describe('ShardPlan', () => {
  test('cuts any list, in any batches, into shards of so many rows in their order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 20 }),
        async (count, sizes, shardSize) => {
          const rows = rowsOf(Array.from({ length: count }, (_, index) => index));
          const plan = new ShardPlan(batchesOf(rows, sizes), shardSize, undefined);
          const works = await allOf(plan);
          expect(works.map(({ shard }) => shard)).toEqual(works.map((_, index) => index));
          expect(works.flatMap((work) => work.rows)).toEqual(rows);
          for (const [index, work] of works.entries())
            expect(work.rows.length).toBe(Math.min(shardSize, count - index * shardSize));
          expect(plan.shards).toBe(Math.ceil(count / shardSize));
        },
      ),
    );
  });

  test('gives each shard once, though several ask at the same time', async () => {
    const plan = new ShardPlan(batchesOf(rowsOf([1, 2, 3, 4, 5, 6, 7]), [2]), 2, undefined);
    const works = await Promise.all(Array.from({ length: 6 }, () => plan.next()));
    expect(works.map((work) => work?.shard)).toEqual([0, 1, 2, 3, undefined, undefined]);
  });

  test('ends where its index fails: no later rows get the number of the shard that was lost', async () => {
    let flushes = 0;
    const index = {
      firstOf: (_: string, row: number) => row,
      flush: async () => {
        flushes++;
        if (flushes === 2) throw new Error('no room');
      },
    };
    const plan = new ShardPlan(batchesOf(rowsOf([1, 2, 3, 4, 5, 6]), [6]), 2, index);
    expect((await plan.next())?.shard).toBe(0);
    await expect(plan.next()).rejects.toThrow('no room');
    expect(await plan.next()).toBeUndefined();
  });

  test('finds of each repeated URL the first row; lines that could not be read are none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 8 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 5, undefined),
        async (urls, shardSize, mostInMemory) => {
          const index = new UrlIndex(join(scratchDirectory(), 'urls'), mostInMemory);
          const works = await allOf(new ShardPlan(batchesOf(rowsOf(urls), [7]), shardSize, index));
          await index.close();
          const found = works.flatMap(({ shard, copies }) =>
            copies.map(([place, first]) => [shard * shardSize + place, first]),
          );
          const expected = urls.flatMap((url, at) => {
            const first = urls.indexOf(url);
            return url === 0 || first === at ? [] : [[at, first]];
          });
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 20 },
    );
  });
});
