import Denque from 'denque';
import type { HostCount } from './adaptive-limit.js';
import { type AttemptVerdict, VERDICT_TABLE, type VerdictKind } from './attempt-verdict.js';
import type { HostSlots } from './host-slots.js';

/** A row on its way through the schedule: handed out by `next()`, given back to `finished()`. */
export class Ticket<Row> {
  /** Attempts that were begun; during an attempt, its number from 1. */
  attempts = 0;
  /** When the last attempt began, in milliseconds of the schedule's clock. */
  startedAt = 0;
  isUnderWay = false;
  /** The last attempt began while the host kept us waiting. */
  isProbe = false;
  /** See `Running`. */
  isQuiet = false;

  constructor(
    readonly row: Row,
    readonly queue: HostQueue<Row>,
  ) {}

  get host(): string {
    return this.queue.host;
  }
}

/** A host from which nothing but failures has come for a while. Times in milliseconds of the schedule's clock. */
export interface Trouble {
  /** How it failed the last time. */
  readonly kind: VerdictKind;
  /** How often on end it failed in this way. */
  readonly inARow: number;
  /** When it failed first, with no answer since; later by all of the time in which there was no row to ask for. */
  readonly since: number;
}

/** Of the last attempt in the mean time that attempts take. */
const MEAN_WEIGHT = 1 / 4;
/** A host that needs longer than this for the rows that are left needs long; sooner is soon. */
const LONG_MS = 10_000;
/** A host that fails no later than after this keeps nobody waiting. */
const SOON_MS = 1_000;
/** Not asleep. */
const AWAKE = -Infinity;

/** The rows of one host that are in the schedule, and what is known of the host. */
export class HostQueue<Row> implements HostCount {
  /** Rows that may be asked for, as far as they go themselves. */
  readonly waiting = new Denque<Ticket<Row>>();
  running = 0;
  /** Retries whose time has not come. */
  delayed = 0;
  /** How many rows could be started now as far as the host goes. */
  startable = 0;
  /** What of them is counted in the schedule's sum. */
  counted = 0;
  /** How many rows will be done with soon, as they are counted in the schedule's sum. */
  soon = 0;
  /** It stands in the ring of hosts that are ready. It may have become unready there. */
  inRing = false;
  /** The host's slots are all taken, some by us: the next of ours that is given back tells more. */
  full = false;
  trouble: Trouble | undefined;
  /** It has answered. */
  isProven = false;
  /** An attempt of it has fallen quiet, and it has not answered since. */
  isQuiet = false;
  epoch = -1;
  finishedInEpoch = 0;
  congestedInEpoch = 0;
  /** A row of it was started. */
  asked = false;
  /** Its name was given out to be resolved ahead. */
  resolvedAhead = false;
  /** It was empty, but is kept for its trouble. */
  isRemembered = false;
  #sleepsUntil = AWAKE;
  /** What an attempt takes, in milliseconds: a mean in which the last ones weigh most. */
  #meanMs: number | undefined;
  /** Since when there was no row; undefined where there is one. */
  #restsSince: number | undefined;

  constructor(
    readonly host: string,
    readonly slots: HostSlots,
  ) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.running === 0 && this.delayed === 0;
  }

  /** It is in trouble, and what it takes to hear so, time-outs most likely, is lost. */
  get keepsWaiting(): boolean {
    return this.trouble !== undefined && (this.#meanMs ?? 0) > SOON_MS;
  }

  sleep(until: number): void {
    this.#sleepsUntil = until;
  }

  /** Wakes if it is time; false where it sleeps on, for it was put to sleep again meanwhile. */
  wake(now: number): boolean {
    if (this.#sleepsUntil > now) return false;
    this.#sleepsUntil = AWAKE;
    return true;
  }

  /** How many rows could be started now, of `limit` that a host may have at once. */
  countStartable(limit: number, failuresToSlow: number): number {
    if (this.full || this.#sleepsUntil !== AWAKE) return 0;
    const isSlowed = !this.isProven || (this.trouble?.inARow ?? 0) >= failuresToSlow;
    return Math.max(0, Math.min(this.waiting.length, (isSlowed ? 1 : limit) - this.running));
  }

  /** How many rows will be done with soon, with `limit` of them at once: none of a host that we wait for. */
  countSoon(limit: number, now: number): number {
    if (this.isQuiet || this.keepsWaiting || this.#sleepsUntil > now + LONG_MS) return 0;
    const rows = this.waiting.length + this.running + this.delayed;
    return Math.min(rows, Math.floor((limit * LONG_MS) / (this.#meanMs ?? 1)));
  }

  /** Whether it needs long for its rows and `more`, with so many of them at once and never kept waiting. */
  needsLong(atOnce: number, more = 0): boolean {
    const rows = this.waiting.length + this.delayed + more;
    return (rows * (this.#meanMs ?? 0)) / atOnce > LONG_MS;
  }

  /**
   * Whether to give it up: with the pause, nothing but failures will have come from it for longer than the patience; or nothing else did, and there is enough
   * left that to ask for each row, one at a time, would take long.
   */
  isHopeless(now: number, pausedUntil: number, patienceMs: number): boolean {
    const since = this.trouble?.since ?? now;
    if (pausedUntil > now && pausedUntil - since > patienceMs) return true;
    return now - since > patienceMs && this.needsLong(1, 1);
  }

  /** There is no row any more. */
  rest(now: number): void {
    this.#restsSince ??= now;
  }

  /** There is a row again: time in which nobody asked is no time in which the host failed. */
  revive(now: number): void {
    if (this.#restsSince === undefined) return;
    if (this.trouble !== undefined) {
      const { since } = this.trouble;
      this.trouble = { ...this.trouble, since: since + now - this.#restsSince };
    }
    this.#restsSince = undefined;
  }

  /** Takes an attempt's verdict into account. */
  judge({ kind }: AttemptVerdict, startedAt: number, now: number): void {
    if (kind !== 'unasked') this.#tookMs(now - startedAt);
    const { host } = VERDICT_TABLE[kind];
    if (host === 'well') {
      this.isProven = true;
      this.isQuiet = false;
      this.trouble = undefined;
    }
    if (host !== 'failing') return;
    const { trouble } = this;
    const inARow = trouble?.kind === kind ? trouble.inARow + 1 : 1;
    this.trouble = { kind, inARow, since: trouble?.since ?? now };
  }

  #tookMs(ms: number): void {
    this.#meanMs = this.#meanMs === undefined ? ms : this.#meanMs + (ms - this.#meanMs) * MEAN_WEIGHT;
  }
}
