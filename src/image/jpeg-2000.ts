/**
 * JPEG 2000: the raw codestream, and the JP2 file with boxes around it (JPX and JPH begin the same way).
 *
 * 1. A codestream is SOC, then SIZ with the picture's size, then the segments of the main header, each a marker and a
 *    length that counts itself (ITU-T T.800 §A.2, §A.4, §A.5.1).
 * 2. Tile-parts follow: SOT gives the count of bytes from SOT to the tile-part's end (Psot, §A.4.2). Psot 0 is allowed
 *    for the last one, which runs to EOC.
 * 3. No two bytes of coded data are above FF8F (§B.10.1, §C.3), so the first FFD9 after SOD is EOC.
 * 4. EOC ends the codestream (§A.4.4).
 * 5. A JP2 file is the signature box, `ftyp`, `jp2h` whose first box `ihdr` has the picture's size, and `jp2c` with the
 *    codestream (§I.5). It is whole at the end of the first `jp2c`; what follows is its tail.
 *
 * Not checked: that every tile has a tile-part; a JPX file whose codestream is put together from fragments (`ftbl`).
 */

import { type Box, boxContent, boxHeader, type Reading, skipBox } from './box.js';
import { bytes, type PictureFacts, StructureError, scanTo, skip, type Walk, type Walker } from './walk.js';

const SOC = 0xff4f;
const SIZ = 0xff51;
const SOT = 0xff90;
const SOD = 0xff93;
const EOC = 0xffd9;

/** Follows a raw codestream. */
export function* walkJpeg2000(walk: Walk, facts: PictureFacts): Walker {
  yield* readCodestream(walk, facts, Number.POSITIVE_INFINITY);
}

/** Follows a file of boxes. */
export function* walkJp2(walk: Walk, facts: PictureFacts): Walker {
  facts.inside = 'the signature box';
  yield* skip(12);
  for (;;) {
    facts.inside = `the box header at byte ${walk.position}`;
    const box = yield* boxHeader(walk);
    facts.inside = `the box '${box.type}' at byte ${box.start}`;
    if (box.type === 'jp2h') yield* readImageHeader(walk, box, facts);
    if (box.type === 'jp2c') {
      yield* readCodestream(walk, facts, box.end);
      if (box.end !== Number.POSITIVE_INFINITY) yield* skipBox(walk, box);
      return;
    }
    if (box.end === Number.POSITIVE_INFINITY) {
      throw new StructureError(
        `${facts.inside} runs to the end of the file, and no codestream came before it`,
      );
    }
    yield* skipBox(walk, box);
  }
}

function* readImageHeader(walk: Walk, jp2h: Box, facts: PictureFacts): Reading<void> {
  const box = yield* boxHeader(walk, jp2h.end);
  if (box.type !== 'ihdr') {
    throw new StructureError(
      `the box 'jp2h' at byte ${jp2h.start} begins with '${box.type}' instead of 'ihdr'`,
    );
  }
  const fields = yield* boxContent(walk, box);
  facts.height = fields.uint(4);
  facts.width = fields.uint(4);
}

/** Reads a codestream that has to end at or before the offset `limit`. */
function* readCodestream(walk: Walk, facts: PictureFacts, limit: number): Reading<void> {
  facts.inside = 'the main header';
  const soc = yield* readMarker(walk, limit);
  if (soc !== SOC) throw unexpected(walk, soc, 'SOC');
  const siz = yield* readMarker(walk, limit);
  if (siz !== SIZ) throw unexpected(walk, siz, 'SIZ');
  yield* readSize(walk, facts, limit);
  let marker = yield* readMarker(walk, limit);
  for (; marker !== SOT; marker = yield* readMarker(walk, limit)) {
    if (marker === SOC || marker === SOD || marker === EOC) throw unexpected(walk, marker, 'SOT');
    yield* skipSegment(walk, limit);
  }
  for (let part = 1; marker === SOT; part++) {
    facts.inside = `tile-part ${part}, which begins at byte ${walk.position - 2}`;
    if (yield* readTilePart(walk, limit)) return;
    facts.inside = `the marker after tile-part ${part}`;
    marker = yield* readMarker(walk, limit);
  }
  if (marker !== EOC) throw unexpected(walk, marker, 'SOT or EOC');
}

