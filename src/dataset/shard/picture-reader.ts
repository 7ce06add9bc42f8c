import type { Picture } from '../outcome.js';
import type { StoredPicture } from './journal-line.js';
import { placeOf } from './key.js';
import { digitsOf, type Layout, shardPaths } from './layout.js';
import { type PictureSource, SOURCES } from './picture-source.js';

/** Shards that are kept open for the next reads: those that were read last. */
const MOST_OPEN = 16;

/**
 * Reads stored pictures again by their keys, from finished shards and from those that are being written, by this thread or another. One after the other, so
 * that a shard is not closed under a read.
 */
export class PictureReader {
  /** In the order of their last use. */
  readonly #open = new Map<number, PictureSource>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly directory: string,
    private readonly layout: Layout,
  ) {}

  /** The picture of a row; undefined where it has none. `stored`, as `store` told it, spares looking through the shard. */
  read(key: string, stored?: StoredPicture): Promise<Picture | undefined> {
    return this.#inTurn(() => this.#read(key, stored));
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const shard of [...this.#open.keys()]) await this.#drop(shard);
    });
  }

  async #read(key: string, stored: StoredPicture | undefined): Promise<Picture | undefined> {
    const { shard } = placeOf(key, digitsOf(this.layout));
    const wasOpen = this.#open.has(shard);
    const picture = await (await this.#source(shard))?.find(key, stored);
    if (picture !== undefined || !wasOpen) return picture;
    // It may have come since the shard was opened, or lie under another name.
    await this.#drop(shard);
    return await (await this.#source(shard))?.find(key, stored);
  }

  async #source(shard: number): Promise<PictureSource | undefined> {
    const { format } = this.layout;
    const source =
      this.#open.get(shard) ??
      (await SOURCES[format](shardPaths(this.directory, shard, this.layout), this.layout));
    if (source === undefined) return undefined;
    this.#open.delete(shard);
    this.#open.set(shard, source);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MOST_OPEN) break;
      await this.#drop(oldest);
    }
    return source;
  }

  async #drop(shard: number): Promise<void> {
    const source = this.#open.get(shard);
    this.#open.delete(shard);
    await source?.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    // A read that fails is its caller's to hear of, not the next one's.
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
