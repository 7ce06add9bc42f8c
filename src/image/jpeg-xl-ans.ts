/**
 * The ANS code of a JPEG XL codestream (ISO/IEC 18181-1, "Entropy decoding": ANS).
 *
 * 1. A distribution gives each symbol a share of 4096; it is written for one symbol, for two, as an even one, or as the
 *    logarithm of each share and some of its lower bits (the largest share is what the others leave).
 * 2. The shares are put into a table of buckets of equal size, each with at most two symbols: its own below the cutoff,
 *    an alias from there on. The order in which buckets are paired is part of the format.
 * 3. The lowest 12 bits of the state choose the symbol; the state then shrinks, and takes 16 bits where it is below 2^16.
 *    At the end of a stream it is 0x130000.
 */

import type { Reading } from './box.js';
import type { JpegXlBits } from './jpeg-xl-bits.js';
import { StructureError } from './walk.js';

const TOTAL = 4096;
const TOTAL_BITS = 12;
const FINAL_STATE = 0x130000;

/** The state of one stream, shared by all of its distributions. */
export class AnsState {
  value = FINAL_STATE;

  *start(bits: JpegXlBits): Reading<void> {
    this.value = yield* bits.bits(32);
  }

  /** Whether the state has to be refilled before the next symbol. */
  get isLow(): boolean {
    return this.value < 2 ** 16;
  }

  *refill(bits: JpegXlBits): Reading<void> {
    this.value = this.value * 2 ** 16 + (yield* bits.bits(16));
  }

  /** Throws where the stream did not end as it should. */
  finish(): void {
    if (this.value === FINAL_STATE) return;
    throw new StructureError(
      `an entropy coded stream ends with the state ${this.value} instead of ${FINAL_STATE}`,
    );
  }
}

/** One distribution, ready to be decoded with. */
export class AnsCode {
  readonly #shares: Uint16Array;
  readonly #bucketBits: number;
  readonly #cutoffs: Uint16Array;
  readonly #aliases: Uint16Array;
  /** Added to the position inside the bucket where its alias is meant. */
  readonly #offsets: Int32Array;

  constructor(shares: Uint16Array, alphabetBits: number) {
    const count = shares.length;
    this.#shares = shares;
    this.#bucketBits = TOTAL_BITS - alphabetBits;
    this.#cutoffs = shares.slice();
    this.#aliases = new Uint16Array(count);
    this.#offsets = new Int32Array(count);
    const bucket = 1 << this.#bucketBits;
    const only = shares.indexOf(TOTAL);
    if (only >= 0) {
      this.#aliases.fill(only);
      this.#cutoffs.fill(0);
      for (let at = 0; at < count; at++) this.#offsets[at] = bucket * at;
      return;
    }
    this.#pair(bucket);
    for (let at = 0; at < count; at++) {
      if (this.#cutoffs[at] === bucket) {
        this.#aliases[at] = at;
        this.#cutoffs[at] = 0;
      } else {
        this.#offsets[at]! -= this.#cutoffs[at]!;
      }
    }
  }

