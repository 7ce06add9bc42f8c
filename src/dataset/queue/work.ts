import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { Crew } from '../pull/crew.js';
import { crewShare } from '../pull/options.js';
import { RunTally } from '../pull/run-tally.js';
import { connect, type QueueAddress, queueFailure } from './connection.js';
import { RunFolder } from './run-folder.js';
import { type RunRecord, readRun, requireVersion } from './run-record.js';
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
  /** The run is over; false where this worker left before. */
  readonly complete: boolean;
  /** Shards that this worker has put into the data set. */
  readonly shards: number;
}

/** A worker at work. */
export interface WorkRun {
  /** Rejects with `queue-failed`, `option-invalid`, `write-failed`. */
  readonly result: Promise<WorkResult>;
  readonly tally: RunTally;
  /** The run's directory here; undefined while there is none in the queue. */
  readonly directory: string | undefined;
  /** Shards that it has in hand. */
  readonly shards: number;
}

const LEASE_MS = 30_000;
/** How often is looked for a run where there is none. */
const LOOK_FOR_RUN_MS = 500;

/** Joins the run in the queue, or the next one, and works on its shards until it is finished. */
export function work(options: WorkOptions): WorkRun {
  return new Work(options);
}

class Work implements WorkRun {
  readonly tally = new RunTally();
  readonly result: Promise<WorkResult>;
  directory: string | undefined;
  #hand: ShardsInHand | undefined;

  constructor(private readonly options: WorkOptions) {
    this.result = this.#join();
  }

  get shards(): number {
    return this.#hand?.size ?? 0;
  }

  async #join(): Promise<WorkResult> {
    const { queue: address, leaseMs = LEASE_MS, signal: leaves } = this.options;
    const redis = await connect(address);
    const gone = new AbortController();
    redis.once('end', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, ...(leaves === undefined ? [] : [leaves])]);
    try {
      for (let shards = 0; ; ) {
        const found = await this.#nextRun(redis, signal);
        gone.signal.throwIfAborted();
        if (found === undefined) return { complete: false, shards };
        const { run, folder } = found;
        const queue = await ShardQueue.join(redis, run.id, leaseMs);
        try {
          shards += await this.#workOn(run, folder, queue, redis, signal);
        } finally {
          void queue.leave();
        }
        gone.signal.throwIfAborted();
        const next = await readRun(redis);
        if (signal.aborted || !isSuccessor(next, run)) return { complete: !signal.aborted, shards };
      }
    } catch (error) {
      throw queueFailure(address, error, gone.signal.aborted);
    } finally {
      redis.disconnect();
    }
  }

  async #workOn(
    run: RunRecord,
    folder: RunFolder,
    queue: ShardQueue,
    redis: Redis,
    signal: AbortSignal,
  ): Promise<number> {
    const failed = new AbortController();
    const ends = AbortSignal.any([signal, failed.signal]);
    const hand = new ShardsInHand(run, folder, queue, redis, this.tally, ends, () => failed.abort());
    this.#hand = hand;
    const crew = new Crew(hand, hand);
    hand.closeShard = (shard) => crew.drop(shard);
    const { threads, ...share } = crewShare(this.options);
    const hosts = {
      address: this.options.queue,
      run: run.id,
      hostLimit: run.hostLimit,
      leaseMs: queue.leaseMs,
    };
    const { layout, policy } = run;
    const settings = { directory: folder.directory, layout, policy, ...share, retryFailed: undefined };
    try {
      await crew.run(threads, hosts, settings, ends);
    } finally {
      await hand.leave();
    }
    if (hand.failure !== undefined) throw hand.failure;
    return hand.shards;
  }

  /** The run in this queue that is not finished, and its folder; undefined where the signal came first. */
  async #nextRun(
    redis: Redis,
    signal: AbortSignal,
  ): Promise<{ readonly run: RunRecord; readonly folder: RunFolder } | undefined> {
    while (!signal.aborted) {
      const run = await readRun(redis);
      if (run !== undefined && !run.finished) {
        requireVersion(run);
        const folder = new RunFolder(this.options.directory ?? run.directory);
        folder.require(run.directoryId);
        if (folder.has(run.crewId)) {
          this.directory = folder.directory;
          return { run, folder };
        }
      }
      await sleep(LOOK_FOR_RUN_MS, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }
}

/** Whether `next` is the same directory's, begun anew after one machine alone went on with `run`. */
function isSuccessor(next: RunRecord | undefined, run: RunRecord): boolean {
  return next !== undefined && !next.finished && next.id !== run.id && next.directoryId === run.directoryId;
}
