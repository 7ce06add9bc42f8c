/** Data sets on disk, made of outcomes. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Picture } from '../../../src/dataset/outcome.js';
import { RunState } from '../../../src/dataset/pull/run-state.js';
import type { Layout } from '../../../src/dataset/shard/layout.js';
import { opened, storeRest } from './shards.js';

/** Writes the record of a run; finished, unless it is said otherwise. */
export async function recordRun(directory: string, layout: Layout, isFinished = true): Promise<void> {
  const { format, shardSize, columns } = layout;
  const list = {
    files: [{ name: 'urls.csv', format: 'csv', size: 1234, modifiedMs: null, sha256: null } as const],
    urlCol: 'url',
    captionCol: layout.captions ? 'caption' : null,
    columns: columns.map(({ name }) => name),
  };
  const state = await RunState.begin(directory, list, { '--format': format, '--shard-size': shardSize });
  if (isFinished) state.result = { shards: 1, summary: NOTHING };
  await state.release();
}

const NOTHING = {
  count: 0,
  successes: 0,
  failedToDownload: 0,
  failedToResize: 0,
  codes: {},
  began: 0,
  ended: 0,
};

/** Stores outcomes in finished shards, and records the run. */
export async function madeDataset(
  directory: string,
  layout: Layout,
  outcomes: readonly Outcome[],
  pictureOf: (index: number) => Picture,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await recordRun(directory, layout);
  for (let shard = 0; shard * layout.shardSize < outcomes.length; shard++) {
    const rows = Math.min(layout.shardSize, outcomes.length - shard * layout.shardSize);
    const writer = await opened(directory, rows, layout, shard);
    await storeRest(
      writer,
      layout.shardSize,
      (index) => outcomes[index]!,
      (index) => (outcomes[index]!.status === 'success' ? pictureOf(index) : undefined),
    );
    await writer.finish();
  }
}

/** Says when a finished shard began and ended, in seconds since 1970. */
export function setTimes(
  directory: string,
  shard: number,
  began: number,
  ended: number,
  stats: object,
): void {
  const path = join(directory, `${String(shard).padStart(5, '0')}_stats.json`);
  writeFileSync(
    path,
    JSON.stringify({ ...stats, start_time: began, end_time: ended, duration: ended - began }),
  );
}
