/**
 * The last bytes of a stream, for the formats whose parts point backwards: a ring of fixed size.
 *
 * A stream can't be read twice. What lies further back than the ring reaches is gone.
 */

import type { Reading } from './box.js';
import { bytes, type Scan, StructureError, scanTo, skip, type Walk } from './walk.js';

/** In bytes. */
const REACH = 256 * 1024;

/** Reads at any offset of a stream that is ahead, or at most `REACH` bytes behind. */
export class LookBack {
  readonly #walk: Walk;
  readonly #ring = new Uint8Array(REACH);
  /** Offset of the oldest byte that is held. */
  #oldest: number;
  /** All bytes that were read from behind. */
  #reread = 0;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#oldest = walk.position;
  }

  /** The `count` bytes at `offset`, or undefined where they are too far back. Valid until the next demand. */
  *read(offset: number, count: number): Reading<Uint8Array | undefined> {
    const walk = this.#walk;
    if (offset >= walk.position) {
      yield* this.pass(offset);
      const ahead = yield* bytes(count);
      this.#keep(ahead, walk.position - ahead.length);
      return ahead;
    }
    if (offset < this.#oldest) return undefined;
    const result = new Uint8Array(count);
    const behind = Math.min(count, walk.position - offset);
    this.#copy(result.subarray(0, behind), offset);
    if (behind < count) {
      const ahead = yield* bytes(count - behind);
      this.#keep(ahead, walk.position - ahead.length);
      result.set(ahead, behind);
    }
    return result;
  }

  /** Goes on to `offset`, holding what it passes. */
  *pass(offset: number): Reading<void> {
    const walk = this.#walk;
    const unheld = offset - REACH - walk.position;
    if (unheld > 0) {
      yield* skip(unheld);
      this.#oldest = walk.position;
    }
    let left = offset - walk.position;
    if (left <= 0) return;
    // The position moves on only when the whole chunk was looked at.
    let at = walk.position;
    const keep: Scan = (chunk, from) => {
      const taken = Math.min(left, chunk.length - from);
      this.#keep(chunk.subarray(from, from + taken), at);
      at += taken;
      left -= taken;
      return left === 0 ? from + taken : -1;
    };
    yield* scanTo(keep);
  }

  #keep(part: Uint8Array, offset: number): void {
    const held = part.length > REACH ? part.subarray(part.length - REACH) : part;
    const end = offset + part.length;
    const at = (end - held.length) % REACH;
    const first = Math.min(held.length, REACH - at);
    this.#ring.set(held.subarray(0, first), at);
    this.#ring.set(held.subarray(first), 0);
    this.#oldest = Math.max(this.#oldest, end - REACH);
  }

  #copy(into: Uint8Array, offset: number): void {
    // No file has a reason to point at all of its bytes more than once; without a limit, parts that point at each other
    // would be read for ever.
    this.#reread += into.length;
    if (this.#reread > 2 * this.#walk.position + REACH) {
      throw new StructureError(`at byte ${offset} there is a part that was read again and again`);
    }
    const at = offset % REACH;
    const first = Math.min(into.length, REACH - at);
    into.set(this.#ring.subarray(at, at + first));
    into.set(this.#ring.subarray(0, into.length - first), first);
  }
}
