import { setMaxListeners } from 'node:events';
import { ConnectionPool } from '../../connection/pool.js';
import type { Outcome, OutcomeCode, Picture } from '../outcome.js';
import type { ListRow } from '../row.js';
import { AdaptiveLimit, type LimitBounds } from '../schedule/adaptive-limit.js';
import { verdictOf } from '../schedule/attempt-verdict.js';
import type { Ticket } from '../schedule/host-queue.js';
import type { HostRegistry } from '../schedule/host-slots.js';
import { MemoryBudget } from '../schedule/memory-budget.js';
import { Scheduler } from '../schedule/scheduler.js';
import { opensShard, type Window } from '../schedule/window.js';
import type { Layout } from '../shard/layout.js';
import { openShard, reopenShard } from '../shard/open-shard.js';
import type { ShardWriter } from '../shard/shard-writer.js';
import type { ShardSummary } from '../shard/stats.js';
import { Copies } from './copies.js';
import { hostOf } from './host-of.js';
import type { RowPolicy } from './policy.js';
import { RowAttempts } from './row-attempt.js';
import type { ShardWork } from './shard-work.js';
import { copied, givenUp, malformedLine } from './unasked.js';

/** What a member of the crew is told once. */
export interface MemberSettings {
  readonly directory: string;
  readonly layout: Layout;
  readonly policy: RowPolicy;
  readonly limit: LimitBounds;
  readonly window: Window;
  /** Bytes of all bodies in flight. */
  readonly memoryBytes: number;
  /** Finished shards are opened again for failures with these codes; all with an empty list; undefined: they stay as they are. */
  readonly retryFailed: readonly OutcomeCode[] | undefined;
}

/** Whom a member works for. */
export interface Foreman {
  /** The next shard; undefined when there are no more. */
  nextShard(): Promise<ShardWork | undefined>;
  /** Resolves when that shard is finished, by whomever. */
  shardFinished(shard: number): Promise<void>;
  outcome(outcome: Outcome): void;
  finished(shard: number, summary: ShardSummary): void;
}

/** Ends the work: `stop` starts nothing new, `abort` gives up what is in flight too. */
export interface Ending {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

interface OpenWork {
  readonly writer: ShardWriter;
  /** Rows that are not stored yet. */
  left: number;
}

/** A row on its way through the schedule. */
interface Task {
  readonly row: ListRow;
  readonly work: OpenWork;
}

/** One member of the crew: works on shards, several at once where hosts are slow, until there are no more. */
export class Member {
  readonly #scheduler: Scheduler<Task>;
  readonly #attempts: RowAttempts;
  readonly #pool = new ConnectionPool();
  readonly #copies: Copies;
  readonly #open = new Set<OpenWork>();
  /** Work that goes on beside the loop: attempts, stores, copies. */
  readonly #aside = new Set<Promise<void>>();
  #woken = false;
  #resolveSleep: (() => void) | undefined;
  #noMoreShards = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly settings: MemberSettings,
    private readonly foreman: Foreman,
    hosts: HostRegistry,
    private readonly ending: Ending,
  ) {
    const { policy, memoryBytes, limit, directory, layout } = settings;
    // Every attempt under way listens to it.
    setMaxListeners(0, ending.abort);
    this.#scheduler = new Scheduler({ hosts, limit: new AdaptiveLimit(limit, Date.now()) });
    this.#attempts = new RowAttempts(policy, new MemoryBudget(memoryBytes), this.#pool, ending.abort);
    this.#copies = new Copies(directory, layout);
  }

