import type { StopReason } from './observer.js';

/** How fast we let ourselves receive. */
export interface Pacing {
  /** Milliseconds to pause after each receive. */
  readonly delayMs?: number | undefined;
  /** Bytes a second that the mean must not exceed, counted on the wire. */
  readonly limitRate?: number | undefined;
}

/** A pause to make after a receive. */
export interface Pause {
  readonly ms: number;
  readonly reason: StopReason;
}

/** Decides the pause after each receive. The rate is held by the clock, not by sums of pauses, so timers' lateness never adds up. */
export class Pacer {
  #startedAt: number | undefined;
  #bytes = 0;

  constructor(private readonly pacing: Pacing) {}

  /** The pause due after a receive of `length` bytes that came at `at`; undefined for none. */
  pauseAfter(length: number, at: number): Pause | undefined {
    const { delayMs = 0, limitRate } = this.pacing;
    this.#startedAt ??= at;
    this.#bytes += length;
    const due = limitRate === undefined ? 0 : this.#startedAt + (this.#bytes / limitRate) * 1000 - at;
    if (due > delayMs) return { ms: due, reason: 'rate' };
    return delayMs > 0 ? { ms: delayMs, reason: 'delay' } : undefined;
  }
}

/** A receive must not hold more than a tenth of a second of the rate, or the mean would be held by long stand-stills. */
export function recvSizeForRate(recvSize: number, limitRate: number | undefined): number {
  if (limitRate === undefined) return recvSize;
  return Math.max(1, Math.min(recvSize, Math.max(512, Math.floor(limitRate / 10))));
}
