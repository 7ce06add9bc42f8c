import type { FlowObserver, StopReason } from './observer.js';
import {
  emptyColumns,
  MOST_LISTED,
  type RunBatch,
  type RunColumns,
  roundMs,
  SIZE_BINS,
  sizeBin,
} from './run.js';

type Own = Pick<RunColumns, 'receives' | 'pauses' | 'queues'>;

/** The receiving end's part of a run: gathers what it is told into batches. */
export class ReceiveColumns implements FlowObserver {
  #columns: Own = emptyColumns();
  #restart = false;
  #begun = false;
  #received = 0;
  #receives = 0;
  #pauses = 0;
  #sizes: number[] = new Array(SIZE_BINS + 1).fill(0);

  /** `start`: when the retrieval began, on the observer's clock. */
  constructor(
    private readonly start: number,
    private readonly recvSize: number,
  ) {}

  asked(): void {
    if (this.#begun) {
      this.#columns = emptyColumns();
      this.#restart = true;
      this.#received = 0;
      this.#receives = 0;
      this.#pauses = 0;
      this.#sizes.fill(0);
    }
    this.#begun = true;
  }

  receive(length: number, at: number): void {
    this.#received += length;
    this.#receives++;
    this.#sizes[sizeBin(length, this.recvSize)]!++;
    const { at: times, bytes } = this.#columns.receives;
    const last = times.length - 1;
    if (this.#receives > MOST_LISTED && last >= 0) {
      times[last] = this.#ms(at);
      bytes[last]! += length;
    } else {
      times.push(this.#ms(at));
      bytes.push(length);
    }
  }

  stop(at: number, reason: StopReason): void {
    this.#pauses++;
    const { from, to, reason: reasons } = this.#columns.pauses;
    // Joined to the one before, which is over.
    if (this.#pauses > MOST_LISTED && to.length > 0) to.pop();
    else {
      from.push(this.#ms(at));
      reasons.push(reason);
    }
  }

  resume(at: number): void {
    this.#columns.pauses.to.push(this.#ms(at));
  }

  queue(bytes: number, at: number): void {
    const { at: times, until, client } = this.#columns.queues;
    times.push(this.#ms(at));
    until.push(this.#ms(at));
    client.push(bytes);
  }

  ended(): void {
    // The totals tell.
  }

  /** What came since the last call. */
  take(): RunBatch {
    const { receives, pauses, queues } = this.#columns;
    this.#columns = emptyColumns();
    const restart = this.#restart;
    this.#restart = false;
    return {
      ...(restart && { restart }),
      columns: { receives, pauses, queues },
      totals: {
        now: this.#ms(performance.now()),
        received: this.#received,
        receives: this.#receives,
        sizes: [...this.#sizes],
      },
    };
  }

  #ms(time: number): number {
    return roundMs(time - this.start);
  }
}
