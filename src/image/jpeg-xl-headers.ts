/**
 * The headers at the start of a JPEG XL codestream, read as far as they decide where its frames end.
 *
 * 1. SizeHeader and PreviewHeader give a height, and a width or its ratio to the height (ISO/IEC 18181-1 Annex D).
 * 2. ImageMetadata says what the fields of every frame depend on: preview, animation, extra channels, colour.
 *
 * The order of the fields is the format; values that decide nothing here are read and dropped.
 */

import type { Reading } from './box.js';
import type { JpegXlBits } from './jpeg-xl-bits.js';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ImageMetadata {
  readonly preview: Size | undefined;
  readonly animation: { readonly hasTimecodes: boolean } | undefined;
  readonly extraChannels: number;
  readonly isXyb: boolean;
  /** An ICC profile, entropy coded, follows the metadata. */
  readonly hasIccProfile: boolean;
}

/** Width to height; the first stands for "the width is given". */
const RATIOS: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];

export function* readSizeHeader(bits: JpegXlBits): Reading<Size> {
  const isSmall = yield* bits.bool();
  return yield* readSize(bits, function* length() {
    if (isSmall) return 8 * (1 + (yield* bits.bits(5)));
    return yield* bits.u32([1, 9], [1, 13], [1, 18], [1, 30]);
  });
}

function* readPreviewHeader(bits: JpegXlBits): Reading<Size> {
  const isSmall = yield* bits.bool();
  return yield* readSize(bits, function* length() {
    if (isSmall) return 8 * (yield* bits.u32([16, 0], [32, 0], [1, 5], [33, 9]));
    return yield* bits.u32([1, 6], [65, 8], [321, 10], [1345, 12]);
  });
}

function* readSize(bits: JpegXlBits, length: () => Reading<number>): Reading<Size> {
  const height = yield* length();
  const [over, under] = RATIOS[yield* bits.bits(3)]!;
  return { width: over > 0 ? Math.floor((height * over) / under) : yield* length(), height };
}

export function* readImageMetadata(bits: JpegXlBits): Reading<ImageMetadata> {
  let preview: Size | undefined;
  let animation: ImageMetadata['animation'];
  let extraChannels = 0;
  let isXyb = true;
  let hasIccProfile = false;
  if (!(yield* bits.bool())) {
    const hasExtraFields = yield* bits.bool();
    if (hasExtraFields) {
      // The orientation, which is not applied.
      yield* bits.bits(3);
      if (yield* bits.bool()) yield* readSizeHeader(bits);
      if (yield* bits.bool()) preview = yield* readPreviewHeader(bits);
      if (yield* bits.bool()) animation = yield* readAnimationHeader(bits);
    }
    yield* skipBitDepth(bits);
    yield* bits.bool();
    extraChannels = yield* bits.u32([0, 0], [1, 0], [2, 4], [1, 12]);
    for (let channel = 0; channel < extraChannels; channel++) yield* skipExtraChannel(bits);
    isXyb = yield* bits.bool();
    hasIccProfile = yield* readColourEncoding(bits);
    if (hasExtraFields) yield* skipToneMapping(bits);
    yield* bits.skipExtensions();
  }
  yield* skipTransformData(bits, isXyb);
  return { preview, animation, extraChannels, isXyb, hasIccProfile };
}

function* readAnimationHeader(bits: JpegXlBits): Reading<{ hasTimecodes: boolean }> {
  yield* bits.u32([100, 0], [1000, 0], [1, 10], [1, 30]);
  yield* bits.u32([1, 0], [1001, 0], [1, 8], [1, 10]);
  yield* bits.u32([0, 0], [0, 3], [0, 16], [0, 32]);
  return { hasTimecodes: yield* bits.bool() };
}

function* skipBitDepth(bits: JpegXlBits): Reading<void> {
  const isFloat = yield* bits.bool();
  if (isFloat) {
    yield* bits.u32([32, 0], [16, 0], [24, 0], [1, 6]);
    yield* bits.bits(4);
  } else {
    yield* bits.u32([8, 0], [10, 0], [12, 0], [1, 6]);
  }
}

const ALPHA = 0;
const SPOT_COLOUR = 2;
const COLOUR_FILTER_ARRAY = 5;

function* skipExtraChannel(bits: JpegXlBits): Reading<void> {
  if (yield* bits.bool()) return;
  const type = yield* bits.enumerated();
  yield* skipBitDepth(bits);
  yield* bits.u32([0, 0], [3, 0], [4, 0], [1, 3]);
  yield* bits.skipName();
  if (type === ALPHA) yield* bits.bool();
  if (type === SPOT_COLOUR) yield* bits.skipF16(4);
  if (type === COLOUR_FILTER_ARRAY) yield* bits.u32([1, 0], [0, 2], [3, 4], [19, 8]);
}

const GREY = 1;
const XYB = 2;
/** Of a white point and of primaries: their coordinates are given. */
const CUSTOM = 2;

/** Reads the colour encoding: whether it is an ICC profile. */
function* readColourEncoding(bits: JpegXlBits): Reading<boolean> {
  if (yield* bits.bool()) return false;
  const hasIccProfile = yield* bits.bool();
  const space = yield* bits.enumerated();
  if (hasIccProfile) return true;
  if (space !== XYB) {
    if ((yield* bits.enumerated()) === CUSTOM) yield* skipChromaticities(bits, 1);
    if (space !== GREY && (yield* bits.enumerated()) === CUSTOM) yield* skipChromaticities(bits, 3);
    const hasGamma = yield* bits.bool();
    if (hasGamma) yield* bits.bits(24);
    else yield* bits.enumerated();
  }
  // The rendering intent.
  yield* bits.enumerated();
  return false;
}

function* skipChromaticities(bits: JpegXlBits, count: number): Reading<void> {
  for (let coordinate = 0; coordinate < 2 * count; coordinate++) {
    yield* bits.u32([0, 19], [524288, 19], [1048576, 20], [2097152, 21]);
  }
}

function* skipToneMapping(bits: JpegXlBits): Reading<void> {
  if (yield* bits.bool()) return;
  yield* bits.skipF16(2);
  yield* bits.bool();
  yield* bits.skipF16(1);
}

function* skipTransformData(bits: JpegXlBits, isXyb: boolean): Reading<void> {
  if (yield* bits.bool()) return;
  // The inverse opsin matrix, its biases, and those of the quantization.
  if (isXyb && !(yield* bits.bool())) yield* bits.skipF16(9 + 3 + 4);
  const custom = yield* bits.bits(3);
  if (custom & 1) yield* bits.skipF16(15);
  if (custom & 2) yield* bits.skipF16(55);
  if (custom & 4) yield* bits.skipF16(210);
}
