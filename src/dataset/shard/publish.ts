import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { syncDirectory } from '../../save/sync.js';
import { writeFailed } from '../../save/write-failed.js';
import type { DataFormat } from './data-part.js';
import { partOf, type ShardPaths } from './layout.js';

/**
 * Gives the parts of a committed shard their names: the pictures, the table, and last the stats, whose presence means that the shard is finished. Each step
 * may have been done before, for a crash may come between any two; yields after each. Throws `write-failed`.
 */
export async function* publishing(paths: ShardPaths, format: DataFormat): AsyncGenerator<string> {
  const { directory, table, stats, journal } = paths;
  try {
    await format.publish(paths);
    yield 'pictures named';
    await renamePart(table);
    yield 'table named';
    await syncDirectory(directory);
    await renamePart(stats);
    yield 'stats named';
    await syncDirectory(directory);
    await format.discard(paths);
    yield 'part discarded';
    await rm(journal, { force: true });
    yield 'journal removed';
  } catch (error) {
    throw writeFailed(directory, error);
  }
}

/** Takes away what a killed run left of a shard of which no journal tells. */
export async function discardLeftovers(paths: ShardPaths, format: DataFormat): Promise<void> {
  try {
    await format.discard(paths);
    for (const path of [paths.table, paths.stats, paths.journal]) await rm(partOf(path), { force: true });
  } catch (error) {
    throw writeFailed(paths.directory, error);
  }
}

/** Resolves when the names in a shard's directory are on the disk. */
export async function syncNames({ directory }: ShardPaths): Promise<void> {
  try {
    await syncDirectory(directory);
  } catch (error) {
    throw writeFailed(directory, error);
  }
}

async function renamePart(path: string): Promise<void> {
  if (existsSync(partOf(path))) await rename(partOf(path), path);
}
