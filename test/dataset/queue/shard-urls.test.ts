import { expect, test } from 'vitest';
import { ShardPlan } from '../../../src/dataset/pull/shard-plan.js';
import { ShardUrls } from '../../../src/dataset/queue/shard-urls.js';
import type { ListRow } from '../../../src/dataset/row.js';

test('finds each URL that a shard has twice, however far apart, and none of another shard', async () => {
  const shardSize = 2500;
  async function* rows(): AsyncGenerator<ListRow[]> {
    yield Array.from({ length: 2 * shardSize }, (_, index) => ({
      index,
      url: `http://127.0.0.1/${index % shardSize === shardSize - 1 ? 'again' : index}`,
      caption: null,
      columns: {},
    })).map((row) => (row.index % shardSize === 0 ? { ...row, url: 'http://127.0.0.1/again' } : row));
  }
  const plan = new ShardPlan(rows(), shardSize, new ShardUrls(shardSize));
  const shards = [await plan.next(), await plan.next()];
  expect(shards.map((shard) => shard?.copies)).toEqual([[[shardSize - 1, 0]], [[shardSize - 1, shardSize]]]);
});
