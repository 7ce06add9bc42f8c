import FlatQueue from 'flatqueue';
import { AdaptiveLimit, type LimitBounds } from '../../src/dataset/schedule/adaptive-limit.js';
import type { AttemptVerdict } from '../../src/dataset/schedule/attempt-verdict.js';
import type { Ticket } from '../../src/dataset/schedule/host-queue.js';
import type { HostRegistry } from '../../src/dataset/schedule/host-slots.js';
import { Scheduler } from '../../src/dataset/schedule/scheduler.js';
import { opensShard, type Window } from '../../src/dataset/schedule/window.js';

/** What is outside: a list of rows by number, and hosts that answer. Times in milliseconds of the virtual clock. */
export interface World {
  readonly rows: number;
  hostOf(row: number): string;
  /** The attempt that begins now: how long it will take, and how it will end. */
  ask(row: number, attempt: number, now: number): Reply;
}

export interface Reply {
  readonly ms: number;
  readonly verdict: AttemptVerdict;
}

/** Told of everything that a crew does, in the order of the virtual clock. */
export interface CrewObserver {
  started?(ticket: Ticket<number>, now: number): void;
  finished?(ticket: Ticket<number>, verdict: AttemptVerdict, now: number): void;
  /** The row is done with: by its last attempt, or given up. */
  done?(row: number, how: 'attempt' | 'given-up', now: number): void;
}

export interface CrewSettings {
  readonly workers: number;
  readonly hosts: HostRegistry;
  /** A worker's share. */
  readonly limit: LimitBounds;
  readonly shardSize: number;
  readonly window: Window;
  /** Where fewer shards wait, a worker that has half of one to do soon leaves the next to others. Default 0. */
  readonly scarce?: number | undefined;
  readonly patienceMs?: number | undefined;
  /** Milliseconds of a worker's core that an answer takes; 0 where the machine is never the limit. */
  readonly msPerAnswer: number;
}

/** A worker that looks at the clock again and again, and does nothing, would do so for ever. */
const MOST_IDLE_EVENTS = 1_000_000;

/** An attempt is over; its answer, if it has one, is yet to be handled. */
interface Arrival {
  readonly worker: Worker;
  readonly ticket: Ticket<number>;
  readonly verdict: AttemptVerdict;
  handled: boolean;
}

/** It is time for a worker to look what it may do. */
interface Look {
  readonly worker: Worker;
  readonly ticket: undefined;
}

/**
 * Workers on one machine that go through a list, each with the real scheduler, on a virtual clock: nothing waits, and an event is handled as soon as
 * all before it are.
 */
export class Crew {
  now = 0;
  /** Rows that are done with. */
  done = 0;
  givenUp = 0;
  attempts = 0;
  answers = 0;
  /** Attempts under way and those that the limits allow, times milliseconds. */
  runningMs = 0;
  limitMs = 0;
  /** Calls of the scheduler that decided something. */
  decisions = 0;

  readonly #events = new FlatQueue<Arrival | Look>();
  readonly #workers: Worker[];
  #nextRow = 0;
  #running = 0;
  /** Events since a row was done with. */
  #idleEvents = 0;

