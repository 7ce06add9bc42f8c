/**
 * PNG and APNG: W3C PNG, third edition.
 *
 * 1. After the signature come chunks: length, type, data, CRC; a length is at most 2^31 - 1, a type is four ASCII
 *    letters (§5.3).
 * 2. IHDR is first, has 13 bytes, and gives the dimensions, neither of them 0 (§11.2.1).
 * 3. At least one IDAT (§5.6); the frames of an APNG are chunks like any other (§11.3.6).
 * 4. IEND ends the picture (§11.2.4).
 *
 * Not checked: CRCs, and that the compressed data fills the picture. Every chunk being there, the file is whole; a
 * picture that was damaged before it was written is for `--verify decode`.
 */

import { bytes, type PictureFacts, StructureError, skip, type Walk, type Walker } from './walk.js';

const LONGEST_CHUNK = 0x7fffffff;

/** Follows a PNG from its signature to the CRC of IEND. */
export function* walkPng(walk: Walk, facts: PictureFacts): Walker {
  facts.inside = 'its signature';
  yield* skip(8);
  let dataChunks = 0;
  for (;;) {
    facts.inside = "a chunk's header";
    const start = walk.position;
    const header = yield* bytes(8);
    const length = new DataView(header.buffer, header.byteOffset, 8).getUint32(0);
    const type = String.fromCharCode(header[4]!, header[5]!, header[6]!, header[7]!);
    if (!/^[A-Za-z]{4}$/.test(type)) {
      throw new StructureError(`the chunk at byte ${start} has a type that is not four letters`);
    }
    if (length > LONGEST_CHUNK) {
      throw new StructureError(
        `chunk ${type} at byte ${start} is ${length} bytes long, more than a PNG allows`,
      );
    }
    facts.inside = `chunk ${type}`;
    if (start === 8) yield* readHeader(type, length, facts);
    else yield* skip(length);
    yield* skip(4);
    if (type === 'IDAT') dataChunks += 1;
    if (type === 'IEND') break;
  }
  if (dataChunks === 0) throw new StructureError('it has no image data (chunk IDAT)');
}

function* readHeader(type: string, length: number, facts: PictureFacts): Walker {
  if (type !== 'IHDR' || length !== 13) {
    throw new StructureError(`its first chunk is ${type} of ${length} bytes, not IHDR of 13`);
  }
  const header = yield* bytes(13);
  const view = new DataView(header.buffer, header.byteOffset, 13);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  if (width === 0 || height === 0)
    throw new StructureError(`its header declares ${width} x ${height} pixels`);
  facts.width = width;
  facts.height = height;
}
