import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { FORMATS } from '../shard/formats.js';
import { type Layout, shardPaths } from '../shard/layout.js';
import { openShard } from '../shard/open-shard.js';
import { discardLeftovers } from '../shard/publish.js';
import { readStats, type ShardSummary } from '../shard/stats.js';
import { completePublication } from './publication.js';
import type { RunFolder } from './run-folder.js';

/**
 * What became of a shard, where it is finished. Whatever was begun of it is brought to its end where it is whole, and otherwise, where one machine alone has begun it, given up:
 * a worker begins it again.
 */
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
  await rm(paths.journal, { force: true });
  await discardLeftovers(paths, FORMATS[layout.format]);
  return undefined;
}
