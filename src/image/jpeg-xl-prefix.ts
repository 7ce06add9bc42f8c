/**
 * The prefix codes of a JPEG XL codestream (ISO/IEC 18181-1, "Entropy decoding": prefix codes), which are Brotli's.
 *
 * 1. Simple codes: one to four symbols, and fixed lengths for them (RFC 7932 §3.4).
 * 2. Complex codes: the lengths of all symbols, themselves prefix coded, with runs of the last length and of 0
 *    (RFC 7932 §3.5).
 * 3. Codes of one length follow the order of their symbols, and longer codes follow shorter ones (RFC 7932 §3.2).
 */

import type { Reading } from './box.js';
import type { JpegXlBits } from './jpeg-xl-bits.js';
import { StructureError } from './walk.js';

const LONGEST = 15;

export class PrefixCode {
  /** How many codes there are of each length; the symbols by the order of their codes. */
  readonly #counts = new Uint16Array(LONGEST + 1);
  readonly #symbols: Uint16Array;

  /** From the length of each symbol's code, 0 for none; with one symbol only, reading it takes no bits. */
  constructor(lengths: Uint8Array) {
    for (const length of lengths) this.#counts[length]!++;
    const next = new Uint16Array(LONGEST + 2);
    this.#counts[0] = 0;
    for (let length = 1; length <= LONGEST; length++)
      next[length + 1] = next[length]! + this.#counts[length]!;
    this.#symbols = new Uint16Array(next[LONGEST + 1]!);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol]!;
      if (length > 0) this.#symbols[next[length]!++] = symbol;
    }
  }

  *symbol(bits: JpegXlBits): Reading<number> {
    if (this.#symbols.length === 1) return this.#symbols[0]!;
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= LONGEST; length++) {
      code += yield* bits.bits(1);
      const count = this.#counts[length]!;
      if (code - first < count) return this.#symbols[index + code - first]!;
      index += count;
      first = 2 * (first + count);
      code *= 2;
    }
    throw new StructureError('a prefix code has no symbol for the bits that were read');
  }
}

/** Symbols whose place in a code is found in the time that one step of decoding takes. */
const SYMBOLS_A_STEP = 32;

/** Reads a code for `count` symbols. */
export function* readPrefixCode(bits: JpegXlBits, count: number): Reading<PrefixCode> {
  bits.spend(count / SYMBOLS_A_STEP);
  if (count === 1) return new PrefixCode(Uint8Array.of(1));
  const skipped = yield* bits.bits(2);
  return new PrefixCode(
    skipped === 1 ? yield* simpleLengths(bits, count) : yield* lengthsOf(bits, count, skipped),
  );
}

function* simpleLengths(bits: JpegXlBits, count: number): Reading<Uint8Array> {
  const symbols: number[] = [];
  const width = 32 - Math.clz32(count - 1);
  for (let left = yield* bits.bits(2); left >= 0; left--) symbols.push(yield* bits.bits(width));
  const isUneven = symbols.length === 4 && (yield* bits.bool());
  const lengths = isUneven ? [1, 2, 3, 3] : [[1], [1, 1], [1, 2, 2], [2, 2, 2, 2]][symbols.length - 1]!;
  const result = new Uint8Array(count);
  for (const [at, symbol] of symbols.entries()) {
    if (symbol >= count || result[symbol] !== 0) {
      throw new StructureError(`a prefix code for ${count} symbols has symbol ${symbol} where it can't be`);
    }
    result[symbol] = lengths[at]!;
  }
  return result;
}

const ORDER_OF_LENGTHS = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/** Symbols of the code of lengths: a run of the last length, and a run of zeros. */
const RUN_OF_LAST = 16;

function* lengthsOf(bits: JpegXlBits, count: number, skipped: number): Reading<Uint8Array> {
  const code = yield* readCodeOfLengths(bits, skipped);
  const lengths = new Uint8Array(count);
  let space = 1 << LONGEST;
  let last = 8;
  let run = 0;
  let runLength = 0;
  for (let at = 0; at < count && space > 0; ) {
    const symbol = yield* code.symbol(bits);
    if (symbol < RUN_OF_LAST) {
      run = 0;
      lengths[at++] = symbol;
      if (symbol === 0) continue;
      last = symbol;
      space -= 1 << (LONGEST - symbol);
      continue;
    }
    const length = symbol === RUN_OF_LAST ? last : 0;
    if (length !== runLength) run = 0;
    runLength = length;
    // Runs that follow each other are one longer run, whose length they write digit by digit.
    const before = run;
    const width = symbol - 14;
    if (run > 0) run = (run - 2) << width;
    run += (yield* bits.bits(width)) + 3;
    const end = at + run - before;
    if (end > count) throw new StructureError(`a run of lengths ends at symbol ${end} of ${count}`);
    lengths.fill(length, at, end);
    if (length > 0) space -= (end - at) << (LONGEST - length);
    at = end;
  }
  if (space !== 0) throw new StructureError('the lengths of a prefix code do not fill it');
  return lengths;
}

function* readCodeOfLengths(bits: JpegXlBits, skipped: number): Reading<PrefixCode> {
  const lengths = new Uint8Array(ORDER_OF_LENGTHS.length);
  let space = 32;
  let used = 0;
  for (let at = skipped; at < ORDER_OF_LENGTHS.length && space > 0; at++) {
    const length = yield* readLength(bits);
    lengths[ORDER_OF_LENGTHS[at]!] = length;
    if (length === 0) continue;
    used++;
    space -= 32 >> length;
  }
  if (used !== 1 && space !== 0) throw new StructureError('the code of lengths of a prefix code is not full');
  return new PrefixCode(lengths);
}

function* readLength(bits: JpegXlBits): Reading<number> {
  const two = yield* bits.bits(2);
  if (two < 3) return [0, 4, 3][two]!;
  if (!(yield* bits.bool())) return 2;
  return (yield* bits.bool()) ? 5 : 1;
}
