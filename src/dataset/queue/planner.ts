import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { SluiceError } from '../../errors.js';
import { VERSION } from '../../version.js';
import type { PullSettings } from '../pull/options.js';
import type { RunTally } from '../pull/run-tally.js';
import type { ShardPlan } from '../pull/shard-plan.js';
import type { ShardWork } from '../pull/shard-work.js';
import { shardPaths } from '../shard/layout.js';
import { readStats } from '../shard/stats.js';
import { connect, type QueueAddress, queueFailure } from './connection.js';
import { CrewRoll } from './crew-roll.js';
import { disband, finishDisbanding } from './disband.js';
import { RunFolder } from './run-folder.js';
import { announceRun, type RunRecord } from './run-record.js';
import { settledShard } from './settled-shard.js';
import { jobOf, plannersQueue, shardOf } from './shard-queue.js';
import { CrewTally, type ShardProgress, type ShardResult } from './shard-report.js';
import { unlessBusy } from './unless-busy.js';

/** Shards that wait for a worker: no more are cut until some were taken, so that neither Redis nor the directory fills. */
const MOST_WAITING = 100;
const LOOK_AGAIN_MS = 100;
/** How often the workers are counted. */
const CALL_MS = 1000;
/** What was missed (an event, a Redis that has lost its memory) is made up for so often. */
const SWEEP_MS = 5000;

/**
 * Leaves a run to workers on many machines, and waits until they have finished it. Retrieves nothing itself. May be killed and called again at any time: what is done is known
 * by the data set itself. Rejects with `queue-failed`, `option-invalid`, `list-unreadable`, `write-failed`.
 */
export async function planRun(
  address: QueueAddress,
  settings: PullSettings,
  digest: string,
  plan: ShardPlan,
  tally: RunTally,
): Promise<void> {
  const { directory, layout, policy, hostLimit } = settings;
  const redis = await connect(address);
  const gone = new AbortController();
  redis.once('end', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, ...(settings.signal === undefined ? [] : [settings.signal])]);
  try {
    await finishDisbanding(directory);
    const folder = new RunFolder(directory);
    const { directoryId, crewId } = folder.found();
    const run: RunRecord = {
      id: createHash('sha256').update(`${digest} ${crewId}`).digest('hex').slice(0, 16),
      version: VERSION,
      directory: resolve(directory),
      directoryId,
      crewId,
      layout: { ...layout, digest },
      policy,
      hostLimit,
      finished: false,
    };
    await announceRun(redis, address, run);
    const { queue, events } = await plannersQueue(redis, run.id);
    const planner = new Planner(redis, address, queue, events, folder, run, tally, signal);
    try {
      await planner.plan(plan);
      gone.signal.throwIfAborted();
      if (signal.aborted) return;
      await planner.finish();
    } finally {
      planner.end();
      // Its blocking read would be waited for.
      void events.disconnect();
    }
    if (planner.listFailure !== undefined) throw planner.listFailure;
  } catch (error) {
    throw queueFailure(address, error, gone.signal.aborted);
  } finally {
    redis.disconnect();
  }
}

class Planner {
  /** What reading the list failed with: what could be read of it is done all the same. */
  listFailure: SluiceError | undefined;
  /** Shards that are in the queue or with a worker. */
  readonly #outstanding = new Set<number>();
  readonly #told: CrewTally;
  readonly #timers: readonly NodeJS.Timeout[];
  #sweep: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(
    private readonly redis: Redis,
    private readonly address: QueueAddress,
    private readonly queue: Queue,
    events: QueueEvents,
    private readonly folder: RunFolder,
    private readonly run: RunRecord,
    private readonly tally: RunTally,
    private readonly signal: AbortSignal,
  ) {
    this.#told = new CrewTally(tally);
    events.on('progress', ({ jobId, data }) => {
      const shard = shardOf(jobId);
      if (this.#outstanding.has(shard)) this.#told.progress(shard, data as unknown as ShardProgress);
    });
    events.on('completed', ({ jobId, returnvalue }) =>
      this.#finished(shardOf(jobId), returnvalue as unknown as ShardResult),
    );
    events.on('failed', ({ jobId }) => {
      const says = `Shard ${shardOf(jobId)} was left unfinished by every worker that took it: see what ended them.`;
      this.#fail(new SluiceError('queue-failed', says));
    });
    signal.addEventListener('abort', () => this.#wake());
    const sweep = () => {
      this.#sweep = this.#sweep.then(() => this.#makeUp()).catch((error) => this.#fail(error));
    };
    const roll = new CrewRoll(redis, run.id);
    const call = unlessBusy(
      async () => {
        tally.workers = await roll.count();
      },
      (error) => this.#fail(error),
    );
    this.#timers = [setInterval(sweep, SWEEP_MS), setInterval(call, CALL_MS)];
    call();
  }

  /** Resolves when every shard of `plan` is finished, or the signal has come. */
  async plan(plan: ShardPlan): Promise<void> {
    try {
      for (let work = await plan.next(); work !== undefined; work = await plan.next()) {
        if (this.#isOver) break;
        await this.#put(work);
        await this.#room();
      }
    } catch (error) {
      if (!(error instanceof SluiceError && error.code === 'list-unreadable')) throw error;
      this.listFailure = error;
    }
    while (this.#outstanding.size > 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Tells the workers that they may leave, and takes away what only they needed. */
  async finish(): Promise<void> {
    this.end();
    await this.#sweep;
    await announceRun(this.redis, this.address, { ...this.run, finished: true });
    await this.queue.obliterate({ force: true });
    await disband(this.folder.directory);
  }

  end(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  get #isOver(): boolean {
    return this.signal.aborted || this.#failure !== undefined;
  }

  async #put(work: ShardWork): Promise<void> {
    const { shard, rows } = work;
    const summary = await settledShard(this.folder, shard, rows.length, this.run.layout);
    if (summary !== undefined) {
      this.tally.shardFinished(shard, summary);
      return;
    }
    await this.folder.keepPlan(work);
    this.#outstanding.add(shard);
    await this.queue.addBulk([jobOf(shard)]);
  }

  /** Resolves when a further shard may wait. */
  async #room(): Promise<void> {
    if (this.#outstanding.size < MOST_WAITING) return;
    while (!this.#isOver && (await this.queue.getWaitingCount()) >= MOST_WAITING) await sleep(LOOK_AGAIN_MS);
  }

  #finished(shard: number, result: ShardResult): void {
    if (!this.#outstanding.delete(shard)) return;
    this.#told.finished(shard, result);
    this.folder.dropPlan(shard).catch((error) => this.#fail(error));
    this.#wake();
  }

  /** Adds again whatever is not finished: what is in the queue stays there once. */
  async #makeUp(): Promise<void> {
    await announceRun(this.redis, this.address, this.run);
    const missing = [];
    for (const shard of [...this.#outstanding]) {
      const summary = readStats(shardPaths(this.folder.directory, shard, this.run.layout).stats);
      if (summary === undefined) missing.push(jobOf(shard));
      else this.#finished(shard, { summary, bytes: undefined, hosts: [] });
    }
    if (missing.length > 0) await this.queue.addBulk(missing);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }
}
