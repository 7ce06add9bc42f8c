import type { ShardSummary } from '../shard/stats.js';

/** A piece of the time that a run took. */
export interface TimeBin {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Rows a second. */
  readonly successes: number;
  readonly failures: number;
}

/**
 * How many rows a second were done, from what shards tell of themselves: when they began and ended. A row does not tell when it was done, so each shard's
 * rows are spread evenly over its time.
 */
export class Timeline {
  readonly #shards: Pick<ShardSummary, 'began' | 'ended' | 'count' | 'successes'>[] = [];
  began = Number.POSITIVE_INFINITY;
  ended = 0;

  add({ began, ended, count, successes }: ShardSummary): void {
    this.#shards.push({ began, ended, count, successes });
    this.began = Math.min(this.began, began);
    this.ended = Math.max(this.ended, ended);
  }

  /** From the first beginning to the last end; 0 without shards. */
  get ms(): number {
    return this.#shards.length === 0 ? 0 : this.ended - this.began;
  }

  bins(number: number): TimeBin[] {
    if (this.#shards.length === 0) return [];
    // What was quicker than the clock tells took a millisecond.
    const width = Math.max(1, this.ms) / number;
    const successes = new Array<number>(number).fill(0);
    const failures = new Array<number>(number).fill(0);
    for (const shard of this.#shards) {
      const from = (shard.began - this.began) / width;
      const to = Math.max((shard.ended - this.began) / width, from + 1e-6);
      const last = Math.min(number - 1, Math.ceil(to) - 1);
      for (let bin = Math.min(number - 1, Math.floor(from)); bin <= last; bin++) {
        const within = Math.min(to, bin + 1) - Math.max(from, bin);
        const share = bin === number - 1 && from >= number - 1 ? 1 : within / (to - from);
        successes[bin]! += shard.successes * share;
        failures[bin]! += (shard.count - shard.successes) * share;
      }
    }
    const perSecond = 1000 / width;
    return successes.map((done, bin) => ({
      from: this.began + bin * width,
      to: this.began + (bin + 1) * width,
      successes: done * perSecond,
      failures: failures[bin]! * perSecond,
    }));
  }
}
