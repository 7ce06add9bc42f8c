import Denque from 'denque';
import type { AdaptiveLimit } from './adaptive-limit.js';
import type { Ticket } from './host-queue.js';

/** An attempt at a host from which no answer is known is quiet after this time. */
const QUIET_MS = 1_000;
/** Of what is allowed: what attempts at hosts that keep us waiting may take from others. */
const PROBES_SHARE = 1 / 4;

/** An attempt that will be quiet unless it is over before. */
interface Expected<Row> {
  readonly ticket: Ticket<Row>;
  readonly startedAt: number;
}

/**
 * The attempts under way, and whether one more may be.
 *
 * 1. An attempt at a host that has not answered yet, or that fails and keeps us waiting for it, is quiet when it has lasted a second: most likely it waits for its time-out, and
 *    costs nothing but a socket. The limit, which finds itself by what is got done, counts the others; all together have the limit's upper bound.
 *    Otherwise a list on which every thirtieth host is dead would have three of four places wait for time-outs.
 * 2. Attempts at hosts that keep us waiting come before others as long as they take no more than a quarter of either.
 */
export class Running<Row> {
  #all = 0;
  #quiet = 0;
  /** Attempts at hosts that keep us waiting, and those of them that are quiet. */
  #probes = 0;
  #quietProbes = 0;
  /** The oldest first. */
  readonly #expected = new Denque<Expected<Row>>();

  constructor(private readonly limit: AdaptiveLimit) {}

  /** Attempts under way. */
  get all(): number {
    return this.#all;
  }

  /** Those that the limit counts. */
  get active(): number {
    return this.#all - this.#quiet;
  }

  get hasRoom(): boolean {
    return this.active < this.limit.limit && this.#all < this.limit.most;
  }

  /** Whether an attempt at a host that keeps us waiting may come before others. */
  get hasRoomForProbe(): boolean {
    const { limit, most } = this.limit;
    return this.#probes - this.#quietProbes < limit * PROBES_SHARE && this.#probes < most * PROBES_SHARE;
  }

  started(ticket: Ticket<Row>): void {
    const { queue, startedAt } = ticket;
    this.#all++;
    ticket.isQuiet = false;
    ticket.isProbe = queue.keepsWaiting;
    if (ticket.isProbe) this.#probes++;
    if (ticket.isProbe || !queue.isProven) this.#expected.push({ ticket, startedAt });
  }

  finished(ticket: Ticket<Row>): void {
    this.#all--;
    ticket.isUnderWay = false;
    if (ticket.isProbe) this.#probes--;
    if (!ticket.isQuiet) return;
    this.#quiet--;
    if (ticket.isProbe) this.#quietProbes--;
  }

  /** Time has passed: those that have lasted long enough are quiet, and `fellQuiet` is told of each. */
  pass(now: number, fellQuiet: (ticket: Ticket<Row>) => void): void {
    for (let oldest = this.#expected.peekFront(); oldest !== undefined; oldest = this.#expected.peekFront()) {
      const { ticket, startedAt } = oldest;
      const isOver = !ticket.isUnderWay || ticket.startedAt !== startedAt;
      if (!isOver && startedAt + QUIET_MS > now) return;
      this.#expected.shift();
      if (isOver) continue;
      ticket.isQuiet = true;
      this.#quiet++;
      if (ticket.isProbe) this.#quietProbes++;
      fellQuiet(ticket);
    }
  }

  /** Milliseconds until there is room by itself, as an attempt falls quiet; `Infinity` where only an end makes room. */
  untilRoom(now: number): number {
    const oldest = this.#expected.peekFront();
    if (oldest === undefined || this.#all >= this.limit.most) return Number.POSITIVE_INFINITY;
    return Math.max(0, oldest.startedAt + QUIET_MS - now);
  }
}
