import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { SluiceError } from '../../errors.js';
import type { PullSettings } from '../pull/options.js';
import type { RunTally } from '../pull/run-tally.js';
import { ShardPlan } from '../pull/shard-plan.js';
import type { ShardWork } from '../pull/shard-work.js';
import type { ListRow } from '../row.js';
import { shardPaths } from '../shard/layout.js';
import { readStats } from '../shard/stats.js';
import { connect, type QueueAddress, queueFailed } from './connection.js';
import { RunFolder } from './run-folder.js';
import { announceRun, type RunRecord } from './run-record.js';
import { settledShard } from './settled-shard.js';
import { jobOf, plannersQueue, shardOf } from './shard-queue.js';
import { CrewTally, type ShardProgress, type ShardResult } from './shard-report.js';
import { ShardUrls } from './shard-urls.js';

/** Shards that wait for a worker: no more are cut until some were taken, so that neither Redis nor the directory fills. */
const MOST_WAITING = 100;
const LOOK_AGAIN_MS = 100;
/** What was missed (an event, a Redis that has lost its memory) is made up for so often. */
const SWEEP_MS = 5000;

/**
 * Plans a run for workers on many machines, and waits until they have finished it. Retrieves nothing itself. Gives the number of shards. May be killed and called again at any time: what is
 * done is known by the data set itself. Rejects with `queue-failed`, `option-invalid`, `list-unreadable`, `write-failed`.
 */
export async function planRun(
  address: QueueAddress,
  settings: PullSettings,
  digest: string,
  rows: AsyncIterable<readonly ListRow[]>,
  tally: RunTally,
): Promise<number> {
  const folder = new RunFolder(settings.directory);
  const directoryId = folder.identity();
  const run: RunRecord = {
    id: createHash('sha256').update(`${digest} ${directoryId}`).digest('hex').slice(0, 16),
    directory: settings.directory,
    directoryId,
    layout: { ...settings.layout, digest },
    policy: settings.policy,
    hostLimit: settings.hostLimit,
    finished: false,
  };
  const redis = await connect(address);
  const gone = new AbortController();
  redis.once('end', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, ...(settings.signal === undefined ? [] : [settings.signal])]);
  try {
    await announceRun(redis, address, run);
    const { queue, events } = await plannersQueue(redis, run.id);
    const planner = new Planner(redis, address, queue, events, folder, run, tally, signal);
    try {
      const shards = await planner.plan(new ShardPlan(rows, settings.layout.shardSize, shardUrls(settings)));
      if (!signal.aborted) await planner.finish();
      return shards;
    } finally {
      planner.end();
      // Its blocking read would be waited for.
      void events.disconnect();
    }
  } catch (error) {
    throw gone.signal.aborted ? queueFailed(address, new Error('it has been away for too long')) : error;
  } finally {
    redis.disconnect();
  }
}

function shardUrls({ dedupe }: PullSettings): ShardUrls | undefined {
  return dedupe ? new ShardUrls() : undefined;
}

class Planner {
  /** Shards that are in the queue or with a worker. */
  readonly #outstanding = new Set<number>();
  readonly #told: CrewTally;
  readonly #sweeping: NodeJS.Timeout;
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
    this.#sweeping = setInterval(() => {
      this.#sweep = this.#sweep.then(() => this.#makeUp()).catch((error) => this.#fail(error));
    }, SWEEP_MS);
  }

  /** Resolves when every shard of `plan` is finished, or the signal has come; with the number of shards. */
  async plan(plan: ShardPlan): Promise<number> {
    let listFailure: { readonly error: unknown } | undefined;
    try {
      for (let work = await plan.next(); work !== undefined; work = await plan.next()) {
        if (this.#isOver) break;
        await this.#put(work);
        await this.#room();
      }
    } catch (error) {
      // What could be read of the list is done all the same.
      if (!(error instanceof SluiceError && error.code === 'list-unreadable')) throw error;
      listFailure = { error };
    }
    while (this.#outstanding.size > 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const failure = this.#failure ?? listFailure;
    if (failure !== undefined) throw failure.error;
    return plan.shards;
  }

  /** Tells the workers that they may leave, and takes away what only they needed. */
  async finish(): Promise<void> {
    this.end();
    await this.#sweep;
    await announceRun(this.redis, this.address, { ...this.run, finished: true });
    await this.queue.obliterate({ force: true });
    await this.folder.clear();
  }

  end(): void {
    clearInterval(this.#sweeping);
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
      const { stats } = shardPaths(this.folder.directory, shard, this.run.layout);
      const summary = existsSync(stats) ? readStats(stats) : undefined;
      if (summary === undefined) missing.push(jobOf(shard));
      else this.#finished(shard, { summary, progress: undefined, hosts: [] });
    }
    if (missing.length > 0) await this.queue.addBulk(missing);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }
}
