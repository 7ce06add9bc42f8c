/** Finds URLs that a shard has twice: on many machines a shard is all that one of them knows. */
export class ShardUrls {
  readonly #firsts = new Map<string, number>();

  /** The index of the first row of this shard with `url`: `index` itself where it is that. */
  firstOf(url: string, index: number): number {
    const first = this.#firsts.get(url);
    if (first !== undefined) return first;
    this.#firsts.set(url, index);
    return index;
  }

  /** The shard is at its end. */
  async flush(): Promise<void> {
    this.#firsts.clear();
  }
}
