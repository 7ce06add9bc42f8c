/** Buckets a decade: values of one bucket differ by less than 2 %. */
const FINEST = 120;
/** Divisors of it, as bars that are drawn. */
const COARSER = [40, 30, 20, 12, 10, 6, 5, 4, 3, 2, 1] as const;
/** So that a bound such as 1000 falls into the bucket that begins there. */
const ROUNDING = 1e-9;
/** What is smaller counts as this: there is no logarithm of 0. */
const LEAST = 0.001;

/** Values from `from` to below `to`. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Positive values, counted by their logarithm, in memory that does not grow with their number. */
export class LogHistogram {
  readonly #buckets = new Map<number, { count: number; sum: number }>();
  count = 0;
  least = Number.POSITIVE_INFINITY;
  most = 0;

  add(value: number): void {
    const bucket = Math.floor(Math.log10(Math.max(LEAST, value)) * FINEST + ROUNDING);
    const same = this.#buckets.get(bucket);
    if (same === undefined) this.#buckets.set(bucket, { count: 1, sum: value });
    else {
      same.count++;
      same.sum += value;
    }
    this.count++;
    if (value < this.least) this.least = value;
    if (value > this.most) this.most = value;
  }

  /** The value that `share` (0 to 1) of all values do not exceed, within 2 %, and exactly where all of its bucket are the same; 0 where there are none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (const [, { count, sum }] of this.#sorted()) {
      seen += count;
      if (seen >= rank) return sum / count;
    }
    return 0;
  }

  /** At most `most` bins of the same width on a logarithmic scale, without a gap from the least value to the largest. */
  bins(most: number): Bin[] {
    const fine = this.#sorted();
    if (fine.length === 0) return [];
    const [first, last] = [fine[0]![0], fine.at(-1)![0]];
    const indexOf = (bucket: number, each: number) => Math.floor((bucket * each) / FINEST);
    const each = COARSER.find((one) => indexOf(last, one) - indexOf(first, one) < most) ?? 1;
    const from = indexOf(first, each);
    const counts = new Array<number>(indexOf(last, each) - from + 1).fill(0);
    for (const [bucket, { count }] of fine) counts[indexOf(bucket, each) - from]! += count;
    return counts.map((count, i) => ({
      from: boundOf(from + i, each),
      to: boundOf(from + i + 1, each),
      count,
    }));
  }

  #sorted() {
    return [...this.#buckets].sort(([a], [b]) => a - b);
  }
}

function boundOf(index: number, each: number): number {
  return 10 ** (index / each);
}
