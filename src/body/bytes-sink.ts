import type { BodySink, Offer, Taken } from './sink.js';

/** What is set aside on a Content-Length's word alone. */
const TRUSTED_BYTES = 1024 * 1024;

/** Gathers a body in memory. */
export class BytesSink implements BodySink {
  #buffer: Buffer;
  #length = 0;

  constructor(offer: Offer) {
    const { framing } = offer.head;
    this.#buffer = Buffer.allocUnsafeSlow(
      framing.kind === 'length' ? Math.min(framing.length, TRUSTED_BYTES) : 16 * 1024,
    );
  }

  write(data: Buffer): Taken {
    const length = this.#length + data.length;
    if (length > this.#buffer.length) this.#grow(length);
    data.copy(this.#buffer, this.#length);
    this.#length = length;
    return undefined;
  }

  commit(): Taken {
    return undefined;
  }

  abort(): void {
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
  }

  get stored(): Buffer {
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
