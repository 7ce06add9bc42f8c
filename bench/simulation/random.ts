/** The same numbers on every machine: one well-mixed 32-bit word for each pair of words. */
export function mixed(one: number, other: number): number {
  let hash = Math.imul(one ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(other + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** From 0 up to 1, by a pair of words. */
export function uniform(one: number, other: number): number {
  return mixed(one, other) / 2 ** 32;
}

/** A draw of a normal distribution, by a pair of words (Box and Muller). */
export function normal(one: number, other: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniform(one, other)));
  return radius * Math.cos(2 * Math.PI * uniform(one, other ^ 0x5bd1e995));
}

/** Draws indices with given weights in constant time (Walker's alias method, as Vose makes the table). */
export class WeightedIndex {
  readonly #keep: Float64Array;
  readonly #alias: Int32Array;

  constructor(weights: Float64Array) {
    const count = weights.length;
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / count;
    this.#keep = new Float64Array(count);
    this.#alias = new Int32Array(count);
    const shares = weights.map((weight) => weight / mean);
    const [small, large]: [number[], number[]] = [[], []];
    for (let i = 0; i < count; i++) (shares[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large.pop()!;
      this.#keep[less] = shares[less]!;
      this.#alias[less] = more;
      shares[more]! += shares[less]! - 1;
      (shares[more]! < 1 ? small : large).push(more);
    }
    for (const i of [...small, ...large]) this.#keep[i] = 1;
  }

  /** The index for two numbers from 0 up to 1. */
  draw(first: number, second: number): number {
    const i = Math.floor(first * this.#keep.length);
    return second < this.#keep[i]! ? i : this.#alias[i]!;
  }
}