  #pair(bucket: number): void {
    const cutoffs = this.#cutoffs;
    const below: number[] = [];
    const above: number[] = [];
    const sort = (at: number) => {
      if (cutoffs[at]! < bucket) below.push(at);
      else if (cutoffs[at]! > bucket) above.push(at);
    };
    for (let at = 0; at < cutoffs.length; at++) sort(at);
    // The shares' sum is the buckets', so what lacks anywhere is left over elsewhere.
    for (let large = above.pop(); large !== undefined; large = above.pop()) {
      const small = below.pop()!;
      cutoffs[large]! -= bucket - cutoffs[small]!;
      this.#aliases[small] = large;
      this.#offsets[small] = cutoffs[large]!;
      sort(large);
    }
  }

  /** The next symbol; the state may be low after it. */
  symbol(state: AnsState): number {
    const low = state.value % TOTAL;
    const at = low >>> this.#bucketBits;
    const inside = low & ((1 << this.#bucketBits) - 1);
    const isAlias = inside >= this.#cutoffs[at]!;
    const symbol = isAlias ? this.#aliases[at]! : at;
    const offset = isAlias ? this.#offsets[at]! + inside : inside;
    state.value = Math.floor(state.value / TOTAL) * this.#shares[symbol]! + offset;
    return symbol;
  }
}

/** Steps of decoding that take the time in which one symbol finds its place in the table. */
const STEPS_A_SYMBOL = 0.5;

/** Reads a distribution over at most `2 ** alphabetBits` symbols. */
export function* readAnsCode(bits: JpegXlBits, alphabetBits: number): Reading<AnsCode> {
  const shares = new Uint16Array(1 << alphabetBits);
  bits.spend(shares.length * STEPS_A_SYMBOL);
  const isFew = yield* bits.bool();
  const choice = yield* bits.bool();
  if (isFew) yield* readFew(bits, shares, choice);
  else if (choice) yield* readEven(bits, shares);
  else yield* readShares(bits, shares);
  return new AnsCode(shares, alphabetBits);
}

function* readFew(bits: JpegXlBits, shares: Uint16Array, isTwo: boolean): Reading<void> {
  const first = within(yield* smallNumber(bits), shares);
  if (!isTwo) {
    shares[first] = TOTAL;
    return;
  }
  const second = within(yield* smallNumber(bits), shares);
  if (first === second) throw new StructureError('a distribution of two symbols has the same one twice');
  const share = yield* bits.bits(TOTAL_BITS);
  shares[first] = share;
  shares[second] = TOTAL - share;
}

function* readEven(bits: JpegXlBits, shares: Uint16Array): Reading<void> {
  const count = within(yield* smallNumber(bits), shares) + 1;
  for (let at = 0; at < count; at++) shares[at] = Math.floor(TOTAL / count) + (at < TOTAL % count ? 1 : 0);
}

function within(symbol: number, shares: Uint16Array): number {
  if (symbol < shares.length) return symbol;
  throw new StructureError(`a distribution over ${shares.length} symbols has symbol ${symbol}`);
}

/** A number from 0 to 255. */
function* smallNumber(bits: JpegXlBits): Reading<number> {
  if (!(yield* bits.bool())) return 0;
  const count = yield* bits.bits(3);
  return (1 << count) + (yield* bits.bits(count));
}

/** Stands among the logarithms for a run of the share before it. */
const RUN = 13;

function* readShares(bits: JpegXlBits, shares: Uint16Array): Reading<void> {
  let length = 0;
  while (length < 3 && (yield* bits.bool())) length++;
  const shift = (yield* bits.bits(length)) + (1 << length) - 1;
  const count = within((yield* smallNumber(bits)) + 2, shares) + 1;
  /** One more than the logarithm of each share; 0 for no share. */
  const logarithms = new Uint8Array(count);
  /** The end of the run that begins at a symbol, or 0. */
  const runs = new Uint16Array(count);
  let largest = -1;
  for (let at = 0; at < count; at++) {
    const logarithm = yield* readLogarithm(bits);
    logarithms[at] = logarithm;
    if (logarithm === RUN) {
      const end = at + (yield* smallNumber(bits)) + 4;
      if (end > count) throw new StructureError(`a run of shares ends at symbol ${end} of ${count}`);
      runs[at] = end;
      at = end - 1;
    } else if (largest < 0 || logarithm > logarithms[largest]!) {
      largest = at;
    }
  }
  if (shift > RUN || largest < 0 || logarithms[largest + 1] === RUN) {
    throw new StructureError('a distribution has no largest share');
  }
  let sum = 0;
  for (let at = 0; at < count; at++) {
    const end = runs[at]!;
    if (end > 0) {
      const share = shares[at - 1] ?? 0;
      shares.fill(share, at, end);
      sum += share * (end - at);
      at = end - 1;
    } else if (at !== largest && logarithms[at]! > 0) {
      const known = logarithms[at]! - 1;
      const lower = Math.max(0, Math.min(known, shift - ((TOTAL_BITS - known) >> 1)));
      const share = (1 << known) + ((yield* bits.bits(lower)) << (known - lower));
      shares[at] = share;
      sum += share;
    }
  }
  if (sum >= TOTAL) throw new StructureError(`a distribution's shares leave nothing of ${TOTAL}: ${sum}`);
  shares[largest] = TOTAL - sum;
}

/** The fixed prefix code of the logarithms: three bits, then more for those that are rare. */
function* readLogarithm(bits: JpegXlBits): Reading<number> {
  const three = yield* bits.bits(3);
  if (three === 3) return (yield* bits.bool()) ? 1 : 3;
  if (three === 7) return (yield* bits.bool()) ? 2 : 5;
  if (three !== 1) return [10, 0, 7, 0, 6, 8, 9][three]!;
  for (const value of [4, 0, 11, RUN]) if (yield* bits.bool()) return value;
  return 12;
}