  /** Works until all is done or it is stopped. Rejects with what can't be gone on after, such as a full disk. */
  async run(): Promise<void> {
    const { stop, abort } = this.ending;
    const wake = () => this.#wake();
    stop.addEventListener('abort', wake);
    abort.addEventListener('abort', wake);
    try {
      while (this.#failure === undefined && !stop.aborted) {
        const waitMs = await this.#turn();
        if (waitMs === undefined) break;
        await this.#sleep(waitMs);
      }
      // Where storing has failed, what is in flight could not be stored either.
      while (this.#failure === undefined && this.#aside.size > 0 && !abort.aborted) {
        this.#woken = false;
        await this.#sleep(Number.POSITIVE_INFINITY);
      }
    } finally {
      this.#ended = true;
      stop.removeEventListener('abort', wake);
      abort.removeEventListener('abort', wake);
      for (const { writer } of this.#open) await writer.abandon();
      await this.#copies.close();
      this.#pool.close();
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Does all that can be done now. Gives the milliseconds until more can be, or undefined when all is done. */
  async #turn(): Promise<number | undefined> {
    this.#woken = false;
    for (;;) {
      await this.#openShards();
      const decision = this.#scheduler.next(Date.now());
      if (decision.kind === 'start') this.#go(this.#attempt(decision.ticket));
      else if (decision.kind === 'give-up') {
        const { ticket, trouble } = decision;
        const { row } = ticket.row;
        this.#go(this.#store(ticket.row, givenUp(row, hostOf(row.url), trouble), undefined));
      } else if (this.#noMoreShards && this.#open.size === 0) return undefined;
      else return decision.ms;
    }
  }

  async #openShards(): Promise<void> {
    const { stop } = this.ending;
    while (
      !this.#noMoreShards &&
      !stop.aborted &&
      opensShard(this.settings.window, this.#scheduler.wants(), this.#rowsLeft(), this.#open.size)
    ) {
      // A list that comes by a pipe may keep us waiting for as long as it likes.
      const work = await this.#unlessStopped(this.foreman.nextShard());
      if (work === undefined) this.#noMoreShards = true;
      else await this.#begin(work);
    }
  }

  /** Not by a race with one promise for all shards: that would keep each of them as long as itself. */
  #unlessStopped<T>(work: Promise<T>): Promise<T | undefined> {
    const { stop } = this.ending;
    return new Promise((resolve, reject) => {
      const stopped = () => resolve(undefined);
      stop.addEventListener('abort', stopped);
      if (stop.aborted) stopped();
      work.then(resolve, reject).finally(() => stop.removeEventListener('abort', stopped));
    });
  }

  #rowsLeft(): number {
    let left = 0;
    for (const work of this.#open) left += work.left;
    return left;
  }

  async #begin({ shard, rows, copies }: ShardWork): Promise<void> {
    const writer = await this.#writerFor(shard, rows.length);
    if (writer === undefined) return;
    const work: OpenWork = { writer, left: writer.left };
    this.#open.add(work);
    const copied = new Map(copies);
    const hostless: Task[] = [];
    for (const [place, row] of rows.entries()) {
      if (writer.isDone(place)) continue;
      const first = copied.get(place);
      if (row.problem !== undefined) this.#go(this.#store({ row, work }, malformedLine(row), undefined));
      else if (first !== undefined) this.#wait(this.#copy({ row, work }, first));
      else {
        const host = hostOf(row.url);
        if (host === '') hostless.push({ row, work });
        else this.#scheduler.add({ row, work }, host);
      }
    }
    this.#go(this.#refuse(hostless));
    if (work.left === 0) this.#go(this.#finish(work));
  }

  /** The open shard; undefined where there is nothing left to do in it. */
  async #writerFor(shard: number, rows: number): Promise<ShardWriter | undefined> {
    const { directory, layout, retryFailed } = this.settings;
    if (retryFailed !== undefined) {
      const codes = retryFailed.length === 0 ? undefined : new Set(retryFailed);
      const reopened = await reopenShard(directory, shard, rows, layout, codes);
      if (reopened !== undefined) return reopened;
    }
    const { writer, finished } = await openShard(directory, shard, rows, layout);
    if (finished !== undefined) this.foreman.finished(shard, finished);
    return writer;
  }

  async #attempt(ticket: Ticket<Task>): Promise<void> {
    const { policy } = this.settings;
    const task = ticket.row;
    const attempted = await this.#attempts.attempt(task.row, ticket.attempts);
    try {
      const policyOfRetries = { retries: policy.retries, delayMs: policy.retryDelayMs };
      const verdict = verdictOf(attempted.error, ticket.attempts, policyOfRetries);
      const again = this.#scheduler.finished(ticket, verdict, Date.now());
      this.#wake();
      if (again || this.ending.abort.aborted) return;
      await this.#store(task, attempted.outcome, attempted.picture);
    } finally {
      attempted.release();
    }
  }

  /** Rows whose URL leads to no host: nothing is asked for, and no place in the schedule is needed to learn why. */
  async #refuse(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) {
      if (this.ending.stop.aborted) return;
      const { outcome, picture, release } = await this.#attempts.attempt(task.row, 1);
      await this.#store(task, outcome, picture);
      release();
    }
  }

  /** A repeated URL: waits for its first row, and gives this one the same. */
  async #copy(task: Task, firstIndex: number): Promise<void> {
    const { writer } = task.work;
    const firstShard = Math.floor(firstIndex / this.settings.layout.shardSize);
    const isHere = firstShard === writer.shard;
    await (isHere ? this.#copies.stored(firstIndex, writer) : this.foreman.shardFinished(firstShard));
    const first = isHere
      ? await this.#copies.readOpen(firstIndex, writer)
      : await this.#copies.readFinished(firstIndex);
    await this.#store(task, copied(task.row, first.outcome), first.picture);
  }

  async #store(task: Task, outcome: Outcome, picture: Picture | undefined): Promise<void> {
    const { work } = task;
    await work.writer.store(outcome, picture);
    this.#copies.tell(outcome.row.index);
    this.foreman.outcome(outcome);
    work.left--;
    if (work.left === 0) await this.#finish(work);
  }

  async #finish(work: OpenWork): Promise<void> {
    const summary = await work.writer.finish();
    this.#open.delete(work);
    this.foreman.finished(work.writer.shard, summary);
    this.#wake();
  }

  /** The same for what waits for others: the end of the run does not wait for it. */
  #wait(work: Promise<void>): void {
    work.catch((error) => this.#fail(error));
  }

  /** Lets `work` go on beside the loop; what it fails with ends the run. */
  #go(work: Promise<void>): void {
    const aside = work
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#aside.delete(aside);
        if (this.#aside.size === 0) this.#wake();
      });
    this.#aside.add(aside);
  }

  #fail(error: unknown): void {
    // What fails because the work was ended is no failure of its own.
    if (!this.#ended) this.#failure ??= { error };
    this.#wake();
  }

  /** Resolves after `ms`, or when something has happened since the last turn began. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#woken) return resolve();
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#wake(), ms);
      this.#resolveSleep = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #wake(): void {
    this.#woken = true;
    this.#resolveSleep?.();
    this.#resolveSleep = undefined;
  }
}
