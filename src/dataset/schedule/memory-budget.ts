/**
 * The memory for all bodies in flight. Each asks for what it needs as it grows, and a request that waits lets none go before it.
 *
 * 1. A request is granted when it fits beside what is held, in the order of asking.
 * 2. One for more than the whole budget is granted when nothing is held: it goes alone.
 * 3. Where everyone who holds something waits for more, nobody would ever give anything back. Then the oldest of them is granted what it asks for,
 *    beyond the budget. It stays the oldest until it is done, so that no second body is ever let beyond it.
 */
export class MemoryBudget {
  #held = 0;
  /** Bodies that hold something, the oldest first. */
  readonly #holders = new Set<BodyMemory>();
  /** In the order of asking. */
  readonly #requests = new Map<BodyMemory, Request>();
  #waitingHolders = 0;

  /** `bytes` is the whole budget. */
  constructor(readonly bytes: number) {}

  /** Bytes that are held by all. */
  get held(): number {
    return this.#held;
  }

  /** For one body, which holds nothing yet. */
  open(): BodyMemory {
    return new BodyMemory(this);
  }

  /** See `BodyMemory.acquire`. */
  acquire(body: BodyMemory, bytes: number): Promise<void> | undefined {
    if (bytes === 0) return undefined;
    if (this.#requests.size === 0 && this.#fits(bytes)) {
      this.#hold(body, bytes);
      return undefined;
    }
    return new Promise((granted) => {
      this.#requests.set(body, { bytes, granted });
      if (body.held > 0) this.#waitingHolders++;
      this.#grant();
    });
  }

  /** See `BodyMemory.release`. */
  release(body: BodyMemory): void {
    const request = this.#take(body);
    this.#holders.delete(body);
    this.#held -= body.held;
    body.held = 0;
    request?.granted();
    this.#grant();
  }

  #grant(): void {
    for (const [body, { bytes }] of this.#requests) {
      if (!this.#fits(bytes)) break;
      this.#serve(body);
    }
    if (this.#waitingHolders === 0 || this.#waitingHolders < this.#holders.size) return;
    const [oldest] = this.#holders;
    this.#serve(oldest!);
  }

  #fits(bytes: number): boolean {
    return this.#holders.size === 0 || this.#held + bytes <= this.bytes;
  }

  #serve(body: BodyMemory): void {
    const { bytes, granted } = this.#take(body)!;
    this.#hold(body, bytes);
    granted();
  }

  #take(body: BodyMemory): Request | undefined {
    const request = this.#requests.get(body);
    if (request === undefined) return undefined;
    this.#requests.delete(body);
    if (body.held > 0) this.#waitingHolders--;
    return request;
  }

  #hold(body: BodyMemory, bytes: number): void {
    this.#held += bytes;
    body.held += bytes;
    this.#holders.add(body);
  }
}

interface Request {
  readonly bytes: number;
  readonly granted: () => void;
}

/** What one body holds of the budget. */
export class BodyMemory {
  /** Bytes; changed by the budget alone. */
  held = 0;

  constructor(private readonly budget: MemoryBudget) {}

  /** Asks for so many bytes more. Undefined when they were granted at once; otherwise a promise for when they are: ask for no more before that. */
  acquire(bytes: number): Promise<void> | undefined {
    return this.budget.acquire(this, bytes);
  }

  /** Gives everything back. A request that is waiting is withdrawn, and its promise fulfilled with nothing granted. */
  release(): void {
    this.budget.release(this);
  }
}
