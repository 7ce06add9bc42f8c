import type { Outcome, Picture } from '../outcome.js';
import { keyOf } from '../shard/key.js';
import { digitsOf, type Layout, shardPaths } from '../shard/layout.js';
import { outcomesIn } from '../shard/outcomes.js';
import { PictureReader } from '../shard/picture-reader.js';
import type { ShardWriter } from '../shard/shard-writer.js';

/** Shards whose outcomes are kept for further rows that repeat a URL of theirs. */
const MOST_KEPT = 4;

/** What became of a row, read back for another one with the same URL. */
export interface StoredRow {
  readonly outcome: Outcome;
  readonly picture: Picture | undefined;
}

/** Gives rows that repeat a URL what became of the first row with it: read back from where it was stored, not kept in memory. */
export class Copies {
  readonly #reader: PictureReader;
  readonly #waiting = new Map<number, (() => void)[]>();
  /** In the order of their last use. */
  readonly #outcomes = new Map<number, Promise<readonly Outcome[]>>();

  constructor(
    private readonly directory: string,
    private readonly layout: Layout,
  ) {
    this.#reader = new PictureReader(directory, layout);
  }

  /** Resolves when row `index` of this open shard is stored. */
  stored(index: number, writer: ShardWriter): Promise<void> {
    if (writer.isDone(this.#placeOf(index))) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(index);
      if (waiting === undefined) this.#waiting.set(index, [resolve]);
      else waiting.push(resolve);
    });
  }

  /** Row `index` is stored. */
  tell(index: number): void {
    for (const resolve of this.#waiting.get(index) ?? []) resolve();
    this.#waiting.delete(index);
  }

  /** A row that is stored in an open shard. */
  async readOpen(index: number, writer: ShardWriter): Promise<StoredRow> {
    return this.#withPicture(index, writer.outcomeAt(this.#placeOf(index)));
  }

  /** A row of a finished shard. */
  async readFinished(index: number): Promise<StoredRow> {
    const outcomes = await this.#outcomesOf(Math.floor(index / this.layout.shardSize));
    return this.#withPicture(index, outcomes[this.#placeOf(index)]!);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #withPicture(index: number, outcome: Outcome): Promise<StoredRow> {
    if (outcome.status !== 'success') return { outcome, picture: undefined };
    const shard = Math.floor(index / this.layout.shardSize);
    const key = keyOf(shard, this.#placeOf(index), digitsOf(this.layout));
    return { outcome, picture: await this.#reader.read(key) };
  }

  #placeOf(index: number): number {
    return index % this.layout.shardSize;
  }

  #outcomesOf(shard: number): Promise<readonly Outcome[]> {
    const outcomes = this.#outcomes.get(shard) ?? this.#load(shard);
    this.#outcomes.delete(shard);
    this.#outcomes.set(shard, outcomes);
    if (this.#outcomes.size > MOST_KEPT) this.#outcomes.delete(this.#outcomes.keys().next().value!);
    return outcomes;
  }

  async #load(shard: number): Promise<readonly Outcome[]> {
    const { table } = shardPaths(this.directory, shard, this.layout);
    const outcomes: Outcome[] = [];
    for await (const [place, outcome] of outcomesIn(table, shard, this.layout)) outcomes[place] = outcome;
    return outcomes;
  }
}
