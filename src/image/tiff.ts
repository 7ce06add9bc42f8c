/**
 * TIFF and BigTIFF, and the raw formats that are TIFFs (DNG, NEF and others).
 *
 * 1. The header says the byte order, the kind (42: TIFF; 43: BigTIFF, whose offsets have 64 bits), and where the first
 *    directory is (TIFF 6.0 §2).
 * 2. A directory (IFD) is a count, that many entries, and where the next directory is, 0 after the last. An entry is a
 *    tag, a type, a count, and the values, or their offset where they don't fit (TIFF 6.0 §2).
 * 3. Image data are strips or tiles; two arrays give their offsets and lengths (TIFF 6.0 §3, §15), or two values a JPEG
 *    stream's (§22). At least one directory has some.
 * 4. Directories may stand within others: SubIFDs (TIFF Technical Note 1) and those of Exif.
 * 5. The picture is whole where all directories, all values and all image data are inside.
 *
 * A stream can't be read twice, and the parts may lie anywhere. They are visited in the order in which they lie; of what
 * was passed, the last 256 KiB are held. Strips and tiles don't overlap, so the one that begins last ends last, and
 * only its length is looked up.
 *
 * Not checked: what is further back than that (a directory, or an array of offsets or lengths). Then only what is known
 * has to be inside. The data of strips without lengths, and lengths that don't fit the picture's size.
 */

import type { Reading } from './box.js';
import { LookBack } from './look-back.js';
import { type Entry, entryOf, TAG, type TiffLayout, tiffLayout } from './tiff-entry.js';
import { bytes, type PictureFacts, StructureError, skip, type Walk, type Walker } from './walk.js';

/** A part that has to be read: at its offset, with its method. */
interface Part {
  readonly offset: number;
  readonly name: string;
  readonly read: (part: Part) => Reading<void>;
}

/** A file of 100,000 pages has one directory waiting at a time. */
const MOST_WAITING = 4096;

/** In bytes; long arrays are read in pieces of this size. */
const PIECE = 64 * 1024;

/** Tags that point at directories, whose values are offsets. */
const DIRECTORY_TAGS: ReadonlySet<number> = new Set([
  TAG.subIfds,
  TAG.exifIfd,
  TAG.gpsIfd,
  TAG.interoperabilityIfd,
]);

export function* walkTiff(walk: Walk, facts: PictureFacts): Walker {
  facts.inside = 'the image file header';
  const head = yield* bytes(8);
  const layout = tiffLayout(head);
  const first = layout.isBig ? layout.offset(yield* bytes(8), 0) : layout.offset(head, 4);
  if (first < walk.position) {
    throw new StructureError(`the first directory is said to be at byte ${first}, inside the header`);
  }
  yield* new TiffReading(walk, facts, layout).readFrom(first);
}

class TiffReading {
  readonly #walk: Walk;
  readonly #facts: PictureFacts;
  /** Sorted by offset, the lowest last. */
  readonly #waiting: Part[] = [];
  readonly #layout: TiffLayout;
  readonly #lookBack: LookBack;
  /** Offset after the last byte that is known to belong to the picture. */
  #end = 0;
  #hasImageData = false;
  #sizeIsReduced = false;

  constructor(walk: Walk, facts: PictureFacts, layout: TiffLayout) {
    this.#walk = walk;
    this.#facts = facts;
    this.#layout = layout;
    this.#lookBack = new LookBack(walk);
  }

