/**
 * The header of a JPEG XL frame, read as far as it decides where the frame ends and whether another follows.
 *
 * 1. FrameHeader (ISO/IEC 18181-1 Annex F): which fields there are depends on the picture's metadata and on the fields
 *    before. The order of the fields is the format; values that decide nothing here are read and dropped.
 * 2. A frame is cut into groups, and each eight by eight of them into an LF group. Its table of contents has one entry
 *    where there is one group and one pass; else one for LfGlobal, one for each LF group, one for HfGlobal, and one
 *    for each group in each pass.
 */

import type { Reading } from './box.js';
import type { JpegXlBits } from './jpeg-xl-bits.js';
import type { ImageMetadata, Size } from './jpeg-xl-headers.js';

/** What is needed of a frame's header. */
export interface FrameHeader {
  readonly isLast: boolean;
  /** How many sections the frame has: the entries of its table of contents. */
  readonly sections: number;
}

const REGULAR = 0;
const LF_FRAME = 1;
const REFERENCE_ONLY = 2;
const SKIP_PROGRESSIVE = 3;

const USE_LF_FRAME = 0x20n;

const REPLACE = 0;
const BLEND = 2;
const ALPHA_WEIGHTED_ADD = 3;
const MULTIPLY = 4;

/** Reads the header of a frame of a picture, or of its preview, whose size is `full`. */
export function* readFrameHeader(bits: JpegXlBits, image: ImageMetadata, full: Size): Reading<FrameHeader> {
  if (yield* bits.bool()) return { isLast: true, sections: sectionsOf(full, 256, 1) };
  const type = yield* bits.bits(2);
  const isShown = type === REGULAR || type === SKIP_PROGRESSIVE;
  const isModular = yield* bits.bool();
  const usesLfFrame = ((yield* bits.u64()) & USE_LF_FRAME) !== 0n;
  const isYcbcr = !image.isXyb && (yield* bits.bool());
  // The chroma subsampling of three channels.
  if (isYcbcr && !usesLfFrame) yield* bits.bits(6);
  let upsampling = 1;
  if (!usesLfFrame) {
    upsampling = 2 ** (yield* bits.bits(2));
    yield* bits.skipBits(2 * image.extraChannels);
  }
  const groupSize = isModular ? 128 * 2 ** (yield* bits.bits(2)) : 256;
  // The scales of the X and the B quantization.
  if (!isModular && image.isXyb) yield* bits.bits(6);
  const passes = type === REFERENCE_ONLY ? 1 : yield* readPasses(bits);
  const lfLevel = type === LF_FRAME ? 1 + (yield* bits.bits(2)) : 0;
  const crop = type === LF_FRAME ? undefined : yield* readCrop(bits, isShown, full);
  let isLast = false;
  let isReplaced = true;
  let duration = 0;
  if (isShown) {
    const isPartial = crop?.isPartial === true;
    isReplaced = (yield* readBlending(bits, image, isPartial)) === REPLACE && !isPartial;
    for (let channel = 0; channel < image.extraChannels; channel++)
      yield* readBlending(bits, image, isPartial);
    if (image.animation !== undefined) {
      duration = yield* bits.u32([0, 0], [1, 0], [0, 8], [0, 32]);
      if (image.animation.hasTimecodes) yield* bits.bits(32);
    }
    isLast = yield* bits.bool();
  }
  if (type !== LF_FRAME && !isLast) {
    const reference = yield* bits.bits(2);
    const canBeReferenced = duration === 0 || reference !== 0;
    // Whether the frame is saved before the colour transform.
    if (type === REFERENCE_ONLY || (canBeReferenced && isReplaced)) yield* bits.bool();
  }
  yield* bits.skipName();
  yield* skipRestorationFilter(bits, isModular);
  yield* bits.skipExtensions();
  const unit = upsampling * 8 ** lfLevel;
  const size = crop?.size ?? full;
  const coded = { width: Math.ceil(size.width / unit), height: Math.ceil(size.height / unit) };
  return { isLast, sections: sectionsOf(coded, groupSize, passes) };
}

function sectionsOf(coded: Size, groupSize: number, passes: number): number {
  const groups = tiles(coded, groupSize);
  if (groups === 1 && passes === 1) return 1;
  return 1 + tiles(coded, groupSize * 8) + 1 + groups * passes;
}

function tiles(size: Size, side: number): number {
  return Math.ceil(size.width / side) * Math.ceil(size.height / side);
}

function* readPasses(bits: JpegXlBits): Reading<number> {
  const passes = yield* bits.u32([1, 0], [2, 0], [3, 0], [4, 3]);
  if (passes === 1) return passes;
  const downsamplings = yield* bits.u32([0, 0], [1, 0], [2, 0], [3, 1]);
  yield* bits.skipBits(2 * (passes - 1) + 2 * downsamplings);
  for (let left = downsamplings; left > 0; left--) yield* bits.u32([0, 0], [1, 0], [2, 0], [0, 3]);
  return passes;
}

interface Crop {
  readonly size: Size;
  /** The frame does not cover the whole picture. */
  readonly isPartial: boolean;
}

function* readCrop(bits: JpegXlBits, isShown: boolean, full: Size): Reading<Crop | undefined> {
  if (!(yield* bits.bool())) return undefined;
  const length = () => bits.u32([0, 8], [256, 11], [2304, 14], [18688, 30]);
  const x = isShown ? signed(yield* length()) : 0;
  const y = isShown ? signed(yield* length()) : 0;
  const width = yield* length();
  const height = yield* length();
  const isPartial = isShown && (x > 0 || y > 0 || x + width < full.width || y + height < full.height);
  return { size: { width, height }, isPartial };
}

/** Even values stand for 0, 1, 2 ..., odd ones for -1, -2, -3 .... */
function signed(packed: number): number {
  return packed % 2 === 0 ? packed / 2 : -(packed + 1) / 2;
}

/** Reads how the frame, or one extra channel of it, is put upon what is there: the mode. */
function* readBlending(bits: JpegXlBits, image: ImageMetadata, isPartial: boolean): Reading<number> {
  const mode = yield* bits.u32([REPLACE, 0], [1, 0], [BLEND, 0], [ALPHA_WEIGHTED_ADD, 2]);
  const usesAlpha = image.extraChannels > 0 && (mode === BLEND || mode === ALPHA_WEIGHTED_ADD);
  if (usesAlpha) yield* bits.u32([0, 0], [1, 0], [2, 0], [3, 3]);
  if (usesAlpha || mode === MULTIPLY) yield* bits.bool();
  if (mode !== REPLACE || isPartial) yield* bits.bits(2);
  return mode;
}

function* skipRestorationFilter(bits: JpegXlBits, isModular: boolean): Reading<void> {
  if (yield* bits.bool()) return;
  const hasGaborish = yield* bits.bool();
  if (hasGaborish && (yield* bits.bool())) yield* bits.skipF16(6);
  const edgePreservingIterations = yield* bits.bits(2);
  if (edgePreservingIterations > 0) {
    // Custom sharpness, weights and sigma.
    if (!isModular && (yield* bits.bool())) yield* bits.skipF16(8);
    if (yield* bits.bool()) yield* bits.skipF16(5);
    if (yield* bits.bool()) yield* bits.skipF16(isModular ? 3 : 4);
    if (isModular) yield* bits.skipF16(1);
  }
  yield* bits.skipExtensions();
}
