import type { AttemptVerdict } from '../../src/dataset/schedule/attempt-verdict.js';
import type { Ticket } from '../../src/dataset/schedule/host-queue.js';
import type { CrewObserver } from './crew.js';

/** A host as a crew must treat it. Times in milliseconds. */
interface Known {
  running: number;
  limit: number;
  /** Good answers since the limit was changed. */
  run: number;
  pausedUntil: number;
  /** When it last asked for less. */
  toldAt: number;
}

const ANSWERS_TO_RAISE = 10;

/**
 * Holds a crew to its promises, whatever it is made of: at no virtual time do more attempts run at a host than its limit, as its answers have lowered and
 * raised it; no host is asked before the end of a pause that it asked for; every row is done with once. Throws where one is broken.
 */
export class Watch implements CrewObserver {
  /** The most attempts that ran at one host at once. */
  most = 0;
  readonly #hosts = new Map<string, Known>();
  readonly #done: Uint8Array;

  constructor(
    rows: number,
    private readonly hostLimit: number,
  ) {
    this.#done = new Uint8Array(rows);
  }

  started({ host, row }: Ticket<number>, now: number): void {
    const known = this.#know(host);
    known.running++;
    this.most = Math.max(this.most, known.running);
    if (known.running > known.limit)
      throw new Error(`${known.running} attempts run at ${host} at ${now} ms; its limit is ${known.limit}.`);
    if (now < known.pausedUntil)
      throw new Error(
        `${host} is asked at ${now} ms, and wants to be left alone until ${known.pausedUntil} ms.`,
      );
    if (this.#done[row]) throw new Error(`Row ${row} is asked for though it is done with.`);
  }

  finished({ host, startedAt }: Ticket<number>, { kind, pauseMs }: AttemptVerdict, now: number): void {
    const known = this.#know(host);
    known.running--;
    if (kind === 'answered') this.#raise(known);
    if (kind === 'overloaded' && startedAt > known.toldAt) {
      known.limit = Math.max(1, Math.floor(known.limit / 2));
      known.run = 0;
    }
    if (kind === 'overloaded' || pauseMs > 0) known.toldAt = now;
    if (pauseMs > 0) known.pausedUntil = Math.max(known.pausedUntil, now + pauseMs);
  }

  done(row: number, _how: 'attempt' | 'given-up', now: number): void {
    if (this.#done[row]) throw new Error(`Row ${row} is done with twice, again at ${now} ms.`);
    this.#done[row] = 1;
  }

  #raise(known: Known): void {
    if (known.limit === this.hostLimit) return;
    known.run++;
    if (known.run < ANSWERS_TO_RAISE) return;
    known.run = 0;
    known.limit++;
  }

  #know(host: string): Known {
    let known = this.#hosts.get(host);
    if (known === undefined) {
      known = {
        running: 0,
        limit: this.hostLimit,
        run: 0,
        pausedUntil: Number.NEGATIVE_INFINITY,
        toldAt: Number.NEGATIVE_INFINITY,
      };
      this.#hosts.set(host, known);
    }
    return known;
  }
}
