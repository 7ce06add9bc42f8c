import FlatQueue from 'flatqueue';

/** A key with how often it came. */
export interface Counted<V> {
  readonly key: string;
  /** Since it is kept: it came so often at least. */
  readonly count: number;
  /** It came so often more at most, before it was kept; 0 where it was never dropped. */
  readonly missed: number;
  readonly value: V;
}

/**
 * The keys that came most often, in bounded memory: the algorithm "space-saving" (Metwally, Agrawal, El Abbadi 2005). While there are no more than `capacity` keys it
 * knows all of them exactly; beyond, the rarest makes room, and a key that came more often than (all counts / capacity) is surely among them.
 */
export class TopKeys<V> {
  readonly #kept = new Map<string, { key: string; count: number; missed: number; value: V }>();
  /** Each kept key once, with its weight as it was when it was last looked at: weights only grow, so that the first one tells the least. */
  readonly #byWeight = new FlatQueue<string>();
  #dropped = 0;

  constructor(
    private readonly capacity: number,
    private readonly create: () => V,
  ) {}

  /** Whether no key was ever dropped. */
  get isExact(): boolean {
    return this.#dropped === 0;
  }

  /** Counts `key` once more; what is kept of it is the caller's to change. */
  add(key: string): V {
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      const missed = this.#kept.size < this.capacity ? 0 : this.#dropRarest();
      kept = { key, count: 0, missed, value: this.create() };
      this.#kept.set(key, kept);
      this.#byWeight.push(key, missed + 1);
    }
    kept.count++;
    return kept.value;
  }

  entries(): Iterable<Counted<V>> {
    return this.#kept.values();
  }

  /** Answers how often the dropped key came at most. */
  #dropRarest(): number {
    for (;;) {
      const weight = this.#byWeight.peekValue()!;
      const rarest = this.#kept.get(this.#byWeight.pop()!)!;
      const now = rarest.count + rarest.missed;
      if (now === weight) {
        this.#kept.delete(rarest.key);
        this.#dropped++;
        return now;
      }
      this.#byWeight.push(rarest.key, now);
    }
  }
}
