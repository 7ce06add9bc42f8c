/**
 * JPEG: ITU-T T.81, Annex B; where files in the field differ, as libjpeg reads them.
 *
 * 1. SOI begins the picture; then come segments: FF, a code, a length of two bytes that counts itself (§B.1.1.4).
 *    APPn and COM are passed over by that length, so a thumbnail inside one, with its own EOI, is not looked at.
 * 2. Fill bytes FF may stand before a code (§B.1.1.2). Other bytes between segments are passed over, as libjpeg does.
 * 3. A frame header SOFn comes before the first SOS and gives the dimensions (§B.2.2); a height of 0 is given by DNL
 *    after the first scan (§B.2.5).
 * 4. After SOS comes entropy-coded data: FF 00 is a data byte, RSTn belongs to it (§B.1.1.5). A code that can't follow
 *    a scan is damage within the data, not its end. Then come more tables and scans (progressive), or EOI.
 * 5. EOI after at least one scan ends the picture. What follows is its tail: a second picture (CIPA MPF), a video.
 *
 * Not checked: that the entropy-coded data is all there where someone put an EOI behind a cut.
 */

import { type Demand, type PictureFacts, type Scan, StructureError, type Walk, type Walker } from './walk.js';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DNL = 0xdc;

/** SOF0 to SOF15 but for DHT (C4), JPG (C8) and DAC (CC), which lie between; and SOF55 of JPEG-LS (ITU-T T.87 §C.2.2). */
function isFrameHeader(code: number): boolean {
  return (code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc) || code === 0xf7;
}

/** 1 for each code that is a marker to follow: SOFn, DHT, SOI, EOI, SOS, DQT, DNL, DRI, APPn, COM, JPEG-LS. */
const MARKERS = new Uint8Array(256);
MARKERS.fill(1, 0xc0, 0xff);
MARKERS.fill(0, 0xd0, SOI);
MARKERS.fill(0, 0xf0, 0xf7);
MARKERS.fill(0, 0xf9, 0xfe);

// In Node the native search is many times faster than any loop over the bytes, and works on every Uint8Array.
const { indexOf } = Buffer.prototype;

/** Passes over the rest of a segment, finds the next marker to follow, and reads the length behind it. */
class MarkerSearch implements Extract<Demand, { kind: 'scan' }> {
  readonly kind = 'scan';
  /** The marker's code. */
  code = 0;
  /** In bytes, of the segment behind its length field; 0 for SOI and EOI, which have none. */
  length = 0;
  /** How many bytes to pass over before the search. */
  left = 0;
  #lengthBytes = 0;
  #afterFF = false;

  readonly scan: Scan = (chunk, from) => {
    const passed = Math.min(this.left, chunk.length - from);
    this.left -= passed;
    if (this.left > 0) return -1;
    let at = from + passed;
    if (this.#lengthBytes === 0) {
      at = this.#marker(chunk, at);
      if (at < 0 || this.code === SOI || this.code === EOI) return at;
      this.#lengthBytes = 2;
      this.length = 0;
    }
    while (at < chunk.length) {
      this.length = (this.length << 8) | chunk[at]!;
      at += 1;
      this.#lengthBytes -= 1;
      if (this.#lengthBytes > 0) continue;
      this.length = Math.max(0, this.length - 2);
      return at;
    }
    return -1;
  };

  #marker(chunk: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      if (!this.#afterFF) {
        at = indexOf.call(chunk, 0xff, at) + 1;
        if (at === 0) return -1;
      }
      while (chunk[at] === 0xff) at += 1;
      const code = chunk[at];
      this.#afterFF = code === undefined;
      if (code === undefined) return -1;
      at += 1;
      if (MARKERS[code] === 1) {
        this.code = code;
        return at;
      }
    }
  }
}

/** Follows a JPEG from SOI to EOI. */
export function* walkJpeg(walk: Walk, facts: PictureFacts): Walker {
  const search = new MarkerSearch();
  let frames = 0;
  let scans = 0;
  facts.inside = 'its header segments';
  search.left = 2;
  for (;;) {
    // A demand of its own instead of the functions of walk.ts: this loop runs for tens of thousands of pictures a second.
    yield search;
    const { code, length } = search;
    if (code === EOI) {
      if (scans > 0) return;
      throw new StructureError(`its end marker (EOI) at byte ${walk.position - 2} stands before any scan`);
    }
    if (code === SOI)
      throw new StructureError(`a second picture begins inside it at byte ${walk.position - 2}`);
    const start = walk.position - 4;
    search.left = length;
    if (isFrameHeader(code) || code === DNL) {
      search.left -= yield* readDimensions(code, length, start, facts);
      if (code !== DNL) frames += 1;
    } else if (code === SOS) {
      if (frames === 0) {
        throw new StructureError(`a scan (SOS) at byte ${start} stands before any frame header (SOF)`);
      }
      scans += 1;
      facts.inside = 'the scan data';
    }
  }
}

/** Reads the dimensions from a frame header or DNL, and returns how many bytes that took. */
function* readDimensions(
  code: number,
  length: number,
  start: number,
  facts: PictureFacts,
): Generator<Demand, number, Uint8Array> {
  const needed = code === DNL ? 2 : 6;
  if (length < needed) {
    throw new StructureError(`the segment at byte ${start} has ${length} bytes where it needs ${needed}`);
  }
  const segment = yield { kind: 'bytes', count: needed };
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const height = view.getUint16(code === DNL ? 0 : 1);
  if (facts.height === undefined && height > 0) facts.height = height;
  if (code !== DNL) facts.width ??= view.getUint16(3) || undefined;
  return needed;
}
