import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Outcome } from '../outcome.js';
import type { CrewObserver, ShardSource } from '../pull/crew.js';
import { RunTally } from '../pull/run-tally.js';
import type { ShardWork } from '../pull/shard-work.js';
import { shardPaths } from '../shard/layout.js';
import { readStats, type ShardSummary } from '../shard/stats.js';
import { CrewRoll } from './crew-roll.js';
import { handOver, takeUp } from './half-done.js';
import { completePublication, fence, publish } from './publication.js';
import type { RunFolder } from './run-folder.js';
import { type RunRecord, readRun } from './run-record.js';
import type { Lease, ShardQueue } from './shard-queue.js';
import { progressOf, resultOf, type ShardProgress } from './shard-report.js';
import { unlessBusy } from './unless-busy.js';

/** How long is waited before looking again for a shard where none was: longer each time. */
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1000;
const TELL_EVERY_MS = 500;
/** Well before a planner makes up for what Redis has forgotten: so that who has a shard in hand hears of it before another takes it. */
const LONGEST_RENEW_MS = 2000;
/** Where fewer shards wait, whoever has enough to do leaves them to others. */
const SCARCE = 32;
/** How long giving back may take at the end: a lease that is not given back ends by itself. */
const LONGEST_GOODBYE_MS = 3000;

interface InHand {
  readonly lease: Lease;
  readonly tally: RunTally;
  /** What was told of the rows that were done before. */
  readonly before: ShardProgress | undefined;
  /** Rows that were told of. */
  told: number;
  /** Under way where its lease is over. */
  losing?: Promise<void>;
}

