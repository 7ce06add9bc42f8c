import Denque from 'denque';
import FlatQueue from 'flatqueue';
import type { AdaptiveLimit } from './adaptive-limit.js';
import { type AttemptVerdict, VERDICT_TABLE } from './attempt-verdict.js';
import { HostQueue, Ticket, type Trouble } from './host-queue.js';
import type { HostRegistry } from './host-slots.js';
import { ReadyHosts } from './ready-hosts.js';
import { ResolveAhead } from './resolve-ahead.js';
import { Running } from './running.js';

/**
 * Which row of a list is asked for next. Pure: it is told what happened and when, and says what may be done now; it has no clock, timer or socket. One
 * scheduler serves one worker; what workers must agree on, a host's slots and pauses, is in the `HostRegistry` that they share.
 *
 * 1. A host that has a row waiting and a slot free is ready. Ready hosts stand in a ring, and each gives one row in its turn. Those that set the end of the
 *    run anyway have a ring of their own, and every other turn (`ready-hosts.ts`).
 * 2. A host that may not be asked yet sleeps in a heap by time, and so does a row that is to be tried again. Neither is looked at before its
 *    time: no decision takes longer because others wait, and no row waits for a host that is not its own.
 * 3. A row that is tried again goes before those of its host that were not: rows that are done with are what shards wait for.
 * 4. A host that has not answered yet, or that fails in the same way several times on end, is asked for one row at a time until it answers.
 * 5. So have hosts that fail and keep us waiting for it. It comes first as long as they have no more than a quarter of the places, and beyond that only when no other host is
 *    ready: a thousand dead hosts, each waiting for its time-out, don't take the places of those that answer (`running.ts`).
 * 6. Patience is for hosts, not for rows. A row may wait for hours because its host has many rows and a limit: that is the host's pace. But a host is given up
 *    that asks for a pause with which nothing but failures would have come from it for longer than the patience; and one from which nothing else
 *    came for so long, where to ask for what is left would take more than some seconds. The rows that wait for it are handed back, each as a decision of
 *    its own. Rows that come later are another matter: one is tried when the pause is over, and if that fails too, the others are handed back at once.
 */
export interface ScheduleSettings {
  readonly hosts: HostRegistry;
  readonly limit: AdaptiveLimit;
  /** Milliseconds for which a host may answer nothing but failures, or want to be left alone. Default 300 000. */
  readonly patienceMs?: number | undefined;
  /** Failures of one kind on end after which a host is asked for one row at a time. Default 5. */
  readonly failuresToSlow?: number | undefined;
  /** Names to have resolved ahead of need; 0 for none. Default 64. */
  readonly resolveAhead?: number | undefined;
}

/** What is to be done now. */
export type Decision<Row> =
  /** Ask for the row; then tell `finished()`. */
  | { readonly kind: 'start'; readonly ticket: Ticket<Row> }
  /** The host is given up. The row was never asked where `ticket.attempts` is 0; otherwise its last failure is what became of it. */
  | {
      readonly kind: 'give-up';
      readonly ticket: Ticket<Row>;
      readonly trouble: Trouble;
      readonly until: number;
    }
  /** Nothing for so many milliseconds, unless rows are added or attempts finish before; `Infinity`: only then. */
  | { readonly kind: 'wait'; readonly ms: number };

/** How long a worker leaves a host whose slots others hold before it looks again, and how long one that was asked for a slot leaves it to them. */
const LOOK_AGAIN_MS = 20;
const YIELD_MS = 50;
/** Rows that could start are wanted for so many times the limit, so that none is missing while a shard is opened. */
const AHEAD = 2;
/** Hosts in trouble of which no row is left, but more may come. */
const MOST_REMEMBERED = 4096;

const PATIENCE_MS = 300_000;
const FAILURES_TO_SLOW = 5;
const RESOLVE_AHEAD = 64;

export class Scheduler<Row> {
  readonly #registry: HostRegistry;
  readonly #limit: AdaptiveLimit;
  readonly #patienceMs: number;
  readonly #failuresToSlow: number;
  readonly #resolveAhead: ResolveAhead<HostQueue<Row>>;

