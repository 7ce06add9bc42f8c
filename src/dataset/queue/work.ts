import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { Crew } from '../pull/crew.js';
import { crewShare } from '../pull/options.js';
import { RunTally } from '../pull/run-tally.js';
import { connect, type QueueAddress, queueFailed } from './connection.js';
import { RunFolder } from './run-folder.js';
import { type RunRecord, readRun } from './run-record.js';
import { ShardQueue } from './shard-queue.js';
import { ShardsInHand } from './shards-in-hand.js';

/** How a worker joins a run. */
export interface WorkOptions {
  readonly queue: QueueAddress;
  /** Where the run's directory is on this machine. Default: where the planner has it. */
  readonly directory?: string;
  /** As `pull` has them. */
  readonly threads?: number;
  readonly concurrency?: number;
  readonly memoryBytes?: number;
  /** Milliseconds after which a shard is another's when nothing is heard of this worker. Default 30 000. */
  readonly leaseMs?: number;
  /** Ends the work early: what is in flight may end for ten seconds; shards that are not finished are given back. */
  readonly signal?: AbortSignal;
}

/** How a worker left. */
export interface WorkResult {
  /** The run is finished; false where this worker left before. */
  readonly complete: boolean;
  /** Shards that this worker has put into the data set. */
  readonly shards: number;
}

/** A worker at work. */
export interface WorkRun {
  /** Rejects with `queue-failed`, `option-invalid`, `write-failed`. */
  readonly result: Promise<WorkResult>;
  readonly tally: RunTally;
}

const LEASE_MS = 30_000;
/** How often is looked for a run where there is none. */
const LOOK_FOR_RUN_MS = 500;

/** Joins the run in the queue, or the next one, and works on its shards until it is finished. */
export function work(options: WorkOptions): WorkRun {
  const tally = new RunTally();
  return { tally, result: join(options, tally) };
}

async function join(options: WorkOptions, tally: RunTally): Promise<WorkResult> {
  const { queue: address, leaseMs = LEASE_MS } = options;
  const redis = await connect(address);
  const gone = new AbortController();
  redis.once('end', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    const run = await nextRun(redis, signal);
    if (run === undefined) return { complete: false, shards: 0 };
    const folder = new RunFolder(options.directory ?? run.directory);
    folder.requireIdentity(run.directoryId);
    const queue = await ShardQueue.join(redis, run.id, leaseMs);
    try {
      return await workOn(run, folder, queue, redis, tally, options, signal);
    } finally {
      void queue.leave();
    }
  } catch (error) {
    throw gone.signal.aborted ? queueFailed(address, new Error('it has been away for too long')) : error;
  } finally {
    redis.disconnect();
  }
}

async function workOn(
  run: RunRecord,
  folder: RunFolder,
  queue: ShardQueue,
  redis: Redis,
  tally: RunTally,
  options: WorkOptions,
  signal: AbortSignal,
): Promise<WorkResult> {
  const failed = new AbortController();
  const ends = AbortSignal.any([signal, failed.signal]);
  const hand = new ShardsInHand(run, folder, queue, redis, tally, ends, () => failed.abort());
  const crew = new Crew(hand, hand);
  hand.onLost = (shard) => crew.drop(shard);
  const { threads, limit, window, memoryBytes } = crewShare(options);
  const hosts = { address: options.queue, run: run.id, hostLimit: run.hostLimit, leaseMs: queue.leaseMs };
  const settings = {
    directory: folder.directory,
    layout: run.layout,
    policy: run.policy,
    limit,
    window,
    memoryBytes,
    retryFailed: undefined,
  };
  try {
    await crew.run(threads, hosts, settings, ends);
    await hand.published();
  } finally {
    await hand.leave();
  }
  if (hand.failure !== undefined) throw hand.failure;
  if (crew.listFailure !== undefined) throw crew.listFailure;
  return { complete: !signal.aborted, shards: hand.shards };
}

/** The run in this queue that is not finished; undefined where the signal came first. */
async function nextRun(redis: Redis, signal: AbortSignal): Promise<RunRecord | undefined> {
  while (!signal.aborted) {
    const run = await readRun(redis);
    if (run !== undefined && !run.finished) return run;
    await sleep(LOOK_FOR_RUN_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
