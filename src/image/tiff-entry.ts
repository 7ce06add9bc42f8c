/**
 * The entries of a TIFF directory, and the two layouts of a file: byte order, and the widths of counts and offsets.
 *
 * 1. Classic: 12 bytes an entry, of them 4 for the values or their offset (TIFF 6.0 §2). BigTIFF: 20, of them 8.
 * 2. The type gives the size of one value. Values that fit where their offset would be stand there themselves.
 */

import { StructureError } from './walk.js';

/** The tags that say where something is, and how large the picture is. */
export const TAG = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  stripOffsets: 273,
  stripByteCounts: 279,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  jpegOffset: 513,
  jpegLength: 514,
  exifIfd: 34665,
  gpsIfd: 34853,
  interoperabilityIfd: 40965,
} as const;

/** Bytes of one value, by the number of the type: BYTE, ASCII, SHORT, LONG, RATIONAL and so on; IFD; then BigTIFF's. */
const TYPE_SIZES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const INTEGER_TYPES: ReadonlySet<number> = new Set([1, 3, 4, 13, 16, 18]);

export interface TiffLayout {
  readonly isBig: boolean;
  /** Bytes of a directory's count, of an entry, and of an offset. */
  readonly countSize: number;
  readonly entrySize: number;
  readonly offsetSize: number;
  /** An unsigned integer of 1, 2, 4 or 8 bytes. Throws where it is above 2^53-1. */
  uint(source: Uint8Array, at: number, size: number): number;
  offset(source: Uint8Array, at: number): number;
}

/** Reads the first eight bytes of a file. */
export function tiffLayout(head: Uint8Array): TiffLayout {
  const order = String.fromCharCode(head[0]!, head[1]!);
  if (order !== 'II' && order !== 'MM')
    throw new StructureError('a TIFF begins with its byte order, II or MM');
  const isLittle = order === 'II';
  const kind = uint(head, 2, 2);
  if (kind !== 42 && kind !== 43)
    throw new StructureError(`a TIFF of kind ${kind} is not known, only 42 and 43`);
  const isBig = kind === 43;
  if (isBig && uint(head, 4, 2) !== 8) {
    throw new StructureError(`a BigTIFF with offsets of ${uint(head, 4, 2)} bytes is not known, only 8`);
  }
  const offsetSize = isBig ? 8 : 4;
  return {
    isBig,
    countSize: isBig ? 8 : 2,
    entrySize: isBig ? 20 : 12,
    offsetSize,
    uint,
    offset: (source, at) => uint(source, at, offsetSize),
  };

  // Byte by byte: a directory may have thousands of numbers, and a DataView for each costs more than all of the rest.
  function uint(source: Uint8Array, at: number, size: number): number {
    if (size <= 4) {
      let value = 0;
      for (let n = 0; n < size; n++) value = value * 256 + source[isLittle ? at + size - 1 - n : at + n]!;
      return value;
    }
    const view = new DataView(source.buffer, source.byteOffset + at, size);
    const value = view.getBigUint64(0, isLittle);
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw new StructureError(`a BigTIFF has a number above 2^53-1: ${value}`);
  }
}

export interface Entry {
  readonly tag: number;
  readonly count: number;
  /** Bytes of one value where the values are unsigned integers, else 0. */
  readonly itemSize: number;
  /** The values, where they stand in the entry; a copy. */
  readonly values: Uint8Array | undefined;
  /** Offset of the values in the file, and after them, where they don't stand in the entry; else 0. */
  readonly at: number;
  readonly end: number;
  /** The first value, where it is an unsigned integer that stands in the entry. */
  readonly first: number | undefined;
}

/** Reads the entry at index `at` of a directory's bytes. */
export function entryOf(layout: TiffLayout, source: Uint8Array, at: number): Entry {
  const { offsetSize } = layout;
  const tag = layout.uint(source, at, 2);
  const type = layout.uint(source, at + 2, 2);
  const count = layout.uint(source, at + 4, offsetSize);
  const typeSize = TYPE_SIZES[type] ?? 0;
  const itemSize = INTEGER_TYPES.has(type) ? typeSize : 0;
  const size = count * typeSize;
  const field = at + 4 + offsetSize;
  if (size > offsetSize) {
    const start = layout.offset(source, field);
    return { tag, count, itemSize, values: undefined, at: start, end: start + size, first: undefined };
  }
  const values = source.slice(field, field + size);
  const first = itemSize > 0 && count > 0 ? layout.uint(values, 0, itemSize) : undefined;
  return { tag, count, itemSize, values, at: 0, end: 0, first };
}