/** Reads from after SOT to the tile-part's end: whether that was EOC, which it is only where Psot is 0. */
function* readTilePart(walk: Walk, limit: number): Reading<boolean> {
  const start = walk.position - 2;
  const segment = viewOf(yield* bytesWithin(walk, 10, limit));
  const length = segment.getUint32(4);
  if (segment.getUint16(0) !== 10 || (length !== 0 && length < 14)) {
    throw new StructureError(
      `the tile-part at byte ${start} has a length of ${length} bytes, too few for its header`,
    );
  }
  if (length !== 0) {
    yield* skipWithin(walk, start + length - walk.position, limit);
    return false;
  }
  let marker = yield* readMarker(walk, limit);
  for (; marker !== SOD; marker = yield* readMarker(walk, limit)) {
    if (marker === SOC || marker === SOT || marker === EOC) throw unexpected(walk, marker, 'SOD');
    yield* skipSegment(walk, limit);
  }
  let last = 0;
  yield* scanTo((chunk, from) => {
    if (last === 0xff && chunk[from] === 0xd9) return from + 1;
    for (let at = chunk.indexOf(0xff, from); at >= 0; at = chunk.indexOf(0xff, at + 1)) {
      if (chunk[at + 1] === 0xd9) return at + 2;
    }
    last = chunk[chunk.length - 1] ?? last;
    return -1;
  });
  if (walk.position > limit) throw beyond(walk, limit);
  return true;
}

function* readSize(walk: Walk, facts: PictureFacts, limit: number): Reading<void> {
  const length = viewOf(yield* bytesWithin(walk, 2, limit)).getUint16(0);
  // 38 bytes and three more for each component.
  if (length < 41) throw new StructureError(`the SIZ segment at byte 2 has ${length} bytes, fewer than 41`);
  const size = viewOf(yield* bytesWithin(walk, length - 2, limit));
  // The picture is what the reference grid has from the image offset on.
  const width = size.getUint32(2) - size.getUint32(10);
  const height = size.getUint32(6) - size.getUint32(14);
  if (width <= 0 || height <= 0)
    throw new StructureError(`the SIZ segment gives a size of ${width} x ${height}`);
  facts.width ??= width;
  facts.height ??= height;
}

function* skipSegment(walk: Walk, limit: number): Reading<void> {
  const length = viewOf(yield* bytesWithin(walk, 2, limit)).getUint16(0);
  if (length < 2) {
    throw new StructureError(
      `the marker segment at byte ${walk.position - 4} has length ${length}, less than 2`,
    );
  }
  yield* skipWithin(walk, length - 2, limit);
}

function* readMarker(walk: Walk, limit: number): Reading<number> {
  const marker = viewOf(yield* bytesWithin(walk, 2, limit)).getUint16(0);
  if (marker < 0xff00) throw unexpected(walk, marker, 'a marker');
  return marker;
}

function* bytesWithin(walk: Walk, count: number, limit: number): Reading<Uint8Array> {
  if (walk.position + count > limit) throw beyond(walk, limit);
  return yield* bytes(count);
}

function* skipWithin(walk: Walk, count: number, limit: number): Reading<void> {
  if (walk.position + count > limit) throw beyond(walk, limit);
  yield* skip(count);
}

function beyond(walk: Walk, limit: number): StructureError {
  return new StructureError(
    `at byte ${walk.position} the codestream goes on beyond its box, which ends at ${limit}`,
  );
}

function unexpected(walk: Walk, marker: number, wanted: string): StructureError {
  const hex = marker.toString(16).padStart(4, '0');
  return new StructureError(`at byte ${walk.position - 2} there is 0x${hex} instead of ${wanted}`);
}

function viewOf(content: Uint8Array): DataView {
  return new DataView(content.buffer, content.byteOffset, content.byteLength);
}
