import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Crew, type CrewObserver } from '../../src/dataset/pull/crew.js';
import { settlePull } from '../../src/dataset/pull/options.js';
import type { ShardWork } from '../../src/dataset/pull/shard-work.js';
import { SharedHosts } from '../../src/dataset/schedule/shared-hosts.js';
import { scratchDirectory } from '../support/scratch.js';
import { until } from '../support/until.js';

const ROWS = 10;

function workOf(shard: number): ShardWork {
  const rows = Array.from({ length: ROWS }, (_, place) => {
    return { index: shard * ROWS + place, url: `no URL ${place}`, caption: null, columns: {} };
  });
  return { shard, rows, copies: [] };
}

/** Runs a crew of real threads on `shards` shards. `room`: what the crew waits for at its nth question, from 1. */
function crewOn(shards: number, threads: number, room: (question: number) => Promise<void>) {
  const directory = join(scratchDirectory(), 'out');
  mkdirSync(directory);
  const { layout, policy, limit, window, memoryBytes } = settlePull({
    list: 'unread.txt',
    directory,
    shardSize: ROWS,
  });
  const finished: number[] = [];
  let questions = 0;
  const observer: CrewObserver = {
    outcomes: () => undefined,
    room: () => room(++questions),
    shardFinished: (shard) => finished.push(shard),
  };
  let cut = 0;
  const next = async () => (cut < shards ? workOf(cut++) : undefined);
  const ending = new AbortController();
  const settings = {
    ...{ directory, policy, limit, window, memoryBytes, retryFailed: undefined },
    layout: { ...layout, digest: 'of a test' },
  };
  const run = new Crew({ next }, observer).run(
    threads,
    SharedHosts.buffer(6, Date.now()),
    settings,
    ending.signal,
  );
  return { run, finished, ending };
}

test('a crew of any size does each shard once', async () => {
  for (const threads of [1, 2, 5]) {
    const { run, finished } = crewOn(4, threads, async () => undefined);
    await run;
    expect(finished.toSorted()).toEqual([0, 1, 2, 3]);
  }
}, 60_000);

test('a crew that is ended leaves, though it waits for room to give a further thread its shard', async () => {
  // The second question is that for a shard of a second thread: the first thread is told that there is no more, and leaves.
  const never = new Promise<void>(() => undefined);
  const { run, finished, ending } = crewOn(1, 2, (question) => (question === 2 ? never : Promise.resolve()));
  let isOver = false;
  const over = run.then(() => {
    isOver = true;
  });
  await until(() => finished.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(isOver).toBe(false);
  ending.abort();
  await over;
}, 60_000);