  /** Reads all that the directory at offset `first` leads to. */
  *readFrom(first: number): Reading<void> {
    this.#await({ offset: first, name: 'a directory', read: (part) => this.#readDirectory(part, true) });
    for (let part = this.#waiting.pop(); part !== undefined; part = this.#waiting.pop()) {
      this.#facts.inside = `what comes before ${part.name} at byte ${part.offset}`;
      yield* this.#lookBack.pass(part.offset);
      this.#facts.inside = `${part.name} at byte ${part.offset}`;
      yield* part.read(part);
    }
    if (!this.#hasImageData) throw new StructureError('no directory of the TIFF has image data');
    this.#facts.inside = `the values and image data, which end at byte ${this.#end}`;
    yield* skip(this.#end - this.#walk.position);
  }

  #await(part: Part): void {
    if (this.#waiting.length === MOST_WAITING) {
      throw new StructureError(`more than ${MOST_WAITING} directories and arrays wait to be read`);
    }
    let [first, end] = [0, this.#waiting.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (this.#waiting[middle]!.offset <= part.offset) end = middle;
      else first = middle + 1;
    }
    this.#waiting.splice(first, 0, part);
  }

  /** Reads a directory; of the main chain's, the next one too. */
  *#readDirectory(part: Part, isChained: boolean): Reading<void> {
    const { isBig, countSize, entrySize, offsetSize } = this.#layout;
    const head = yield* this.#lookBack.read(part.offset, countSize);
    if (head === undefined) return;
    const count = this.#layout.uint(head, 0, countSize);
    // A classic directory's count can't be above 65,535, and nobody has more in a BigTIFF's.
    if (isBig && count > 0xffff)
      throw new StructureError(`${this.#facts.inside} is said to have ${count} entries`);
    // Of the main chain none may be empty (TIFF 6.0, section 2); those of Exif sometimes are.
    if (isChained && count === 0) throw new StructureError(`${this.#facts.inside} has no entries`);
    const rest = yield* this.#lookBack.read(part.offset + countSize, count * entrySize + offsetSize);
    if (rest === undefined) return;
    this.#inside(part.offset + countSize + rest.length);
    const entries = new Map<number, Entry>();
    for (let at = 0; at < count; at++) {
      const entry = entryOf(this.#layout, rest, at * entrySize);
      this.#inside(entry.end);
      if (!entries.has(entry.tag)) entries.set(entry.tag, entry);
    }
    const next = this.#layout.offset(rest, count * entrySize);
    this.#takeSize(entries);
    this.#takeImageData(entries, TAG.stripOffsets, TAG.stripByteCounts);
    this.#takeImageData(entries, TAG.tileOffsets, TAG.tileByteCounts);
    this.#takeImageData(entries, TAG.jpegOffset, TAG.jpegLength);
    for (const entry of entries.values()) if (DIRECTORY_TAGS.has(entry.tag)) this.#takeDirectories(entry);
    if (isChained && next !== 0) {
      this.#await({ offset: next, name: 'a directory', read: (other) => this.#readDirectory(other, true) });
    }
  }

  /** The size of the first directory, or of the first that is not a reduced picture. */
  #takeSize(entries: ReadonlyMap<number, Entry>): void {
    const width = entries.get(TAG.imageWidth)?.first;
    const height = entries.get(TAG.imageLength)?.first;
    if (width === undefined || height === undefined) return;
    const isReduced = ((entries.get(TAG.newSubfileType)?.first ?? 0) & 1) === 1;
    if (this.#facts.width !== undefined && (isReduced || !this.#sizeIsReduced)) return;
    this.#facts.width = width;
    this.#facts.height = height;
    this.#sizeIsReduced = isReduced;
  }

  #takeImageData(entries: ReadonlyMap<number, Entry>, offsetsTag: number, lengthsTag: number): void {
    const offsets = entries.get(offsetsTag);
    if (offsets === undefined || offsets.count === 0 || offsets.itemSize === 0) return;
    this.#hasImageData = true;
    const lengths = entries.get(lengthsTag);
    if (offsets.values === undefined) {
      this.#await({
        offset: offsets.at,
        name: 'the array of the strips or tiles',
        read: () => this.#readOffsets(offsets, lengths),
      });
      return;
    }
    const last = new LastItem();
    last.take(this.#layout, offsets.values, offsets.itemSize);
    this.#takeLast(last, lengths);
  }

  *#readOffsets(offsets: Entry, lengths: Entry | undefined): Reading<void> {
    const last = new LastItem();
    for (let at = offsets.at; at < offsets.end; at += PIECE) {
      const piece = yield* this.#lookBack.read(at, Math.min(PIECE, offsets.end - at));
      if (piece === undefined) return;
      last.take(this.#layout, piece, offsets.itemSize);
    }
    this.#takeLast(last, lengths);
  }

  /** Looks up how long the strip or tile is that begins last. */
  #takeLast(last: LastItem, lengths: Entry | undefined): void {
    this.#inside(last.offset);
    if (lengths === undefined || last.index >= lengths.count || lengths.itemSize === 0) return;
    const { itemSize } = lengths;
    const within = last.index * itemSize;
    if (lengths.values !== undefined) {
      this.#inside(last.offset + this.#layout.uint(lengths.values, within, itemSize));
      return;
    }
    this.#await({
      offset: lengths.at + within,
      name: 'the length of the last strip or tile',
      read: (part) => this.#readLength(part, itemSize, last.offset),
    });
  }

  *#readLength(part: Part, itemSize: number, offset: number): Reading<void> {
    const field = yield* this.#lookBack.read(part.offset, itemSize);
    if (field !== undefined) this.#inside(offset + this.#layout.uint(field, 0, itemSize));
  }

  #takeDirectories(entry: Entry): void {
    const { itemSize } = entry;
    if (itemSize < 4) return;
    if (entry.values !== undefined) {
      this.#awaitDirectories(entry.values, itemSize);
      return;
    }
    this.#await({
      offset: entry.at,
      name: 'an array of directories',
      read: () => this.#readDirectories(entry),
    });
  }

  *#readDirectories(entry: Entry): Reading<void> {
    // More than can wait are refused anyway.
    const count = Math.min(entry.count, MOST_WAITING + 1);
    const offsets = yield* this.#lookBack.read(entry.at, count * entry.itemSize);
    if (offsets !== undefined) this.#awaitDirectories(offsets, entry.itemSize);
  }

  #awaitDirectories(offsets: Uint8Array, itemSize: number): void {
    for (let at = 0; at + itemSize <= offsets.length; at += itemSize) {
      const offset = this.#layout.uint(offsets, at, itemSize);
      if (offset === 0) continue;
      this.#await({ offset, name: 'a directory', read: (part) => this.#readDirectory(part, false) });
    }
  }

  #inside(end: number): void {
    if (end > this.#end) this.#end = end;
  }
}

/** Finds which of the strips or tiles begins last. */
class LastItem {
  index = 0;
  offset = 0;
  #seen = 0;

  take(layout: TiffLayout, offsets: Uint8Array, itemSize: number): void {
    for (let at = 0; at + itemSize <= offsets.length; at += itemSize, this.#seen++) {
      const offset = layout.uint(offsets, at, itemSize);
      if (offset < this.offset) continue;
      this.offset = offset;
      this.index = this.#seen;
    }
  }
}
