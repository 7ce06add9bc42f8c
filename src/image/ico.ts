/**
 * ICO and CUR: the structures ICONDIR and ICONDIRENTRY of the Windows SDK.
 *
 * 1. Six bytes: 0, the kind (1 icon, 2 cursor), the count of images; then an entry of 16 bytes for each.
 * 2. An entry tells where its image lies and how long it is. All of them lie behind the directory and inside the file;
 *    they may be in any order, and there may be gaps.
 * 3. The dimensions are the largest image's, by its entry: a width or height of 0 means 256. A PNG inside may be larger.
 */

import { bytes, type PictureFacts, StructureError, skip, type Walk, type Walker } from './walk.js';

const ENTRY = 16;

/** Follows an icon or cursor from its directory to the end of the image that ends last. */
export function* walkIco(walk: Walk, facts: PictureFacts): Walker {
  const head = yield* bytes(6);
  const count = new DataView(head.buffer, head.byteOffset, 6).getUint16(4, true);
  if (count === 0) throw new StructureError('its directory has no image');
  facts.inside = 'its directory';
  const directory = yield* bytes(count * ENTRY);
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  let end = 0;
  for (let at = 0; at < directory.length; at += ENTRY) {
    const length = view.getUint32(at + 8, true);
    const offset = view.getUint32(at + 12, true);
    if (length === 0 || offset < walk.position) {
      throw new StructureError(
        `entry ${at / ENTRY + 1} of its directory tells of ${length} bytes at byte ${offset}, where no image can be`,
      );
    }
    end = Math.max(end, offset + length);
    const width = view.getUint8(at) || 256;
    const height = view.getUint8(at + 1) || 256;
    if (width * height > (facts.width ?? 0) * (facts.height ?? 0)) {
      facts.width = width;
      facts.height = height;
    }
  }
  facts.declaredBytes = end;
  facts.inside = 'its images';
  yield* skip(end - walk.position);
}
