import type { FlowObserver, StopReason } from './observer.js';

/**
 * Bytes that come within this many milliseconds of our asking were there already, or on their way: we did not wait for the server.
 * It is above the event loop's own latency (measured: 0.05 to 0.4 ms on a busy two-core machine) and below any pause a person would set.
 */
export const READY_MS = 1;

/** Where the time of one transfer went, in milliseconds, and what the receives looked like. */
export interface LedgerFigures {
  /** From the request to the end. */
  readonly totalMs: number;
  /** We asked, and nothing came: server or network. The wait for the first byte included. */
  readonly waitingMs: number;
  /** Of `waitingMs`, the part before the first byte. */
  readonly firstByteMs: number;
  /** We did not ask. */
  readonly pausedMs: number;
  /** Of `pausedMs`, by reason. */
  readonly pausedFor: Readonly<Record<StopReason, number>>;
  /** Receiving and handling what was received. */
  readonly receivingMs: number;
  /** Bytes received: header, framing and body. */
  readonly wireBytes: number;
  readonly receives: {
    readonly count: number;
    readonly min: number;
    readonly max: number;
    readonly full: number;
  };
  /** Receives, the first left out, whose bytes were there when we asked, and those that we had to wait for. */
  readonly ready: number;
  readonly awaited: number;
  /** The same, counting only the first receive after each pause of ours. */
  readonly readyAfterPause: number;
  readonly awaitedAfterPause: number;
  /** Bytes in the kernel's receive queue: the most that was seen, and in how many of the looks at it any were. */
  readonly queue: { readonly looks: number; readonly filled: number; readonly max: number };
}

/** Folds the events of one transfer into its figures; memory does not grow with the transfer. */
export class Ledger implements FlowObserver {
  #askedAt: number | undefined;
  #endedAt: number | undefined;
  /** Since when we ask, or undefined while we don't. */
  #asking: number | undefined;
  #stoppedAt: number | undefined;
  #stopReason: StopReason = 'delay';
  #afterPause = false;
  #last = 0;

  #waiting = 0;
  #firstByte = 0;
  #receiving = 0;
  readonly #paused: Record<StopReason, number> = { delay: 0, rate: 0, consumer: 0 };

  #bytes = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #full = 0;
  #ready = 0;
  #awaited = 0;
  #readyAfterPause = 0;
  #awaitedAfterPause = 0;
  #looks = 0;
  #filled = 0;
  #queueMax = 0;

  /** `recvSize`: the most bytes that one receive asks for. */
  constructor(private readonly recvSize: number) {}

  asked(at: number): void {
    this.#askedAt ??= at;
    this.#asking = at;
    this.#last = at;
  }

  receive(length: number, at: number, until: number): void {
    this.#settleWait(at);
    this.#receiving += until - at;
    this.#asking = until;
    this.#last = until;
    this.#bytes += length;
    this.#count++;
    if (length < this.#min) this.#min = length;
    if (length > this.#max) this.#max = length;
    if (length === this.recvSize) this.#full++;
  }

  stop(at: number, reason: StopReason): void {
    this.#asking = undefined;
    this.#stoppedAt = at;
    this.#stopReason = reason;
    this.#last = at;
  }

  resume(at: number): void {
    if (this.#stoppedAt === undefined) return;
    this.#paused[this.#stopReason] += at - this.#stoppedAt;
    this.#stoppedAt = undefined;
    this.#asking = at;
    this.#afterPause = true;
    this.#last = at;
  }

  queue(bytes: number): void {
    this.#looks++;
    if (bytes > 0) this.#filled++;
    if (bytes > this.#queueMax) this.#queueMax = bytes;
  }

  ended(at: number): void {
    if (this.#stoppedAt !== undefined) this.resume(at);
    else if (this.#asking !== undefined && at - this.#asking >= READY_MS) this.#waiting += at - this.#asking;
    this.#asking = undefined;
    this.#endedAt = at;
  }

  #settleWait(at: number): void {
    if (this.#asking === undefined) return;
    const wait = at - this.#asking;
    const awaited = wait >= READY_MS;
    if (this.#count === 0) {
      this.#firstByte = wait;
      this.#waiting += wait;
    } else if (awaited) {
      this.#waiting += wait;
      this.#awaited++;
    } else {
      this.#receiving += wait;
      this.#ready++;
    }
    if (this.#afterPause) {
      this.#afterPause = false;
      if (awaited) this.#awaitedAfterPause++;
      else this.#readyAfterPause++;
    }
  }

  /** Whether anything was told of: a response was asked for. */
  get begun(): boolean {
    return this.#askedAt !== undefined;
  }

  get receiveCount(): number {
    return this.#count;
  }

  get wireBytes(): number {
    return this.#bytes;
  }

  get firstByteMs(): number {
    return this.#firstByte;
  }

  /** The figures as they stand; with `now`, what goes on at that time is counted up to it. */
  figures(now?: number): LedgerFigures {
    const { delay, rate, consumer } = this.#paused;
    const going = now === undefined || this.#asking === undefined ? 0 : now - this.#asking;
    return {
      totalMs: this.#askedAt === undefined ? 0 : (this.#endedAt ?? this.#last) - this.#askedAt,
      waitingMs: this.#waiting + going,
      firstByteMs: this.#firstByte,
      pausedMs: delay + rate + consumer,
      pausedFor: { delay, rate, consumer },
      receivingMs: this.#receiving,
      wireBytes: this.#bytes,
      receives: {
        count: this.#count,
        min: this.#count === 0 ? 0 : this.#min,
        max: this.#max,
        full: this.#full,
      },
      ready: this.#ready,
      awaited: this.#awaited,
      readyAfterPause: this.#readyAfterPause,
      awaitedAfterPause: this.#awaitedAfterPause,
      queue: { looks: this.#looks, filled: this.#filled, max: this.#queueMax },
    };
  }
}
