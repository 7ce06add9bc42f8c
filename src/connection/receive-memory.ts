/**
 * What sockets receive into. A crawl has thousands of connections that wait: for their server to answer, for its first byte, for the next request. A
 * buffer of 64 KiB each would be most of what it needs, so a connection has one of its own only while a response comes in.
 *
 * 1. Until then all sockets are lent one and the same buffer. What is received into it is copied at once into one that is the connection's own, and what follows is
 *    received there. Node asks for a buffer before it connects and after each receive, so there is no earlier time to give one.
 * 2. When the response is over, and nobody holds a view on its bytes, the buffer is lent to the next connection that receives. So few are in use, and these
 *    lie in the processor's caches.
 * 3. The first 64 connections keep theirs as long as they stand, and spare themselves the copy.
 */

const MOST_KEPT = 64;
const MOST_SPARE = 64;
/** A program receives by one size or two; whoever takes ever new ones gets new buffers too. */
const MOST_SIZES = 16;

/** The buffers of one size. */
class Buffers {
  readonly shared: Buffer;
  /** Of connections that stand. */
  owned = 0;
  readonly #spare: Buffer[] = [];

  constructor(readonly size: number) {
    this.shared = Buffer.allocUnsafeSlow(size);
  }

  take(): Buffer {
    this.owned++;
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  giveBack(buffer: Buffer): void {
    this.owned--;
    if (this.#spare.length < MOST_SPARE) this.#spare.push(buffer);
  }
}

const SIZES = new Map<number, Buffers>();

function buffersOf(size: number): Buffers {
  let buffers = SIZES.get(size);
  if (buffers === undefined) {
    if (SIZES.size >= MOST_SIZES) SIZES.clear();
    buffers = new Buffers(size);
    SIZES.set(size, buffers);
  }
  return buffers;
}

/** What one socket receives into, `size` bytes at a time. */
export class ReceiveMemory {
  readonly #buffers: Buffers;
  #own: Buffer | undefined;
  /** What Node was given last. */
  #given: Buffer | undefined;

  constructor(size: number) {
    this.#buffers = buffersOf(size);
  }

  /** What to receive into next; undefined for the same as before. `isOver`: nobody holds a view on what was received. */
  next(isOver: boolean): Buffer | undefined {
    if (this.#own !== undefined && isOver && this.#buffers.owned > MOST_KEPT) {
      this.#buffers.giveBack(this.#own);
      this.#own = undefined;
    }
    if (this.#own === undefined) return this.#give(this.#buffers.shared);
    return this.#given === this.#own ? undefined : this.#give(this.#own);
  }

  /** For who can't stop what comes: what to receive into next, so that views on all that was received before stay true. */
  fresh(): Buffer {
    return this.#give(Buffer.allocUnsafeSlow(this.#buffers.size));
  }

  /** A view on the bytes of a receive. */
  received(length: number): Buffer {
    const given = this.#given!;
    if (given !== this.#buffers.shared) return given.subarray(0, length);
    this.#own ??= this.#buffers.take();
    given.copy(this.#own, 0, 0, length);
    return this.#own.subarray(0, length);
  }

  /** The socket is closed. Somebody may still hold a view: the buffer is left to them. */
  close(): void {
    if (this.#own === undefined) return;
    this.#buffers.owned--;
    this.#own = undefined;
  }

  #give(buffer: Buffer): Buffer {
    this.#given = buffer;
    return buffer;
  }
}