  constructor(
    readonly world: World,
    readonly settings: CrewSettings,
    private readonly observer: CrewObserver = {},
  ) {
    this.#workers = Array.from({ length: settings.workers }, () => new Worker(settings));
    for (const worker of this.#workers) this.#pump(worker);
  }

  get limit(): number {
    let sum = 0;
    for (const { limit } of this.#workers) sum += limit.limit;
    return sum;
  }

  /** Goes on until so many rows are done with. Throws where none would ever be again. */
  runUntil(done: number): void {
    while (this.done < Math.min(done, this.world.rows)) {
      const at = this.#events.peekValue();
      const event = this.#events.pop();
      if (at === undefined || event === undefined || ++this.#idleEvents > MOST_IDLE_EVENTS)
        throw new Error(`Nothing is to come, and ${this.done} rows are done.`);
      this.runningMs += this.#running * (at - this.now);
      this.limitMs += this.limit * (at - this.now);
      this.now = at;
      this.#handle(event);
    }
  }

  #handle(event: Arrival | Look): void {
    const { worker } = event;
    if (event.ticket === undefined) worker.looksAt = Number.POSITIVE_INFINITY;
    else if (!this.#isHandled(event)) return;
    else this.#finish(worker, event.ticket, event.verdict);
    this.#pump(worker);
  }

  /** An answer takes its time on the worker's core, behind those that came before it. */
  #isHandled(event: Arrival): boolean {
    const { msPerAnswer } = this.settings;
    const { worker, verdict } = event;
    if (event.handled || msPerAnswer === 0 || verdict.kind !== 'answered') return true;
    worker.busyUntil = Math.max(worker.busyUntil, this.now) + msPerAnswer;
    event.handled = true;
    this.#events.push(event, worker.busyUntil);
    return false;
  }

  #finish(worker: Worker, ticket: Ticket<number>, verdict: AttemptVerdict): void {
    this.#running--;
    if (verdict.kind === 'answered') this.answers++;
    this.observer.finished?.(ticket, verdict, this.now);
    this.decisions++;
    if (!worker.scheduler.finished(ticket, verdict, this.now)) this.#close(worker, ticket.row, 'attempt');
  }

  /** All that the worker may do now. */
  #pump(worker: Worker): void {
    const { scheduler } = worker;
    for (;;) {
      const decision = scheduler.next(this.now);
      this.decisions++;
      const hasOpened = this.#openShards(worker);
      if (decision.kind === 'start') this.#start(worker, decision.ticket);
      else if (decision.kind === 'give-up') this.#giveUp(worker, decision.ticket.row);
      else if (!hasOpened) {
        // As a timer would have it.
        this.#look(worker, this.now + Math.max(1, decision.ms));
        return;
      }
    }
  }

  #start(worker: Worker, ticket: Ticket<number>): void {
    this.#running++;
    this.attempts++;
    this.observer.started?.(ticket, this.now);
    const { ms, verdict } = this.world.ask(ticket.row, ticket.attempts, this.now);
    this.#events.push({ worker, ticket, verdict, handled: false }, this.now + ms);
  }

  #giveUp(worker: Worker, row: number): void {
    this.givenUp++;
    this.#close(worker, row, 'given-up');
  }

  #look(worker: Worker, at: number): void {
    if (at >= worker.looksAt) return;
    worker.looksAt = at;
    this.#events.push({ worker, ticket: undefined }, at);
  }

  #openShards(worker: Worker): boolean {
    const { scheduler, open } = worker;
    const { window, shardSize } = this.settings;
    const first = this.#nextRow;
    while (
      this.#nextRow < this.world.rows &&
      opensShard(window, scheduler, scheduler.left, open.size, this.#enough())
    ) {
      const end = Math.min(this.#nextRow + shardSize, this.world.rows);
      open.set(Math.floor(this.#nextRow / shardSize), end - this.#nextRow);
      for (; this.#nextRow < end; this.#nextRow++)
        scheduler.add(this.#nextRow, this.world.hostOf(this.#nextRow));
    }
    return this.#nextRow > first;
  }

  #enough(): number | undefined {
    const { shardSize, scarce = 0 } = this.settings;
    const waiting = Math.ceil((this.world.rows - this.#nextRow) / shardSize);
    return waiting < scarce ? shardSize / 2 : undefined;
  }

  #close(worker: Worker, row: number, how: 'attempt' | 'given-up'): void {
    this.done++;
    this.#idleEvents = 0;
    this.observer.done?.(row, how, this.now);
    const shard = Math.floor(row / this.settings.shardSize);
    const left = worker.open.get(shard)! - 1;
    if (left > 0) worker.open.set(shard, left);
    else worker.open.delete(shard);
  }
}

/** One thread of the crew. */
class Worker {
  readonly scheduler: Scheduler<number>;
  readonly limit: AdaptiveLimit;
  /** Rows that are left of each open shard, by its number. */
  readonly open = new Map<number, number>();
  /** When the core has handled every answer that came in. */
  busyUntil = 0;
  /** When the worker looks at the clock next. */
  looksAt = Number.POSITIVE_INFINITY;

  constructor({ hosts, limit, patienceMs }: CrewSettings) {
    this.limit = new AdaptiveLimit(limit, 0);
    this.scheduler = new Scheduler({ hosts, limit: this.limit, patienceMs });
  }
}
