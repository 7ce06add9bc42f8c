/** Shards on disk: made, and looked at. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Picture } from '../../../src/dataset/outcome.js';
import type { DatasetFormat, Layout } from '../../../src/dataset/shard/layout.js';
import { openShard } from '../../../src/dataset/shard/open-shard.js';
import { OpenShard, type ShardWriter } from '../../../src/dataset/shard/shard-writer.js';
import { membersOf } from '../../../src/dataset/shard/tar.js';
import { mixedOutcome, mixedPicture } from './outcomes.js';

export const FORMATS: readonly DatasetFormat[] = ['webdataset', 'files', 'parquet'];

export function layoutOf(format: DatasetFormat, differs: Partial<Layout> = {}): Layout {
  return { format, shardSize: 10, captions: true, columns: [], digest: 'one', ...differs };
}

/** The writer of a shard that is not finished. */
export async function opened(directory: string, rows: number, layout: Layout, shard = 0): Promise<OpenShard> {
  const { writer } = await openShard(directory, shard, rows, layout);
  if (!(writer instanceof OpenShard)) throw new Error('the shard is finished');
  return writer;
}

/** Stores what is not done: rows of which some failed, or what is said. */
export async function storeRest(
  writer: ShardWriter,
  shardSize: number,
  outcome: (index: number) => Outcome = mixedOutcome,
  picture: (index: number) => Picture | undefined = mixedPicture,
): Promise<number[]> {
  const stored: number[] = [];
  for (let place = 0; place < writer.rows; place++) {
    if (writer.isDone(place)) continue;
    const index = writer.shard * shardSize + place;
    await writer.store(outcome(index), picture(index));
    stored.push(place);
  }
  return stored;
}

/** A finished shard of such rows. */
export async function finishedShard(directory: string, rows: number, layout: Layout): Promise<void> {
  const writer = await opened(directory, rows, layout);
  await storeRest(writer, layout.shardSize);
  await writer.finish();
}

/** All that a directory holds, by its path: a tar as its members, stats without their times, anything else as bytes in hexadecimal. */
export function contentsOf(directory: string): Record<string, unknown> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Object.fromEntries(names.map((path) => [path.slice(directory.length + 1), contentOf(path)]));
}

function contentOf(path: string): unknown {
  if (path.endsWith('.tar')) {
    const tar = readFileSync(path);
    const members = [...membersOf((offset, length) => tar.subarray(offset, offset + length))];
    return members
      .map(({ name, offset, length }) => `${name} ${tar.toString('hex', offset, offset + length)}`)
      .sort();
  }
  if (path.endsWith('_stats.json')) {
    const stats = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    return { ...stats, start_time: 0, end_time: 0, duration: 0 };
  }
  return readFileSync(path).toString('hex');
}
