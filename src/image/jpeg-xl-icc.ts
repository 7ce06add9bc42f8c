/**
 * The ICC profile of a JPEG XL codestream (ISO/IEC 18181-1 Annex E), decoded only to find its end.
 *
 * It is a count of bytes, and the bytes, entropy coded; after the first 129 the two bytes before each one give its
 * context, by their classes.
 */

import type { Reading } from './box.js';
import type { JpegXlBits } from './jpeg-xl-bits.js';
import { EntropyReader } from './jpeg-xl-entropy.js';
import { StructureError } from './walk.js';

/** Bytes of a profile as it is coded. A hostile one may cost hardly any bits; this many cost about a second. */
const LONGEST_PROFILE = 4 * 1024 * 1024;

/** Passes over the profile. Throws where it is longer than any. */
export function* skipIccProfile(bits: JpegXlBits): Reading<void> {
  const count = yield* bits.u64();
  if (count > LONGEST_PROFILE)
    throw new StructureError(`an ICC profile of ${count} coded bytes is not followed`);
  const reader = yield* EntropyReader.begin(bits, 41);
  let last = 0;
  let beforeLast = 0;
  for (let at = 0; at < count; at++) {
    const byte = yield* reader.number(at <= 128 ? 0 : 1 + lastClass(last) + 8 * beforeLastClass(beforeLast));
    if (byte > 255) throw new StructureError(`the ICC profile has ${byte} where a byte should be`);
    beforeLast = last;
    last = byte;
  }
  reader.finish();
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}

/** Digits, '.' and ','. */
function isNumeral(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2c;
}

function lastClass(byte: number): number {
  if (isLetter(byte)) return 0;
  if (isNumeral(byte)) return 1;
  if (byte <= 1) return 2 + byte;
  if (byte < 16) return 4;
  if (byte === 255) return 6;
  return byte > 240 ? 5 : 7;
}

function beforeLastClass(byte: number): number {
  if (isLetter(byte)) return 0;
  if (isNumeral(byte)) return 1;
  if (byte < 16) return 2;
  return byte > 240 ? 3 : 4;
}
