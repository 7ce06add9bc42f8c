/** Finds URLs that a shard has twice: on many machines a shard is all that one of them knows. Rows come in the order of the list. */
export class ShardUrls {
  readonly #firsts = new Map<string, number>();
  #shard = 0;

  constructor(private readonly shardSize: number) {}

  /** The index of the first row of this shard with `url`: `index` itself where it is that. */
  firstOf(url: string, index: number): number {
    const shard = Math.floor(index / this.shardSize);
    if (shard !== this.#shard) this.#firsts.clear();
    this.#shard = shard;
    const first = this.#firsts.get(url);
    if (first !== undefined) return first;
    this.#firsts.set(url, index);
    return index;
  }

  /** There is nothing to be put away. */
  async flush(): Promise<void> {}
}
