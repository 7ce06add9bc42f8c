/**
 * JPEG XL: the bare codestream, and the container with boxes around it.
 *
 * 1. A codestream is FF0A, the picture's size and metadata, perhaps an ICC profile, a preview frame where the metadata
 *    say so, then frames until one says that it is the last (ISO/IEC 18181-1 Annexes D, E, F).
 * 2. A frame is a header, a table of contents with the length in bytes of each of its sections, and the sections. Each
 *    frame, and the first section, begin at a whole byte.
 * 3. The container is the signature box, `ftyp`, and the codestream in one box `jxlc`, or in boxes `jxlp` that count
 *    from 0; the top bit of the count marks the last (ISO/IEC 18181-2). What follows is the picture's tail.
 * 4. In a container the boxes say where the codestream ends; only where the last of them runs to the end of the file
 *    (size 0, which encoders like to write) its frames do.
 *
 * Not checked: what the sections hold; and an ICC profile is decoded, for its end, but not looked into.
 */

import { type Box, boxHeader, type Reading, skipBox } from './box.js';
import { JpegXlBits } from './jpeg-xl-bits.js';
import { EntropyReader } from './jpeg-xl-entropy.js';
import { readFrameHeader } from './jpeg-xl-frame.js';
import { type ImageMetadata, readImageMetadata, readSizeHeader, type Size } from './jpeg-xl-headers.js';
import { skipIccProfile } from './jpeg-xl-icc.js';
import { bytes, type PictureFacts, StructureError, scanTo, skip, Walk, type Walker } from './walk.js';

/** Far more than any animation has; without a limit, a hostile body of tiny frames costs minutes. */
const MOST_FRAMES = 65536;

/** What libjxl allows; a permutation of more costs a hostile body no byte, and us time. */
const MOST_SECTIONS = 65536;

/** Follows a bare codestream. */
export function* walkJpegXl(walk: Walk, facts: PictureFacts): Walker {
  facts.inside = 'the image header';
  const signature = yield* bytes(2);
  if (signature[0] !== 0xff || signature[1] !== 0x0a) {
    throw new StructureError(`at byte ${walk.position - 2} no JPEG XL codestream begins`);
  }
  const bits = new JpegXlBits();
  const size = yield* readSizeHeader(bits);
  facts.width = size.width;
  facts.height = size.height;
  const image = yield* readImageMetadata(bits);
  if (image.hasIccProfile) {
    facts.inside = 'the ICC profile';
    yield* skipIccProfile(bits);
  }
  if (image.preview !== undefined) {
    facts.inside = `the preview frame, which begins at byte ${walk.position}`;
    yield* readFrame(bits, image, image.preview);
  }
  let isLast = false;
  for (let frame = 1; !isLast; frame++) {
    if (frame > MOST_FRAMES) throw new StructureError(`more than ${MOST_FRAMES} frames are not followed`);
    facts.inside = `frame ${frame}, which begins at byte ${walk.position}`;
    isLast = yield* readFrame(bits, image, size);
  }
}

/** Reads a frame: whether it is the last. */
function* readFrame(bits: JpegXlBits, image: ImageMetadata, full: Size): Reading<boolean> {
  bits.align();
  const frame = yield* readFrameHeader(bits, image, full);
  if (frame.sections > MOST_SECTIONS) {
    throw new StructureError(
      `a frame of ${frame.sections} sections is not followed, only of ${MOST_SECTIONS}`,
    );
  }
  const isPermuted = yield* bits.bool();
  if (isPermuted) yield* skipPermutation(bits, frame.sections);
  bits.align();
  let length = 0;
  for (let section = 0; section < frame.sections; section++) {
    length += yield* bits.u32([0, 10], [1024, 14], [17408, 22], [4211712, 30]);
  }
  bits.align();
  yield* skip(length);
  return frame.isLast;
}

/** The order of the sections, which does not change their sum: a count, and that many Lehmer codes (Annex F). */
function* skipPermutation(bits: JpegXlBits, sections: number): Reading<void> {
  const reader = yield* EntropyReader.begin(bits, 8);
  const contextOf = (value: number) => Math.min(7, 32 - Math.clz32(value));
  const count = yield* reader.number(contextOf(sections));
  if (count > sections) throw new StructureError(`a permutation of ${sections} sections has ${count} codes`);
  let code = 0;
  for (let at = 0; at < count; at++) {
    code = yield* reader.number(contextOf(code));
    if (code >= sections - at)
      throw new StructureError(`a permutation of ${sections} sections has the code ${code}`);
  }
  reader.finish();
}

/** Follows a container. */
export function* walkJpegXlContainer(walk: Walk, facts: PictureFacts): Walker {
  facts.inside = 'the signature box';
  yield* skip(12);
  const inner: PictureFacts = { width: undefined, height: undefined, inside: '' };
  const codestream = new Walk((own) => walkJpegXl(own, inner));
  let parts = 0;
  for (;;) {
    facts.inside = `the box header at byte ${walk.position}`;
    const box = yield* boxHeader(walk);
    facts.inside = `the box '${box.type}' at byte ${box.start}`;
    if (box.type !== 'jxlc' && box.type !== 'jxlp') {
      if (box.end === Number.POSITIVE_INFINITY) {
        throw new StructureError(`${facts.inside} is the last one, and the codestream did not end before it`);
      }
      yield* skipBox(walk, box);
      continue;
    }
    const isLast = box.type === 'jxlc' || (yield* readPartNumber(walk, box, parts++));
    yield* feed(walk, box, codestream, () => {
      facts.width ??= inner.width;
      facts.height ??= inner.height;
    });
    if (isLast || box.end === Number.POSITIVE_INFINITY) return;
  }
}

/** Reads what a box `jxlp` begins with: whether it is the last. */
function* readPartNumber(walk: Walk, box: Box, expected: number): Reading<boolean> {
  if (walk.position + 4 > box.end)
    throw new StructureError(`the box 'jxlp' at byte ${box.start} has no number`);
  const head = yield* bytes(4);
  const field = new DataView(head.buffer, head.byteOffset, 4).getUint32(0);
  const number = field & 0x7fffffff;
  if (number === expected) return field > 0x7fffffff;
  throw new StructureError(`the box 'jxlp' at byte ${box.start} has number ${number} instead of ${expected}`);
}

/** Hands the rest of `box` to the codestream's own walk; where the box has no end, until that walk ends. */
function* feed(walk: Walk, box: Box, codestream: Walk, saw: () => void): Reading<void> {
  const isOpen = box.end === Number.POSITIVE_INFINITY;
  let left = box.end - walk.position;
  if (left > 0 && !(isOpen && codestream.whole)) {
    yield* scanTo((chunk, from) => {
      const taken = Math.min(left, chunk.length - from);
      const before = codestream.position;
      codestream.push(chunk.subarray(from, from + taken));
      saw();
      left -= taken;
      const hasEnded = codestream.failure !== undefined || (isOpen && codestream.whole);
      if (hasEnded) return from + codestream.position - before;
      return left === 0 ? from + taken : -1;
    });
  }
  if (codestream.failure !== undefined) {
    throw new StructureError(`the codestream in the boxes is wrong: ${codestream.failure.message}`);
  }
}