  readonly #hosts = new Map<string, HostQueue<Row>>();
  readonly #ready = new ReadyHosts<Row>();
  /** Hosts that sleep, and rows that are to be tried again. */
  readonly #asleep = new FlatQueue<HostQueue<Row> | Ticket<Row>>();
  readonly #givenUp = new Denque<Decision<Row>>();
  /** Hosts in trouble that were empty, the one that is forgotten first in front. */
  readonly #remembered = new Denque<HostQueue<Row>>();
  readonly #running: Running<Row>;
  #left = 0;
  /** Rows that could start now, those of hosts that keep us waiting not counted. */
  #startable = 0;
  /** Rows that will be done with soon. */
  #soon = 0;
  /** The last time that we were told. */
  #now = 0;

  constructor(settings: ScheduleSettings) {
    this.#registry = settings.hosts;
    this.#limit = settings.limit;
    this.#running = new Running(settings.limit);
    this.#patienceMs = settings.patienceMs ?? PATIENCE_MS;
    this.#failuresToSlow = settings.failuresToSlow ?? FAILURES_TO_SLOW;
    this.#resolveAhead = new ResolveAhead(settings.resolveAhead ?? RESOLVE_AHEAD);
  }

  /** Rows that are not done with, those under way among them. */
  get left(): number {
    return this.#left;
  }

  /** Attempts under way. */
  get running(): number {
    return this.#running.all;
  }

