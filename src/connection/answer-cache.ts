import type { Address, Lookup } from './resolve.js';

/** What a name stands for, and for how many milliseconds that may be kept. */
interface Answer {
  readonly addresses: Address[];
  readonly keepMs: number;
}

/** Long enough that a list of one dead host does not ask for each of its pictures, short enough for whoever tries again. */
const FAILURE_KEPT_MS = 500;
/** A crawl meets more names than it comes back to: beyond, the oldest is forgotten. */
const MOST_NAMES = 4096;

/** A name that was asked for. */
class Known {
  /** When it is too old, on the clock of `performance.now()`; never while nobody has answered. */
  until = Number.POSITIVE_INFINITY;
  readonly addresses: Promise<Address[]>;

  constructor(answer: Promise<Answer>) {
    this.addresses = this.#addressesOf(answer);
  }

  async #addressesOf(answer: Promise<Answer>): Promise<Address[]> {
    let keepMs = FAILURE_KEPT_MS;
    try {
      const { addresses, keepMs: kept } = await answer;
      keepMs = kept;
      return addresses;
    } finally {
      this.until = performance.now() + keepMs;
    }
  }
}

/**
 * A lookup that asks once for all who want a name at the same time, and keeps the answer for as long as it says; a failure for half a
 * second. It has no timer: what is too old is noticed by the next who asks.
 */
export function cachedLookup(ask: (host: string) => Promise<Answer>): Lookup {
  const names = new Map<string, Known>();
  return (host) => {
    const before = names.get(host);
    if (before !== undefined && performance.now() < before.until) return before.addresses;
    const known = new Known(ask(host));
    names.delete(host);
    names.set(host, known);
    if (names.size > MOST_NAMES) names.delete(names.keys().next().value!);
    return known.addresses;
  };
}
