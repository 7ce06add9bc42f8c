import { existsSync } from 'node:fs';
import { type Layout, shardPaths } from '../shard/layout.js';
import { openShard } from '../shard/open-shard.js';
import { readStats, type ShardSummary } from '../shard/stats.js';
import { setAside } from './half-done.js';
import { completePublication } from './publication.js';
import type { RunFolder } from './run-folder.js';

/** What became of a shard, where it is finished. What was begun of it is brought to its end where it is whole, and where one machine alone has begun it, it is left to a crew. */
export async function settledShard(
  folder: RunFolder,
  shard: number,
  rows: number,
  layout: Layout,
): Promise<ShardSummary | undefined> {
  await completePublication(folder, shard);
  const paths = shardPaths(folder.directory, shard, layout);
  const before = readStats(paths.stats);
  if (before !== undefined || !existsSync(paths.journal)) return before;
  const { writer, finished } = await openShard(folder.directory, shard, rows, layout);
  if (finished !== undefined) return finished;
  await writer.abandon();
  await setAside(folder, shard, paths);
  return undefined;
}