  /** Takes a row. `host` is that of its URL, without the port: what is spared is the machine. */
  add(row: Row, host: string): void {
    let queue = this.#hosts.get(host);
    if (queue !== undefined) queue.revive(this.#now);
    else {
      queue = new HostQueue(host, this.#registry.slotsOf(host));
      this.#hosts.set(host, queue);
      this.#resolveAhead.added(queue);
    }
    queue.waiting.push(new Ticket(row, queue));
    this.#left++;
    this.#refresh(queue);
  }

  /** What to do now. Ask again until it is `wait`. */
  next(now: number): Decision<Row> {
    this.#now = now;
    this.#running.pass(now, this.#fellQuiet);
    this.#wake(now);
    for (;;) {
      const givenUp = this.#givenUp.shift();
      if (givenUp !== undefined) {
        this.#left--;
        return givenUp;
      }
      if (!this.#running.hasRoom) return { kind: 'wait', ms: this.#running.untilRoom(now) };
      const queue = this.#ready.shift(this.#running.hasRoomForProbe);
      if (queue === undefined) return { kind: 'wait', ms: this.#untilNextWakes(now) };
      queue.inRing = false;
      if (queue.startable > 0 && this.#takesSlot(queue, now)) return this.#start(queue, now);
      this.#refresh(queue);
    }
  }

  /** An attempt is over. True when the row will be tried again; false when it is done with, and the attempt is what became of it. */
  finished(ticket: Ticket<Row>, verdict: AttemptVerdict, now: number): boolean {
    this.#now = now;
    const { queue, startedAt } = ticket;
    this.#tellLimit(ticket, verdict, now);
    this.#running.finished(ticket);
    queue.running--;
    queue.full = false;
    if (queue.slots.give()) this.#sleep(queue, now + YIELD_MS);
    if (verdict.kind === 'overloaded') queue.slots.halve(startedAt, now);
    if (verdict.kind === 'answered') queue.slots.succeeded();
    if (verdict.pauseMs > 0) queue.slots.pause(now + verdict.pauseMs);
    queue.judge(verdict, startedAt, now);
    const givesUp = this.#givesUp(queue, now);
    const again = verdict.retryMs !== undefined && !givesUp;
    if (again) this.#delay(ticket, now + verdict.retryMs);
    else this.#left--;
    this.#refresh(queue);
    return again;
  }

  /** A host that was full has a slot for us: nothing of ours has to end first. */
  hasRoom(host: string): void {
    const queue = this.#hosts.get(host);
    if (queue === undefined) return;
    queue.full = false;
    this.#refresh(queue);
  }

  /** How many rows more could be used now: more than none means that those at hand no longer fill the limit. */
  wants(): number {
    return Math.max(0, AHEAD * this.#limit.limit - this.#running.active - this.#startable);
  }

  /** Whether at least `rows`, and enough to fill the limit, will be done with in the next seconds as far as their hosts go. */
  hasEnough(rows: number): boolean {
    return this.#soon >= Math.max(rows, AHEAD * this.#limit.limit);
  }

  /** A host name to resolve now, ahead of need; undefined for none. */
  nextToResolve(): string | undefined {
    return this.#resolveAhead.next();
  }

  readonly #fellQuiet = ({ queue }: Ticket<Row>): void => {
    queue.isQuiet = true;
    this.#refresh(queue);
  };

  #start(queue: HostQueue<Row>, now: number): Decision<Row> {
    const ticket = queue.waiting.shift()!;
    ticket.attempts++;
    ticket.startedAt = now;
    ticket.isUnderWay = true;
    queue.running++;
    this.#running.started(ticket);
    if (!queue.asked) this.#resolveAhead.passed(queue);
    this.#refresh(queue);
    return { kind: 'start', ticket };
  }

  #tellLimit({ queue, startedAt }: Ticket<Row>, { kind }: AttemptVerdict, now: number): void {
    const { host, congestion } = VERDICT_TABLE[kind];
    const congested = congestion === 'yes' || (congestion === 'if-proven' && queue.isProven);
    const full = !this.#running.hasRoom;
    this.#limit.finished(queue, { startedAt, answered: host === 'well', congested, full }, now);
  }

  #takesSlot(queue: HostQueue<Row>, now: number): boolean {
    const taken = queue.slots.take(now);
    if (taken === 'taken') return true;
    if (taken === 'paused') {
      if (!this.#givesUp(queue, now)) this.#sleep(queue, queue.slots.pausedUntil());
    } else if (queue.running > 0) {
      queue.full = true;
    } else {
      queue.slots.want();
      this.#sleep(queue, now + LOOK_AGAIN_MS);
    }
    return false;
  }

  /** Gives the host up if the patience is at its end: the rows that wait for it are handed back. */
  #givesUp(queue: HostQueue<Row>, now: number): boolean {
    const pausedUntil = queue.slots.pausedUntil();
    if (!queue.isHopeless(now, pausedUntil, this.#patienceMs)) return false;
    // Where it was another worker that was told to leave the host alone, that is all there is to know.
    const trouble = queue.trouble ?? { kind: 'overloaded', inARow: 1, since: now };
    const until = Math.max(now, pausedUntil);
    for (let ticket = queue.waiting.shift(); ticket !== undefined; ticket = queue.waiting.shift())
      this.#givenUp.push({ kind: 'give-up', ticket, trouble, until });
    if (!queue.asked) this.#resolveAhead.passed(queue);
    return true;
  }

  #delay(ticket: Ticket<Row>, until: number): void {
    ticket.queue.delayed++;
    this.#asleep.push(ticket, until);
  }

  #sleep(queue: HostQueue<Row>, until: number): void {
    queue.sleep(until);
    this.#asleep.push(queue, until);
  }

  #wake(now: number): void {
    while ((this.#asleep.peekValue() ?? Number.POSITIVE_INFINITY) <= now) {
      const one = this.#asleep.pop()!;
      if (one instanceof Ticket) {
        one.queue.delayed--;
        one.queue.waiting.unshift(one);
        this.#refresh(one.queue);
      } else if (one.wake(now)) this.#refresh(one);
    }
  }

  #untilNextWakes(now: number): number {
    return (this.#asleep.peekValue() ?? Number.POSITIVE_INFINITY) - now;
  }

  /** To be called after each change of a host: keeps its count and its place. */
  #refresh(queue: HostQueue<Row>): void {
    const startable = queue.countStartable(this.#registry.hostLimit, this.#failuresToSlow);
    const counted = queue.keepsWaiting ? 0 : startable;
    this.#startable += counted - queue.counted;
    queue.counted = counted;
    queue.startable = startable;
    const soon = queue.countSoon(this.#registry.hostLimit, this.#now);
    this.#soon += soon - queue.soon;
    queue.soon = soon;
    if (startable > 0 && !queue.inRing) {
      queue.inRing = true;
      this.#ready.push(queue, this.#registry.hostLimit);
    }
    if (queue.isEmpty) this.#leave(queue);
  }

  /**
   * No row of the host is left. The hosts of the whole list would not fit into memory; to keep some thousands of those that are well costs more in
   * garbage collections than to make them anew.
   */
  #leave(queue: HostQueue<Row>): void {
    if (queue.trouble === undefined) {
      this.#forget(queue);
      return;
    }
    queue.rest(this.#now);
    if (queue.isRemembered) return;
    queue.isRemembered = true;
    this.#remembered.push(queue);
    if (this.#remembered.length <= MOST_REMEMBERED) return;
    const oldest = this.#remembered.shift()!;
    oldest.isRemembered = false;
    if (oldest.isEmpty) this.#forget(oldest);
  }

  #forget(queue: HostQueue<Row>): void {
    if (this.#hosts.get(queue.host) === queue) this.#hosts.delete(queue.host);
  }
}
