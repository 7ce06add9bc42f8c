/**
 * The fields of a JPEG XL codestream, read bit by bit (ISO/IEC 18181-1, "Header syntax").
 *
 * 1. Bits are taken from each byte from the least significant one on.
 * 2. U32: two bits choose one of four ways; each is an offset and a count of bits, whose value is added to it.
 * 3. U64: two bits choose 0, 1 and four bits, 17 and eight bits, or twelve bits and as many more groups as say so.
 * 4. Enum: a U32 with the same four ways for all. F16: 16 bits. Bool: one bit.
 */

import type { Reading } from './box.js';
import { bytes, StructureError, skip } from './walk.js';

/** One of the four ways of a U32. */
type Way = readonly [offset: number, bits: number];

/**
 * Steps of entropy decoding that a codestream may ask for beyond one for each of its bits. A number in a code of one symbol, a copy or a table that is
 * written in runs cost a hostile body no bits, and us time. So many are enough for every number of an ICC profile of 1 MiB, and take a tenth
 * of a second.
 */
const FREE_STEPS = 1024 * 1024;

export class JpegXlBits {
  /** Bits of the last byte that are not taken yet, and how many they are (0 to 7). */
  #held = 0;
  #count = 0;
  #steps = FREE_STEPS;

  /** An unsigned integer of `count` bits, at most 32. */
  *bits(count: number): Reading<number> {
    // Sums of powers of two instead of shifts: 32 bits beside 7 held ones don't fit an operand of `<<`.
    while (this.#count < count) {
      const byte = (yield* bytes(1))[0]!;
      this.#held += byte * 2 ** this.#count;
      this.#count += 8;
    }
    const unit = 2 ** count;
    const value = this.#held % unit;
    this.#held = Math.floor(this.#held / unit);
    this.#count -= count;
    this.#steps += count;
    return value;
  }

  /** Accounts for work. Throws where the bits that were read are not worth it. */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new StructureError('its entropy coding is too much work for its few bits');
  }

  *bool(): Reading<boolean> {
    return (yield* this.bits(1)) === 1;
  }

  *u32(first: Way, second: Way, third: Way, fourth: Way): Reading<number> {
    const choice = yield* this.bits(2);
    const [offset, bits] = choice === 0 ? first : choice === 1 ? second : choice === 2 ? third : fourth;
    return offset + (yield* this.bits(bits));
  }

  *u64(): Reading<bigint> {
    const choice = yield* this.bits(2);
    if (choice === 0) return 0n;
    if (choice === 1) return BigInt(1 + (yield* this.bits(4)));
    if (choice === 2) return BigInt(17 + (yield* this.bits(8)));
    let value = BigInt(yield* this.bits(12));
    for (let shift = 12n; yield* this.bool(); shift += 8n) {
      if (shift === 60n) return value | (BigInt(yield* this.bits(4)) << shift);
      value |= BigInt(yield* this.bits(8)) << shift;
    }
    return value;
  }

  *enumerated(): Reading<number> {
    return yield* this.u32([0, 0], [1, 0], [2, 4], [18, 6]);
  }

  /** Passes over `count` numbers of 16 bits. */
  *skipF16(count: number): Reading<void> {
    yield* this.skipBits(count * 16);
  }

  /** Passes over a string: its length in bytes, then the bytes. */
  *skipName(): Reading<void> {
    yield* this.skipBits(8 * (yield* this.u32([0, 0], [0, 4], [16, 5], [48, 10])));
  }

  /** Passes over a bundle's extensions: a set of their numbers, the size in bits of each, then their bits. */
  *skipExtensions(): Reading<void> {
    let total = 0n;
    for (let set = yield* this.u64(); set > 0n; set >>= 1n) {
      if ((set & 1n) === 1n) total += yield* this.u64();
    }
    if (total > BigInt(Number.MAX_SAFE_INTEGER))
      throw new StructureError(`extensions of ${total} bits are too long`);
    yield* this.skipBits(Number(total));
  }

  *skipBits(count: number): Reading<void> {
    if (count <= this.#count) {
      yield* this.bits(count);
      return;
    }
    const left = count - this.#count;
    this.align();
    yield* skip(Math.floor(left / 8));
    yield* this.bits(left % 8);
  }

  /** Goes on at the next whole byte. */
  align(): void {
    this.#held = 0;
    this.#count = 0;
  }
}
