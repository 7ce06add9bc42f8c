const LEAST_BYTES = 4096;
/** Larger ones are rare, and V8 collects them as they come. */
const MOST_BYTES = 1024 * 1024;
const MOST_SPARE_BYTES = 4 * MOST_BYTES;

/**
 * Buffers for bodies, used again: each new one would lie outside V8's heap, and some tens of megabytes of those make it collect all that is inside. A picture is retrieved
 * and stored in milliseconds, so that few of them serve all.
 */
export class BodyBuffers {
  readonly #spare = new Map<number, Buffer[]>();
  #spareBytes = 0;

  /** How large the buffer for a body of `bytes` is: a power of two, or one and a half of it. */
  static sizeFor(bytes: number): number {
    if (bytes > MOST_BYTES) return bytes;
    let size = LEAST_BYTES;
    while (size < bytes) size *= 2;
    const less = size * 0.75;
    return bytes <= less && size > LEAST_BYTES ? less : size;
  }

  /** A buffer of one of those sizes. What is in it is another's. */
  take(size: number): Buffer {
    const spare = this.#spare.get(size)?.pop();
    if (spare === undefined) return Buffer.allocUnsafeSlow(size);
    this.#spareBytes -= size;
    return spare;
  }

  /** Nobody reads or writes it any more. */
  giveBack(buffer: Buffer): void {
    const { length } = buffer;
    if (length === 0 || length > MOST_BYTES || this.#spareBytes + length > MOST_SPARE_BYTES) return;
    let spare = this.#spare.get(length);
    if (spare === undefined) {
      spare = [];
      this.#spare.set(length, spare);
    }
    spare.push(buffer);
    this.#spareBytes += length;
  }
}
