/**
 * BMP: the structures BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and BITMAPV5HEADER of the
 * Windows SDK, and BITMAPINFOHEADER2 of OS/2.
 *
 * 1. The file header tells where the pixel array begins (bfOffBits); where it says less than the headers take, the array
 *    follows them and the color table.
 * 2. An uncompressed array (BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS) has |height| rows of whole 32-bit words; a
 *    negative height means rows from the top. bfSize and biSizeImage are often wrong there and are not used.
 * 3. A compressed one (RLE, JPEG, PNG, Huffman) is biSizeImage bytes long, or reaches to bfSize where that is 0.
 * 4. A color profile of BITMAPV5HEADER (bV5ProfileData, bV5ProfileSize) lies inside as well.
 */

import { bytes, type PictureFacts, StructureError, skip, type Walk, type Walker } from './walk.js';

const FILE_HEADER = 14;
const CORE_HEADER = 12;
const V5_HEADER = 124;
/** bV5CSType: 'MBED' holds a profile, 'LINK' the name of one. */
const EMBEDDED = 0x4d424544;
const LINKED = 0x4c494e4b;

/** Follows a BMP from its file header to the end of its pixel array or profile, whichever is later. */
export function* walkBmp(walk: Walk, facts: PictureFacts): Walker {
  const start = yield* bytes(FILE_HEADER + 4);
  const file = new DataView(new Uint8Array(start).buffer);
  const size = file.getUint32(FILE_HEADER, true);
  if (size < CORE_HEADER || size > V5_HEADER) {
    throw new StructureError(`its header is ${size} bytes long, which no BMP has`);
  }
  const rest = yield* bytes(size - 4);
  // A short header of OS/2 leaves out fields at its end; they are 0.
  const whole = new Uint8Array(4 + V5_HEADER);
  whole.set(rest, 4);
  const end = arrayEnd(file, new DataView(whole.buffer), size, facts);
  facts.declaredBytes = end;
  facts.inside = 'its pixel array';
  yield* skip(end - walk.position);
}

/** In bytes from the file's first one: where the picture ends. */
function arrayEnd(file: DataView, header: DataView, size: number, facts: PictureFacts): number {
  const core = size === CORE_HEADER;
  const width = core ? header.getUint16(4, true) : header.getInt32(4, true);
  const height = Math.abs(core ? header.getUint16(6, true) : header.getInt32(8, true));
  const bits = header.getUint16(core ? 10 : 14, true);
  if (width <= 0 || height === 0 || bits > 32) {
    throw new StructureError(`its header declares ${width} x ${height} pixels of ${bits} bits`);
  }
  facts.width = width;
  facts.height = height;
  const compression = core ? 0 : header.getUint32(16, true);
  // 3 is BI_BITFIELDS with its three masks behind the header; in OS/2's header of 64 bytes it is Huffman coding.
  const masks = size === 40 ? ({ 3: 12, 6: 16 }[compression] ?? 0) : 0;
  const colors = bits > 8 ? 0 : (core ? 0 : header.getUint32(32, true)) || 2 ** bits;
  const table = Math.min(colors, 256) * (core ? 3 : 4);
  const from = Math.max(
    file.getUint32(10, true),
    FILE_HEADER + size + masks + (file.getUint32(10, true) === 0 ? table : 0),
  );
  const packed = compression === 0 || compression === 6 || (compression === 3 && size !== 64);
  const length = packed ? Math.ceil((width * bits) / 32) * 4 * height : storedLength(file, header, from);
  if (length === 0) throw new StructureError('its header declares a pixel array of 0 bytes');
  return Math.max(from + length, profileEnd(header, size));
}

function storedLength(file: DataView, header: DataView, from: number): number {
  return header.getUint32(20, true) || Math.max(0, file.getUint32(2, true) - from);
}

function profileEnd(header: DataView, size: number): number {
  const space = size === V5_HEADER ? header.getUint32(56, true) : 0;
  if (space !== EMBEDDED && space !== LINKED) return 0;
  return FILE_HEADER + header.getUint32(112, true) + header.getUint32(116, true);
}
