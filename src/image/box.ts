/**
 * Boxes, the building blocks of ISO base media files (HEIF, AVIF), of JP2 and of the JPEG XL container.
 *
 * 1. ISO/IEC 14496-12 §4.2, ITU-T T.800 §I.4: a box is a size (32 bits, big endian), a type (four characters), and
 *    what it holds. The size counts the header.
 * 2. Size 1: the size is in the 64 bits after the type.
 * 3. Size 0: the box runs to the end of the file (of its parent, where it stands in one).
 * 4. A box ends within its parent.
 */

import { bytes, type Demand, StructureError, skip, type Walk } from './walk.js';

/** A generator that asks for bytes as a walker does and comes to a value. */
export type Reading<T> = Generator<Demand, T, Uint8Array>;

export interface Box {
  /** Four printable characters. */
  readonly type: string;
  /** Offset of the header in the file, in bytes. */
  readonly start: number;
  /** Offset of the first byte after the box; Infinity: the box runs to the end of the file. */
  readonly end: number;
}

/** Reads the header of the next box, which has to end at or before the offset `limit`. */
export function* boxHeader(walk: Walk, limit = Number.POSITIVE_INFINITY): Reading<Box> {
  const start = walk.position;
  if (start + 8 > limit) {
    throw new StructureError(`the box at byte ${start} has no room for its header before byte ${limit}`);
  }
  const head = new BoxFields(yield* bytes(8), `the box header at byte ${start}`);
  let size = head.uint(4);
  const type = typeOf(head, start);
  if (size === 0) return { type, start, end: limit };
  let least = 8;
  if (size === 1) {
    least = 16;
    size = new BoxFields(yield* bytes(8), `the size of the box '${type}' at byte ${start}`).uint(8);
  }
  if (size < least) {
    throw new StructureError(`the box '${type}' at byte ${start} has size ${size}, less than its own header`);
  }
  if (start + size > limit) {
    throw new StructureError(
      `the box '${type}' at byte ${start} would end at byte ${start + size}, beyond its parent's end at ${limit}`,
    );
  }
  return { type, start, end: start + size };
}

function typeOf(head: BoxFields, start: number): string {
  const code = head.uint(4);
  let type = '';
  for (let shift = 24; shift >= 0; shift -= 8) {
    const character = (code >>> shift) & 0xff;
    if (character < 0x20 || character > 0x7e) {
      throw new StructureError(
        `at byte ${start} a box should begin, but its type would be 0x${code.toString(16).padStart(8, '0')}`,
      );
    }
    type += String.fromCharCode(character);
  }
  return type;
}

/** Passes over what is left of `box`. */
export function* skipBox(walk: Walk, box: Box): Reading<void> {
  yield* skip(box.end - walk.position);
}

/** Gathers what is left of `box`. */
export function* boxContent(walk: Walk, box: Box): Reading<BoxFields> {
  const content = yield* bytes(box.end - walk.position);
  return new BoxFields(content, `the box '${box.type}' at byte ${box.start}`);
}

/** The fields of a box, read in their order; big endian. */
export class BoxFields {
  at = 0;
  readonly length: number;
  readonly #content: Uint8Array;
  readonly #view: DataView;
  readonly #subject: string;

  constructor(content: Uint8Array, subject: string) {
    this.length = content.length;
    this.#content = content;
    this.#view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    this.#subject = subject;
  }

  /** An unsigned integer of `size` bytes (0, which is the value 0; 1, 2, 4 or 8). Throws where the box is too short. */
  uint(size: number): number {
    const at = this.at;
    this.skip(size);
    if (size === 0) return 0;
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at);
    if (size === 4) return this.#view.getUint32(at);
    if (size !== 8) throw new StructureError(`${this.#subject} has a field of ${size} bytes`);
    const value = this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
    if (Number.isSafeInteger(value)) return value;
    throw new StructureError(`${this.#subject} has a number above 2^53-1`);
  }

  skip(count: number): void {
    if (this.at + count > this.length) {
      throw new StructureError(`${this.#subject} ends inside its fields: ${this.length} bytes are too few`);
    }
    this.at += count;
  }

  get left(): number {
    return this.length - this.at;
  }

  /** What is left, in memory of its own: it outlives the next demand. */
  copyOfRest(): BoxFields {
    return new BoxFields(this.#content.slice(this.at), this.#subject);
  }
}
