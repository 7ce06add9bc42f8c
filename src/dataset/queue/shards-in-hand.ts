import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { writeFailed } from '../../save/write-failed.js';
import type { Outcome } from '../outcome.js';
import type { CrewObserver, ShardSource } from '../pull/crew.js';
import { RunTally } from '../pull/run-tally.js';
import type { ShardWork } from '../pull/shard-work.js';
import { shardPaths } from '../shard/layout.js';
import { readStats, type ShardSummary } from '../shard/stats.js';
import { completePublication, fence, publish, takeAway } from './publication.js';
import type { RunFolder } from './run-folder.js';
import { type RunRecord, readRun } from './run-record.js';
import type { Lease, ShardQueue } from './shard-queue.js';
import { progressOf, resultOf } from './shard-report.js';

/** How long is waited before looking again for a shard where none was: longer each time. */
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1000;
const TELL_EVERY_MS = 500;
/** How long giving back may take at the end: a lease that is not given back ends by itself. */
const LONGEST_GOODBYE_MS = 3000;

interface InHand {
  readonly lease: Lease;
  readonly tally: RunTally;
  /** Rows that were told of. */
  told: number;
}

/** The shards that this worker holds: takes them from the queue for its crew, renews their leases, and puts them into the data set. */
export class ShardsInHand implements ShardSource, CrewObserver {
  /** Called for a shard whose lease is over. */
  onLost: (shard: number) => void = () => undefined;
  /** Shards that were put into the data set. */
  shards = 0;
  failure: unknown;
  readonly #hand = new Map<number, InHand>();
  readonly #publishing = new Set<Promise<void>>();
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(
    private readonly run: RunRecord,
    private readonly folder: RunFolder,
    private readonly queue: ShardQueue,
    private readonly redis: Redis,
    private readonly tally: RunTally,
    private readonly signal: AbortSignal,
    private readonly onFailure: () => void,
  ) {
    this.#timers = [
      setInterval(
        unlessBusy(() => this.#renew(), this.#fail),
        queue.leaseMs / 3,
      ),
      setInterval(
        unlessBusy(() => this.#tell(), this.#fail),
        TELL_EVERY_MS,
      ),
    ];
  }

  async next(): Promise<ShardWork | undefined> {
    let waitMs = FIRST_LOOK_MS;
    while (!this.signal.aborted) {
      const lease = await this.queue.take(randomUUID());
      const work = lease && (await this.#begin(lease));
      if (work !== undefined) return work;
      if (lease !== undefined) continue;
      const run = await readRun(this.redis);
      // A Redis that has lost its memory gets it back from the planner.
      if (run !== undefined && (run.finished || run.id !== this.run.id)) return undefined;
      await sleep(waitMs, undefined, { signal: this.signal }).catch(() => undefined);
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
    if (inHand === undefined) return;
    const { token } = inHand.lease;
    // What was finished under a lease that is over is not what is in hand now.
    if (!existsSync(shardPaths(this.folder.workOf(token), shard, this.run.layout).stats)) return;
    const publishing = this.#publish(inHand, summary)
      .catch(this.#fail)
      .finally(() => this.#publishing.delete(publishing));
    this.#publishing.add(publishing);
  }

  /** Resolves when all that was finished is in the data set. */
  async published(): Promise<void> {
    await Promise.all(this.#publishing);
  }

  /** Gives back what is not finished. */
  async leave(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const left = [...this.#hand.values()].map(async ({ lease }) => {
      await takeAway(this.folder.workOf(lease.token));
      await lease.giveBack();
    });
    // What can't be given back is taken up by another when its lease is over.
    await Promise.race([Promise.allSettled(left), sleep(LONGEST_GOODBYE_MS, undefined, { ref: false })]);
  }

  /** The shard's rows, and where it is to be made; undefined where there is nothing to do. */
  async #begin(lease: Lease): Promise<ShardWork | undefined> {
    const { shard, token } = lease;
    const before = await lease.begin();
    if (before === undefined) return undefined;
    await fence(this.folder, before);
    await completePublication(this.folder, shard);
    const summary = readStats(shardPaths(this.folder.directory, shard, this.run.layout).stats);
    if (summary !== undefined) {
      await this.#unlessOver(() => lease.complete({ summary, progress: undefined, hosts: [] }), lease);
      return undefined;
    }
    const plan = await this.folder.readPlan(shard);
    if (plan === undefined) {
      // It is on its way, over a network file system; or the run is over.
      await sleep(LONGEST_LOOK_MS);
      await this.#unlessOver(() => lease.giveBack(), lease);
      return undefined;
    }
    const directory = this.folder.workOf(token);
    await mkdir(directory, { recursive: true }).catch((error) => {
      throw writeFailed(directory, error);
    });
    this.#hand.set(shard, { lease, tally: new RunTally(), told: 0 });
    return { ...plan, directory };
  }

  async #publish({ lease, tally }: InHand, summary: ShardSummary): Promise<void> {
    const { shard, token } = lease;
    if (!(await lease.renew())) return await this.#lose(lease);
    if (await publish(this.folder, shard, token)) {
      this.shards++;
      await this.#unlessOver(() => lease.complete(resultOf(token, summary, tally)), lease);
    }
    this.#forget(lease);
  }

  /** Where the lease has ended since, whoever has the next one sees for himself what became of the shard. */
  async #unlessOver(tell: () => Promise<void>, lease: Lease): Promise<void> {
    try {
      await tell();
    } catch (error) {
      if (await lease.renew()) throw error;
    }
  }

  async #renew(): Promise<void> {
    await Promise.all(
      [...this.#hand.values()].map(async ({ lease }) => {
        if (!(await lease.renew())) await this.#lose(lease);
      }),
    );
  }

  async #lose(lease: Lease): Promise<void> {
    if (!this.#forget(lease)) return;
    this.onLost(lease.shard);
    await takeAway(this.folder.workOf(lease.token));
  }

  #forget(lease: Lease): boolean {
    return this.#hand.get(lease.shard)?.lease === lease && this.#hand.delete(lease.shard);
  }

  async #tell(): Promise<void> {
    for (const inHand of [...this.#hand.values()]) {
      const { lease, tally, told } = inHand;
      if (tally.done === told) continue;
      inHand.told = tally.done;
      // A shard that is another's now can't be told of; the next renewal finds that out.
      await lease.tell(progressOf(lease.token, tally)).catch(() => undefined);
    }
  }

  readonly #fail = (error: unknown): void => {
    this.failure ??= error;
    this.onFailure();
  };
}

/** Does `act`, unless it is still at it. */
function unlessBusy(act: () => Promise<void>, onFailure: (error: unknown) => void): () => void {
  let isBusy = false;
  return () => {
    if (isBusy) return;
    isBusy = true;
    act()
      .catch(onFailure)
      .finally(() => {
        isBusy = false;
      });
  };
}
