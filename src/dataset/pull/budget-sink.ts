import type { BodySink, Taken } from '../../body/sink.js';
import type { BodyMemory } from '../schedule/memory-budget.js';
import { BodyBuffers } from './body-buffers.js';

/** What is set aside on a Content-Length's word alone. */
const TRUSTED_BYTES = 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
const NONE = Buffer.alloc(0);

/** Gathers a body in memory that is asked for from a budget: while there is none, the socket is not read. */
export class BudgetSink implements BodySink {
  #buffer: Buffer = NONE;
  #length = 0;

  constructor(
    private readonly memory: BodyMemory,
    private readonly buffers: BodyBuffers,
    private readonly announced: number | undefined,
  ) {}

  get stored(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  write(data: Buffer): Taken {
    if (this.#length + data.length <= this.#buffer.length) return this.#take(data);
    const size = this.#sizeFor(this.#length + data.length);
    // Both are there while the one is copied into the other.
    const granted = this.memory.acquire(size);
    if (granted === undefined) return this.#grow(size, data);
    // The bytes lie in the receive buffer, which is not received into meanwhile.
    return granted.then(() => void this.#grow(size, data));
  }

  commit(): Taken {
    return undefined;
  }

  abort(): void {
    this.release();
  }

  /** What was stored is read no more: its buffer is for the next body. */
  release(): void {
    this.buffers.giveBack(this.#buffer);
    this.#buffer = NONE;
    this.#length = 0;
  }

  #sizeFor(needed: number): number {
    const first = Math.min(this.announced ?? LEAST_BYTES, TRUSTED_BYTES);
    const wanted = this.#buffer.length === 0 ? first : 2 * this.#buffer.length;
    return BodyBuffers.sizeFor(Math.max(needed, wanted));
  }

  #grow(size: number, data: Buffer): Taken {
    const larger = this.buffers.take(size);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.buffers.giveBack(this.#buffer);
    this.#buffer = larger;
    return this.#take(data);
  }

  #take(data: Buffer): Taken {
    data.copy(this.#buffer, this.#length);
    this.#length += data.length;
    return undefined;
  }
}
