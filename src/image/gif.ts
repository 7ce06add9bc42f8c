/**
 * GIF: Graphics Interchange Format, version 89a.
 *
 * 1. Header (§17), logical screen descriptor (§18), and, where a flag says so, a global color table (§19).
 * 2. Blocks follow: an image descriptor 2C with its local color table, code size and data (§20 to §22), or an
 *    extension 21 with its label (§23 to §26). Data comes in sub-blocks of up to 255 bytes, ended by an empty one (§15, §16).
 * 3. The trailer 3B ends the picture (§27), after at least one image.
 * 4. Stray bytes 00 between blocks are passed over, as giflib and browsers do.
 */

import {
  bytes,
  type PictureFacts,
  type Scan,
  StructureError,
  scanTo,
  skip,
  type Walk,
  type Walker,
} from './walk.js';

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;

/** Follows a GIF from its header to the trailer. */
export function* walkGif(walk: Walk, facts: PictureFacts): Walker {
  const screen = yield* bytes(13);
  facts.width = uint16(screen, 6) || undefined;
  facts.height = uint16(screen, 8) || undefined;
  const tableLength = colorTableLength(screen[10]!);
  facts.inside = 'its global color table';
  yield* skip(tableLength);
  let images = 0;
  for (;;) {
    facts.inside = 'its blocks';
    let label = 0;
    yield* scanTo((chunk, from) => {
      let at = from;
      while (chunk[at] === 0) at += 1;
      label = chunk[at] ?? 0;
      return label === 0 ? -1 : at + 1;
    });
    if (label === TRAILER) break;
    if (label === IMAGE) {
      images += 1;
      facts.inside = `image ${images}`;
      yield* walkImage(facts);
    } else if (label === EXTENSION) {
      facts.inside = 'an extension';
      yield* skip(1);
      yield* scanTo(subBlocks());
    } else {
      const shown = label.toString(16).padStart(2, '0');
      throw new StructureError(`byte ${walk.position - 1} begins no block: 0x${shown}`);
    }
  }
  if (images > 0) return;
  throw new StructureError(`its trailer at byte ${walk.position - 1} stands before any image`);
}

function* walkImage(facts: PictureFacts): Walker {
  const descriptor = yield* bytes(9);
  // A screen of 0 x 0 is met in old files; viewers take the first image's dimensions then.
  facts.width ??= uint16(descriptor, 4) || undefined;
  facts.height ??= uint16(descriptor, 6) || undefined;
  const codeSize = 1;
  yield* skip(colorTableLength(descriptor[8]!) + codeSize);
  yield* scanTo(subBlocks());
}

/** In bytes, by the packed fields of a descriptor. */
function colorTableLength(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 0x07) + 1) : 0;
}

function uint16(from: Uint8Array, at: number): number {
  return from[at]! | (from[at + 1]! << 8);
}

/** Passes over sub-blocks to the end of the empty one. */
function subBlocks(): Scan {
  let left = 0;
  return (chunk, from) => {
    let at = from;
    for (;;) {
      const taken = Math.min(left, chunk.length - at);
      at += taken;
      left -= taken;
      if (at === chunk.length) return -1;
      left = chunk[at]!;
      at += 1;
      if (left === 0) return at;
    }
  };
}
