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
 * And what is young may take 12 MB in the place of 48: 24 would be 6 % faster where pictures are small, and takes 22 MB more of two threads.
 */
const HEAP = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 512 };

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

/** What a thread is started with, and how many there may be. */
interface Hiring extends MemberData {
  readonly threads: number;
}

/** Threads that work on the shards of a plan, each on its own: one at once, and each further one when there is a shard for it. */
export class Crew {
  readonly #finished = new Set<number>();
  /** Threads that wait for a shard of another. */
  readonly #awaited = new Map<number, Worker[]>();
  readonly #workers: Worker[] = [];
  /** Of all that were started: with what they left. */
  readonly #members: Promise<MemberFailure | undefined>[] = [];
  /** The shard that a thread was started for, until it asks. */
  readonly #meant = new Map<Worker, ShardWork>();
  #hiring: Promise<void> = Promise.resolve();
  #isEnding = false;
  #tellStopped: () => void = () => undefined;
  readonly #stopped = new Promise<void>((resolve) => {
    this.#tellStopped = resolve;
  });
  /** What the first member that failed did so with. */
  #failure: MemberFailure | undefined;
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
    const hiring = { settings, hosts, threads };
    this.#start(hiring);
    const stop = () => this.#end();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    // Their number may grow until the last has left.
    for (const member of this.#members) {
      const failure = await member;
      this.#failure ??= failure;
      await Promise.race([this.#hiring, this.#stopped]);
    }
    signal?.removeEventListener('abort', stop);
    if (this.#failure !== undefined) throw errorOf(this.#failure);
  }

  #start(hiring: Hiring, meant?: ShardWork): void {
    const { settings, hosts } = hiring;
    const data: MemberData = { settings, hosts };
    const worker = new Worker(packageFile('dist', 'pull-member.js'), {
      workerData: data,
      resourceLimits: HEAP,
    });
    this.#workers.push(worker);
    if (meant !== undefined) this.#meant.set(worker, meant);
    this.#members.push(this.#member(worker, hiring));
  }

  /** Starts a further thread when there is a shard for it. */
  async #hire(hiring: Hiring): Promise<void> {
    if (this.#members.length >= hiring.threads || this.#isEnding) return;
    const work = await this.#nextShard();
    if (work === undefined || this.#isEnding) return;
    try {
      this.#start(hiring, work);
    } catch (error) {
      // The system gives no further thread.
      this.#failure ??= failureOf(error as Error);
      this.#stop();
    }
  }

  /** Nothing more is to be done for a shard. Resolves when its files are closed. */
  async drop(shard: number): Promise<void> {
    for (const [worker, work] of this.#meant) if (work.shard === shard) this.#meant.delete(worker);
    const dropped = this.#workers.map(
      (worker) => new Promise<void>((resolve) => this.#dropping.add({ worker, shard, resolve })),
    );
    this.#tellAll({ type: 'drop-shard', shard });
    await Promise.all(dropped);
  }

  /** Resolves when the member has left, with what it failed with. */
  async #member(worker: Worker, hiring: Hiring): Promise<MemberFailure | undefined> {
    let failure: MemberFailure | undefined;
    worker.on('message', (message: FromMember) => {
      if (message.type === 'over') {
        failure = message.failure;
        // One that can't go on ends the others too: a full disk is full for all.
        if (failure !== undefined) this.#stop();
        // It has put away what it had; connections that were given up would keep it for their time-outs.
        void worker.terminate();
      } else if (message.type === 'next-shard') void this.#giveShard(worker, hiring);
      else this.#onMessage(worker, message);
    });
    worker.on('error', (error) => {
      failure ??= failureOf(error);
      this.#stop();
    });
    // Not events.once(): that would reject with what is told already.
    await new Promise((resolve) => worker.once('exit', resolve));
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    this.#meant.delete(worker);
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

  #onMessage(worker: Worker, message: Exclude<FromMember, { type: 'over' | 'next-shard' }>): void {
    if (message.type === 'outcomes') this.observer.outcomes(message.outcomes);
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

  async #giveShard(worker: Worker, hiring: Hiring): Promise<void> {
    const meant = this.#meant.get(worker);
    this.#meant.delete(worker);
    const work = meant ?? (await this.#nextShard());
    tell(worker, { type: 'shard', work });
    // The newest has its first shard, so that the next one is for another.
    if (work !== undefined && worker === this.#workers.at(-1))
      this.#hiring = this.#hiring.then(() => this.#hire(hiring));
  }

  async #nextShard(): Promise<ShardWork | undefined> {
    try {
      await this.observer.room();
      return await this.plan.next();
    } catch (error) {
      // The list can't be read on: what was read of it is done all the same, and the failure is told at the end.
      this.listFailure ??= error;
      return undefined;
    }
  }

  /** What reading the list failed with. */
  listFailure: unknown;

  #end(): void {
    this.#stop();
    setTimeout(() => this.#tellAll({ type: 'abort' }), GRACE_MS).unref();
  }

  #stop(): void {
    this.#isEnding = true;
    this.#tellStopped();
    this.#tellAll({ type: 'stop' });
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
