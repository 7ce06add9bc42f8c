import { Worker } from 'node:worker_threads';
import { type ErrorCode, SluiceError, systemCode } from '../../errors.js';
import { packageFile } from '../../package-file.js';
import type { Outcome } from '../outcome.js';
import type { ShardSummary } from '../shard/stats.js';
import type { FromMember, MemberData, MemberFailure, ToMember } from './member-messages.js';
import type { MemberSettings } from './member-settings.js';
import type { ShardWork } from './shard-work.js';

/** How long what is in flight may take to end when the run is ended early. */
const GRACE_MS = 10_000;

/**
 * V8's heap of a thread, in megabytes. Some 25 of it are in use, and by its own measure V8 would let a thread gather 100 to 200 of what is not before it collects: it lets a heap grow by as much as
 * the heap may become, four times from 2 GB on, 1.4 times at 512 MB. Pictures do not lie in it.
 */
const HEAP = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 512 };

/** Whom the crew tells what happens. */
export interface CrewObserver {
  outcomes(outcomes: readonly Outcome[]): void;
  /** Resolves when outcomes of a further shard can be taken. */
  room(): Promise<void>;
  shardFinished(shard: number, summary: ShardSummary): void;
  /** It was taken away: nothing is done for it any more. */
  shardLost?(shard: number): void;
}

/** Where the crew's shards come from. */
export interface ShardSource {
  /** The next shard; undefined when there are no more. It may take its time. */
  next(): Promise<ShardWork | undefined>;
}

/** Threads that work on the shards of a plan, each on its own. */
export class Crew {
  readonly #finished = new Set<number>();
  /** Threads that wait for a shard of another. */
  readonly #awaited = new Map<number, Worker[]>();
  readonly #workers: Worker[] = [];
  /** What waits until a thread has let go of a shard. */
  readonly #dropping = new Set<{ worker: Worker; shard: number; resolve: () => void }>();

  constructor(
    private readonly plan: ShardSource,
    private readonly observer: CrewObserver,
  ) {}

  /**
   * Works until the plan is at its end, or `signal` is aborted: then what is in flight may end for ten seconds. Rejects with what a member failed with, when all have
   * left.
   */
  async run(
    threads: number,
    hosts: MemberData['hosts'],
    settings: MemberSettings,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const members = Array.from({ length: threads }, () => {
      const worker = new Worker(packageFile('dist', 'pull-member.js'), {
        workerData: { settings, hosts },
        resourceLimits: HEAP,
      });
      this.#workers.push(worker);
      return this.#member(worker);
    });
    const stop = () => this.#end();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    try {
      const failures = (await Promise.all(members)).filter((failure) => failure !== undefined);
      if (failures.length > 0) throw errorOf(failures[0]!);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Nothing more is to be done for a shard. Resolves when its files are closed. */
  async drop(shard: number): Promise<void> {
    const dropped = this.#workers.map(
      (worker) => new Promise<void>((resolve) => this.#dropping.add({ worker, shard, resolve })),
    );
    this.#tellAll({ type: 'drop-shard', shard });
    await Promise.all(dropped);
  }

  /** Resolves when the member has left, with what it failed with. */
  async #member(worker: Worker): Promise<MemberFailure | undefined> {
    let failure: MemberFailure | undefined;
    worker.on('message', (message: FromMember) => {
      if (message.type === 'over') {
        failure = message.failure;
        // One that can't go on ends the others too: a full disk is full for all.
        if (failure !== undefined) this.#tellAll({ type: 'stop' });
        // It has put away what it had; connections that were given up would keep it for their time-outs.
        void worker.terminate();
      } else void this.#onMessage(worker, message);
    });
    worker.on('error', (error) => {
      failure ??= failureOf(error);
      this.#tellAll({ type: 'stop' });
    });
    // Not events.once(): that would reject with what is told already.
    await new Promise((resolve) => worker.once('exit', resolve));
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    this.#hasDropped(worker);
    return failure;
  }

  /** The worker has let go of that shard, or with its end of all. */
  #hasDropped(worker: Worker, shard?: number): void {
    for (const waiting of this.#dropping) {
      if (waiting.worker !== worker || (shard !== undefined && waiting.shard !== shard)) continue;
      this.#dropping.delete(waiting);
      waiting.resolve();
    }
  }

  async #onMessage(worker: Worker, message: Exclude<FromMember, { type: 'over' }>): Promise<void> {
    if (message.type === 'outcomes') this.observer.outcomes(message.outcomes);
    else if (message.type === 'next-shard') await this.#giveShard(worker);
    else if (message.type === 'lost') this.observer.shardLost?.(message.shard);
    else if (message.type === 'dropped') this.#hasDropped(worker, message.shard);
    else if (message.type === 'finished') {
      const { shard, summary } = message;
      this.#finished.add(shard);
      this.observer.shardFinished(shard, summary);
      for (const waiting of this.#awaited.get(shard) ?? []) tell(waiting, { type: 'shard-finished', shard });
      this.#awaited.delete(shard);
    } else if (this.#finished.has(message.shard)) {
      tell(worker, { type: 'shard-finished', shard: message.shard });
    } else {
      this.#awaited.set(message.shard, [...(this.#awaited.get(message.shard) ?? []), worker]);
    }
  }

  async #giveShard(worker: Worker): Promise<void> {
    try {
      await this.observer.room();
      tell(worker, { type: 'shard', work: await this.plan.next() });
    } catch (error) {
      // The list can't be read on: what was read of it is done all the same, and the failure is told at the end.
      this.listFailure ??= error;
      tell(worker, { type: 'shard', work: undefined });
    }
  }

  /** What reading the list failed with. */
  listFailure: unknown;

  #end(): void {
    this.#tellAll({ type: 'stop' });
    setTimeout(() => this.#tellAll({ type: 'abort' }), GRACE_MS).unref();
  }

  #tellAll(message: ToMember): void {
    for (const worker of this.#workers) tell(worker, message);
  }
}

function tell(worker: Worker, message: ToMember): void {
  worker.postMessage(message);
}

function failureOf(error: Error): MemberFailure {
  if (systemCode(error) !== 'ERR_WORKER_OUT_OF_MEMORY')
    return { code: undefined, message: error.message, stack: error.stack };
  const says = `A thread needed more than ${HEAP.maxOldGenerationSizeMb} MB, for the rows of its open shards are held in memory: take smaller shards, or keep fewer columns.`;
  return { code: 'option-invalid', message: says, stack: undefined };
}

function errorOf({ code, message, stack }: MemberFailure): Error {
  if (code !== undefined) return new SluiceError(code as ErrorCode, message);
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}
