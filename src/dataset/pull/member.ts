import { ConnectionPool } from '../../connection/pool.js';
import type { Outcome, Picture } from '../outcome.js';
import type { ListRow } from '../row.js';
import { AdaptiveLimit } from '../schedule/adaptive-limit.js';
import { UNASKED, verdictOf } from '../schedule/attempt-verdict.js';
import type { Ticket } from '../schedule/host-queue.js';
import type { HostRegistry } from '../schedule/host-slots.js';
import { MemoryBudget } from '../schedule/memory-budget.js';
import { Scheduler } from '../schedule/scheduler.js';
import { opensShard } from '../schedule/window.js';
import type { ShardSummary } from '../shard/stats.js';
import { Copies } from './copies.js';
import { hostOf } from './host-of.js';
import type { MemberSettings } from './member-settings.js';
import { OpenWork, openWork } from './open-work.js';
import { resolveEarly } from './resolve-early.js';
import { RowAttempts } from './row-attempt.js';
import type { ShardWork } from './shard-work.js';
import { copied, givenUp, malformedLine } from './unasked.js';
import { WakeableSleep } from './wakeable-sleep.js';

/** Whom a member works for. */
export interface Foreman {
  /** The next shard; undefined when there are no more. */
  nextShard(): Promise<ShardWork | undefined>;
  /** Resolves when that shard is finished, by whomever. */
  shardFinished(shard: number): Promise<void>;
  outcome(outcome: Outcome): void;
  finished(shard: number, summary: ShardSummary): void;
  /** That shard was taken away. */
  lost(shard: number): void;
}

/** Where shards are scarce, time itself may tell that what is at hand waits for its hosts. */
const LOOK_AGAIN_MS = 1_000;

/** Ends the work: `stop` starts nothing new, `abort` gives up what is in flight too. */
export interface Ending {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/** A row on its way through the schedule. */
interface Task {
  readonly row: ListRow;
  readonly work: OpenWork;
  /** Of the last attempt, where it was not the last of all. */
  outcome?: Outcome;
}

/** One member of the crew: works on shards, several at once where hosts are slow, until there are no more. */
export class Member {
  readonly #scheduler: Scheduler<Task>;
  readonly #attempts: RowAttempts;
  readonly #pool = new ConnectionPool();
  readonly #copies: Copies;
  readonly #open = new Set<OpenWork>();
  /** Work that goes on beside the loop: attempts, stores, copies. */
  #aside = 0;
  readonly #rest = new WakeableSleep();
  /** A shard was asked for, and has not come or is being opened. */
  #asks = false;
  #beginning: Promise<void> = Promise.resolve();
  /** Few shards wait, and others may be without: as the last one said. */
  #isScarce = false;
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
    this.#scheduler = new Scheduler({ hosts, limit: new AdaptiveLimit(limit, Date.now()) });
    hosts.listen?.((host) => {
      this.#scheduler.hasRoom(host);
      this.#rest.wake();
    });
    this.#attempts = new RowAttempts(policy, new MemoryBudget(memoryBytes), this.#pool, ending.abort);
    this.#copies = new Copies(directory, layout);
  }