/** The shards that this worker holds: takes them from the queue for its crew, renews their leases, and puts them into the data set. */
export class ShardsInHand implements ShardSource, CrewObserver {
  /** Resolves when the crew has closed the files of that shard. */
  closeShard: (shard: number) => Promise<void> = async () => undefined;
  /** Shards that were put into the data set. */
  shards = 0;
  failure: unknown;
  readonly #hand = new Map<number, InHand>();
  readonly #publishing = new Set<Promise<void>>();
  /** Threads wait for these. */
  readonly #asking = new Set<Promise<ShardWork | undefined>>();
  readonly #leaving = new AbortController();
  readonly #ends: AbortSignal;
  readonly #roll: CrewRoll;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(
    private readonly run: RunRecord,
    private readonly folder: RunFolder,
    private readonly queue: ShardQueue,
    private readonly redis: Redis,
    private readonly tally: RunTally,
    signal: AbortSignal,
    private readonly onFailure: () => void,
  ) {
    this.#ends = AbortSignal.any([signal, this.#leaving.signal]);
    this.#roll = new CrewRoll(redis, run.id);
    const renew = unlessBusy(() => this.#renew(), this.#fail);
    const tell = unlessBusy(() => this.#tell(), this.#fail);
    const renewMs = Math.min(queue.leaseMs / 3, LONGEST_RENEW_MS);
    this.#timers = [setInterval(renew, renewMs), setInterval(tell, TELL_EVERY_MS)];
    renew();
  }

  /** How many are in hand. */
  get size(): number {
    return this.#hand.size;
  }

  next(): Promise<ShardWork | undefined> {
    const asking = this.#next()
      .catch((error): undefined => this.#fail(error))
      .finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
    return asking;
  }

  async #next(): Promise<ShardWork | undefined> {
    let waitMs = FIRST_LOOK_MS;
    while (!this.#ends.aborted) {
      const lease = await this.queue.take(randomUUID());
      const work = lease && (await this.#begin(lease));
      if (work !== undefined) return work;
      if (await this.#isOver()) return undefined;
      if (lease !== undefined) continue;
      await this.#sleep(waitMs);
      waitMs = Math.min(waitMs * 1.5, LONGEST_LOOK_MS);
    }
    return undefined;
  }

  outcomes(outcomes: readonly Outcome[]): void {
    this.tally.outcomes(outcomes);
    for (const outcome of outcomes) {
      const shard = Math.floor(outcome.row.index / this.run.layout.shardSize);
      this.#hand.get(shard)?.tally.outcomes([outcome]);
    }
  }

  async room(): Promise<void> {}

  shardFinished(shard: number, summary: ShardSummary): void {
    const inHand = this.#hand.get(shard);
    // What was finished under an earlier lease is not what is in hand now.
    if (inHand === undefined || !existsSync(this.#statsIn(this.folder.workOf(inHand.lease.token), shard)))
      return;
    this.#hand.delete(shard);
    const publishing = this.#publish(inHand, summary)
      .catch((error) => {
        this.#hand.set(shard, inHand);
        this.#fail(error);
      })
      .finally(() => this.#publishing.delete(publishing));
    this.#publishing.add(publishing);
  }

  shardLost(shard: number): void {
    this.#hand.delete(shard);
  }

  /** Resolves when what was finished is in the data set, and what is not was given back. To be called when the crew has closed all files. */
  async leave(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#leaving.abort();
    await Promise.all(this.#publishing);
    // What can't be given back is taken up by another when its lease is over.
    await Promise.race([this.#giveBack(), sleep(LONGEST_GOODBYE_MS, undefined, { ref: false })]);
  }

  async #giveBack(): Promise<void> {
    await Promise.all(this.#asking);
    const given = [...this.#hand.values()].map(async (inHand) => {
      const { lease } = inHand;
      await handOver(this.folder, lease.shard, lease.token);
      await this.#tellOf(inHand);
      await lease.giveBack();
    });
    await Promise.allSettled([...given, this.#roll.leave()]);
  }

  /** The shard's rows, and where it is to be made; undefined where there is nothing to do. */
  async #begin(lease: Lease): Promise<ShardWork | undefined> {
    const { shard, token } = lease;
    const earlier = await lease.begin();
    if (earlier === undefined || !this.folder.has(this.run.crewId)) return undefined;
    // One that it has in hand, under a lease that Redis has forgotten.
    const held = this.#hand.get(shard);
    if (held !== undefined) await this.#lose(held);
    await fence(this.folder, earlier);
    await completePublication(this.folder, shard);
    if (await this.#completeIfDone(lease)) return undefined;
    const plan = await this.folder.readPlan(shard);
    if (plan === undefined) {
      // It is on its way, over a network file system; or the run is over.
      await this.#sleep(LONGEST_LOOK_MS);
      await this.#unlessOver(() => lease.giveBack(), lease);
      return undefined;
    }
    const taken = await takeUp(this.folder, shard, token);
    if (taken === undefined) return undefined;
    const before = taken === 'half' ? lease.progress : undefined;
    this.#hand.set(shard, { lease, tally: new RunTally(), before, told: 0 });
    return {
      ...plan,
      directory: this.folder.workOf(token),
      isScarce: (await this.queue.waiting()) < SCARCE,
    };
  }

  /** Whether the lease still holds does not matter: what is whole is as good as what another would make of it, and only one of them is published. */
  async #publish({ lease, tally, before }: InHand, summary: ShardSummary): Promise<void> {
    const { shard, token } = lease;
    const isOurs = await publish(this.folder, shard, token);
    if (!isOurs) {
      await this.#completeIfDone(lease);
      return;
    }
    this.shards++;
    await this.#unlessOver(() => lease.complete(resultOf(token, summary, tally, before)), lease);
  }

  /** Tells of a shard that another has put into the data set. */
  async #completeIfDone(lease: Lease): Promise<boolean> {
    const summary = readStats(this.#statsIn(this.folder.directory, lease.shard));
    if (summary === undefined) return false;
    await this.#unlessOver(() => lease.complete({ summary, bytes: undefined, hosts: [] }), lease);
    return true;
  }

  /** Where the lease has ended since, whoever has the next one sees for himself what became of the shard. */
  async #unlessOver(tell: () => Promise<void>, lease: Lease): Promise<void> {
    try {
      await tell();
    } catch (error) {
      if (await lease.renew()) throw error;
    }
  }

  /** The run is finished, or is no longer this crew's: another one is in the queue, or one machine alone goes on with it. */
  async #isOver(): Promise<boolean> {
    const run = await readRun(this.redis);
    // A Redis that has lost its memory gets it back from the planner.
    if (run !== undefined && (run.finished || run.id !== this.run.id)) return true;
    return !this.folder.has(this.run.crewId);
  }

  async #renew(): Promise<void> {
    await this.#roll.enter(this.queue.leaseMs);
    await Promise.all(
      [...this.#hand.values()].map(async (inHand) => {
        if (!(await inHand.lease.renew())) await this.#lose(inHand);
      }),
    );
  }

  /** The lease is over: another has the shard, or Redis has forgotten who has it. In the second case what is done of it is gone on with. */
  #lose(inHand: InHand): Promise<void> {
    inHand.losing ??= this.#letGo(inHand);
    return inHand.losing;
  }

  async #letGo(inHand: InHand): Promise<void> {
    const { shard, token } = inHand.lease;
    const isHeld = () => this.#hand.get(shard) === inHand;
    if (!isHeld()) return;
    await this.closeShard(shard);
    // Unless it was finished before it could be closed.
    if (!isHeld()) return;
    await handOver(this.folder, shard, token);
    this.#hand.delete(shard);
  }

  async #tell(): Promise<void> {
    for (const inHand of [...this.#hand.values()]) {
      if (inHand.tally.done === inHand.told) continue;
      inHand.told = inHand.tally.done;
      // A shard that is another's now can't be told of; the next renewal finds that out.
      await this.#tellOf(inHand).catch(() => undefined);
    }
  }

  async #tellOf({ lease, tally, before }: InHand): Promise<void> {
    await lease.tell(progressOf(lease.token, tally, before));
  }

  #statsIn(directory: string, shard: number): string {
    return shardPaths(directory, shard, this.run.layout).stats;
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ends }).catch(() => undefined);
  }

  readonly #fail = (error: unknown): undefined => {
    this.failure ??= error;
    this.onFailure();
  };
}
