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
 * Not checked: an ICC profile and a permuted table of contents are entropy coded, so nothing behind them can be found
 * without decoding it. There a bare codestream, and one in a box of size 0, is taken for whole at the last byte that is
 * known to belong to it; a cut behind that byte is not noticed. Boxed codestreams with sizes don't have this limit.
 */

import { type Box, boxHeader, type Reading, skipBox } from './box.js';
import { JpegXlBits } from './jpeg-xl-bits.js';
import { readFrameHeader } from './jpeg-xl-frame.js';
import { type ImageMetadata, readImageMetadata, readSizeHeader, type Size } from './jpeg-xl-headers.js';
import { bytes, type PictureFacts, StructureError, scanTo, skip, Walk, type Walker } from './walk.js';

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
  if (image.hasIccProfile) return;
  if (image.preview !== undefined) {
    facts.inside = `the preview frame, which begins at byte ${walk.position}`;
    if ((yield* readFrame(bits, image, image.preview)) === 'unknown-end') return;
  }
  for (let frame = 1; ; frame++) {
    facts.inside = `frame ${frame}, which begins at byte ${walk.position}`;
    if ((yield* readFrame(bits, image, size)) !== 'more') return;
  }
}

function* readFrame(
  bits: JpegXlBits,
  image: ImageMetadata,
  full: Size,
): Reading<'more' | 'last' | 'unknown-end'> {
  bits.align();
  const frame = yield* readFrameHeader(bits, image, full);
  const isPermuted = yield* bits.bool();
  if (isPermuted) return 'unknown-end';
  bits.align();
  let length = 0;
  for (let section = 0; section < frame.sections; section++) {
    length += yield* bits.u32([0, 10], [1024, 14], [17408, 22], [4211712, 30]);
  }
  bits.align();
  yield* skip(length);
  return frame.isLast ? 'last' : 'more';
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
