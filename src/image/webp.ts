/**
 * WebP: RFC 9649.
 *
 * 1. A RIFF header tells the length of all that follows its first eight bytes (§2.4); there the picture ends.
 * 2. Inside are chunks: a type of four characters, a length, data, and a byte of padding where the length is odd (§2.3).
 *    A chunk that is longer than the RIFF allows is an error; a rest too short for a chunk is passed over.
 * 3. At least one frame: VP8 (§2.5), VP8L (§2.6), or, in an animation, ANMF (§2.7.1.1).
 * 4. The dimensions are the canvas of VP8X (§2.7.1), else those of the frame (RFC 6386 §9.1, RFC 9649 §3.4).
 */

import {
  bytes,
  type Demand,
  type PictureFacts,
  StructureError,
  skip,
  type Walk,
  type Walker,
} from './walk.js';

/** In bytes, of a chunk's type and length. */
const CHUNK_HEADER = 8;

/** Follows a WebP from its RIFF header to the end that the header declares. */
export function* walkWebp(walk: Walk, facts: PictureFacts): Walker {
  const riff = yield* bytes(12);
  const end = 8 + viewOf(riff).getUint32(4, true);
  facts.declaredBytes = end;
  let frames = 0;
  while (walk.position + CHUNK_HEADER <= end) {
    facts.inside = "a chunk's header";
    const start = walk.position;
    const header = yield* bytes(CHUNK_HEADER);
    const type = String.fromCharCode(...header.subarray(0, 4));
    const length = viewOf(header).getUint32(4, true);
    if (walk.position + length > end) {
      throw new StructureError(
        `the chunk at byte ${start} is ${length} bytes long and reaches past the end of its RIFF at byte ${end}`,
      );
    }
    facts.inside = /^[\x20-\x7e]{4}$/.test(type) ? `chunk ${type.trimEnd()}` : 'an unknown chunk';
    const read = yield* readDimensions(type, length, start, facts);
    if (type === 'VP8 ' || type === 'VP8L' || type === 'ANMF') frames += 1;
    yield* skip(Math.min(length - read + (length % 2), end - walk.position));
  }
  yield* skip(end - walk.position);
  if (frames === 0) throw new StructureError(`its ${end} bytes hold no frame (VP8, VP8L or ANMF)`);
}

/** Reads what a chunk tells of the dimensions, and returns how many of its bytes that took. */
function* readDimensions(
  type: string,
  length: number,
  start: number,
  facts: PictureFacts,
): Generator<Demand, number, Uint8Array> {
  const needed = { VP8X: 10, 'VP8 ': 10, VP8L: 5, ANMF: 16 }[type] ?? 0;
  if (length < needed) {
    throw new StructureError(`the chunk at byte ${start} has ${length} bytes where it needs ${needed}`);
  }
  if (needed === 0 || type === 'ANMF' || facts.width !== undefined) return 0;
  const data = yield* bytes(needed);
  const view = viewOf(data);
  if (type === 'VP8X') {
    facts.width = 1 + (view.getUint32(4, true) & 0xffffff);
    facts.height = 1 + (view.getUint32(6, true) >>> 8);
  } else if (type === 'VP8L') {
    const packed = view.getUint32(1, true);
    facts.width = 1 + (packed & 0x3fff);
    facts.height = 1 + ((packed >>> 14) & 0x3fff);
  } else {
    facts.width = view.getUint16(6, true) & 0x3fff;
    facts.height = view.getUint16(8, true) & 0x3fff;
  }
  return needed;
}

function viewOf(array: Uint8Array): DataView {
  return new DataView(array.buffer, array.byteOffset, array.byteLength);
}
