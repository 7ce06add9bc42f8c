/** A process that does what is left of a shard, to be killed. */

import { openSync, writeSync } from 'node:fs';
import type { DatasetFormat } from '../../../src/dataset/shard/layout.js';
import { openShard } from '../../../src/dataset/shard/open-shard.js';
import { bytesOf, mixedOutcome, mixedPicture, outcomeOf } from './outcomes.js';
import { layoutOf } from './shards.js';

/** Stores the rows in no order, and writes into the file `log` a line for each when it is done. */
export async function storeAll(
  directory: string,
  format: DatasetFormat,
  rows: number,
  log: string,
): Promise<void> {
  const { writer } = await openShard(directory, 0, rows, layoutOf(format, { shardSize: rows }));
  if (writer === undefined) return;
  const fd = openSync(log, 'a');
  for (let i = 0; i < rows; i++) {
    const place = (i * 7919) % rows;
    if (writer.isDone(place)) continue;
    await writer.store(mixedOutcome(place), mixedPicture(place));
    writeSync(fd, `${place}\n`);
  }
  await writer.finish();
}

/** Stores good rows with pictures of so many bytes; tells how long it took, and the most memory that the process had. */
export async function measured(directory: string, format: DatasetFormat, rows: number, bytes: number) {
  const began = performance.now();
  const { writer } = await openShard(directory, 0, rows, layoutOf(format, { shardSize: rows }));
  for (let i = 0; i < rows; i++)
    await writer!.store(outcomeOf(i), { bytes: bytesOf(i, bytes), extension: 'jpg' });
  const stored = performance.now();
  await writer!.finish();
  const [storing, finishing] = [stored - began, performance.now() - stored];
  return { storing, finishing, memory: process.resourceUsage().maxRSS * 1024 };
}
