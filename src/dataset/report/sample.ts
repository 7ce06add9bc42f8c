import FlatQueue from 'flatqueue';

/** Some of many, each as likely as the others, and the same ones at each call: those whose numbers have the smallest digests. */
export class Sample<T> {
  /** The largest digest first. */
  readonly #chosen = new FlatQueue<{ index: number; value: T }>();

  constructor(private readonly size: number) {}

  /** `value` is asked for only where it is chosen. */
  offer(index: number, value: () => T): void {
    const weight = -digestOf(index);
    if (this.#chosen.length >= this.size) {
      if (this.size === 0 || weight <= this.#chosen.peekValue()!) return;
      this.#chosen.pop();
    }
    this.#chosen.push({ index, value: value() }, weight);
  }

  /** In the order of their numbers. Empties the sample. */
  take(): T[] {
    const all: { index: number; value: T }[] = [];
    for (let one = this.#chosen.pop(); one !== undefined; one = this.#chosen.pop()) all.push(one);
    return all.sort((a, b) => a.index - b.index).map(({ value }) => value);
  }
}

/** The finalizer of MurmurHash3: neighbours become strangers. */
function digestOf(index: number): number {
  let hash = (index ^ Math.floor(index / 2 ** 32)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