  /** Works until all is done or it is stopped. Rejects with what can't be gone on after, such as a full disk. */
  async run(): Promise<void> {
    const { stop, abort } = this.ending;
    const wake = () => this.#rest.wake();
    stop.addEventListener('abort', wake);
    abort.addEventListener('abort', wake);
    try {
      while (this.#failure === undefined && !stop.aborted) {
        const waitMs = await this.#turn();
        if (waitMs === undefined) break;
        await this.#rest.sleep(waitMs);
      }
      // Where storing has failed, what is in flight could not be stored either.
      while (this.#failure === undefined && this.#aside > 0 && !abort.aborted) {
        this.#rest.reset();
        await this.#rest.sleep(Number.POSITIVE_INFINITY);
      }
    } finally {
      this.#ended = true;
      stop.removeEventListener('abort', wake);
      abort.removeEventListener('abort', wake);
      for (const work of this.#open) await work.close();
      await this.#copies.close();
      this.#pool.close();
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Does all that can be done now. Gives the milliseconds until more can be, or undefined when all is done. */
  async #turn(): Promise<number | undefined> {
    this.#rest.reset();
    for (;;) {
      const decision = this.#scheduler.next(Date.now());
      this.#openShards();
      resolveEarly(() => this.#scheduler.nextToResolve(), this.#attempts.lookup);
      if (decision.kind === 'start') this.#start(decision.ticket);
      else if (decision.kind === 'give-up') {
        const { ticket, trouble } = decision;
        const task = ticket.row;
        const outcome = task.outcome ?? givenUp(task.row, ticket.host, trouble);
        this.#go(this.#store(task, outcome, undefined));
      } else if (this.#noMoreShards && this.#open.size === 0) return undefined;
      else return this.#isScarce ? Math.min(decision.ms, LOOK_AGAIN_MS) : decision.ms;
    }
  }

  /** Nothing more is to be done for a shard. Resolves when its files are closed; what is in flight for it ends by itself, and is not stored. */
  async drop(shard: number): Promise<void> {
    await this.#beginning;
    for (const work of [...this.#open]) if (work.writer.shard === shard) await this.#forget(work);
  }

  #rowsLeft(): number {
    let left = 0;
    for (const work of this.#open) left += work.left;
    return left;
  }

  #openShards(): void {
    if (this.#asks || this.#noMoreShards || this.ending.stop.aborted) return;
    const { window, layout } = this.settings;
    const enough = this.#isScarce ? layout.shardSize / 2 : undefined;
    if (!opensShard(window, this.#scheduler, this.#rowsLeft(), this.#open.size, enough)) return;
    this.#asks = true;
    this.#wait(this.#ask());
  }

  /** Others may be slow to give us one (a list that comes by a pipe, a queue): meanwhile the work goes on, and the end does not wait for it. */
  async #ask(): Promise<void> {
    const work = await this.foreman.nextShard();
    if (this.#ended || this.ending.stop.aborted) return;
    if (work === undefined) this.#noMoreShards = true;
    else {
      const begun = this.#begin(work);
      // What it fails with is told below: who waits for it wants to know when it is over.
      this.#beginning = begun.catch(() => undefined);
      await begun;
    }
    this.#asks = false;
    this.#rest.wake();
  }

  async #begin(given: ShardWork): Promise<void> {
    this.#isScarce = given.isScarce ?? false;
    const work = await openWork(given, this.settings, this.#copies);
    if (work === undefined) return;
    if (!(work instanceof OpenWork)) return this.foreman.finished(given.shard, work);
    if (this.#ended) return await work.close();
    this.#open.add(work);
    const copied = new Map(given.copies);
    const hostless: Task[] = [];
    for (const [place, row] of given.rows.entries()) {
      if (work.writer.isDone(place)) continue;
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

  #start(ticket: Ticket<Task>): void {
    if (ticket.row.work.isTaken) this.#scheduler.finished(ticket, UNASKED, Date.now());
    else this.#go(this.#attempt(ticket));
  }

  async #attempt(ticket: Ticket<Task>): Promise<void> {
    const { policy } = this.settings;
    const task = ticket.row;
    const attempted = await this.#attempts.attempt(task.row, ticket.attempts);
    try {
      const policyOfRetries = { retries: policy.retries, delayMs: policy.retryDelayMs };
      const verdict = verdictOf(attempted.error, ticket.attempts, policyOfRetries);
      const again = this.#scheduler.finished(ticket, verdict, Date.now());
      this.#rest.wake();
      if (again) task.outcome = attempted.outcome;
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
    const { writer, copies } = task.work;
    const firstShard = Math.floor(firstIndex / this.settings.layout.shardSize);
    const isHere = firstShard === writer.shard;
    await (isHere ? copies.stored(firstIndex, writer) : this.foreman.shardFinished(firstShard));
    await this.#unlessTaken(task.work, async () => {
      const first = isHere
        ? await copies.readOpen(firstIndex, writer)
        : await copies.readFinished(firstIndex);
      await this.#store(task, copied(task.row, first.outcome), first.picture);
    });
  }

  async #store(task: Task, outcome: Outcome, picture: Picture | undefined): Promise<void> {
    const { work } = task;
    await this.#unlessTaken(work, async () => {
      await work.writer.store(outcome, picture);
      work.copies.tell(outcome.row.index);
      this.foreman.outcome(outcome);
      work.left--;
      if (work.left === 0) await this.#finish(work);
    });
  }

  async #finish(work: OpenWork): Promise<void> {
    await this.#unlessTaken(work, async () => {
      const summary = await work.finish();
      this.#open.delete(work);
      this.foreman.finished(work.writer.shard, summary);
    });
    this.#rest.wake();
  }

  async #unlessTaken(work: OpenWork, act: () => Promise<void>): Promise<void> {
    await work.unlessTaken(act);
    if (!work.isTaken || !this.#open.has(work)) return;
    this.foreman.lost(work.writer.shard);
    await this.#forget(work);
  }

  async #forget(work: OpenWork): Promise<void> {
    this.#open.delete(work);
    this.#rest.wake();
    await work.take();
  }

  /** Lets `work` go on beside the loop; what it fails with ends the run. */
  #go(work: Promise<void>): void {
    this.#aside++;
    work.then(this.#isBack, (error) => {
      this.#fail(error);
      this.#isBack();
    });
  }

  readonly #isBack = (): void => {
    this.#aside--;
    if (this.#aside === 0) this.#rest.wake();
  };

  /** The same for what waits for others: the end of the run does not wait for it. */
  #wait(work: Promise<void>): void {
    work.catch((error) => this.#fail(error));
  }

  #fail(error: unknown): void {
    // What fails because the work was ended is no failure of its own.
    if (!this.#ended) this.#failure ??= { error };
    this.#rest.wake();
  }
}
