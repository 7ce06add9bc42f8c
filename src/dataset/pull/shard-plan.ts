import type { ListRow } from '../row.js';
import type { ShardWork } from './shard-work.js';
import type { UrlIndex } from './url-index.js';

/** Rows that the index takes down together: what it holds of them meanwhile is not to outlive the next collections. */
const INDEXED_AT_ONCE = 1000;

/** Cuts a list into shards as it is read: nothing is read ahead of the shard that is asked for. */
export class ShardPlan {
  readonly #batches: AsyncIterator<readonly ListRow[]>;
  #rows: readonly ListRow[] = [];
  #at = 0;
  #next = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #indexing: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `index`: finds repeated URLs; undefined where they are retrieved like all others. */
  constructor(
    rows: AsyncIterable<readonly ListRow[]>,
    private readonly shardSize: number,
    private readonly index: Pick<UrlIndex, 'firstOf' | 'flush'> | undefined,
  ) {
    this.#batches = rows[Symbol.asyncIterator]();
  }

  /** How many shards were cut so far. */
  get shards(): number {
    return this.#next;
  }

  /** The next shard; undefined at the end of the list. One at a time, in the order of asking. */
  next(): Promise<ShardWork | undefined> {
    const work = this.#turn.then(() => this.#cut());
    // What these fail with is told to who asked for the shard.
    this.#turn = work.catch(() => undefined);
    return work;
  }

  /** Nothing more is cut. Resolves when the index is left alone: that may be while somebody still waits for a list that comes by a pipe. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#indexing;
  }

  async #cut(): Promise<ShardWork | undefined> {
    const rows: ListRow[] = [];
    while (rows.length < this.shardSize) {
      if (this.#at === this.#rows.length) {
        const { value, done } = await this.#batches.next();
        if (done) break;
        this.#rows = value;
        this.#at = 0;
      }
      const end = Math.min(this.#rows.length, this.#at + this.shardSize - rows.length);
      for (; this.#at < end; this.#at++) rows.push(this.#rows[this.#at]!);
    }
    if (rows.length === 0 || this.#closed) return undefined;
    const copies = this.#copiesAmong(rows);
    this.#indexing = copies.catch(() => {
      // These rows are lost: what follows must not get their shard's number.
      this.#closed = true;
    });
    return { copies: await copies, shard: this.#next++, rows };
  }

  async #copiesAmong(rows: readonly ListRow[]): Promise<ShardWork['copies']> {
    const { index } = this;
    if (index === undefined) return [];
    const copies: [number, number][] = [];
    for (const [place, row] of rows.entries()) {
      if (row.problem !== undefined) continue;
      const first = index.firstOf(row.url, row.index);
      if (first !== row.index) copies.push([place, first]);
      if (place % INDEXED_AT_ONCE === INDEXED_AT_ONCE - 1) await index.flush();
    }
    await index.flush();
    return copies;
  }
}
