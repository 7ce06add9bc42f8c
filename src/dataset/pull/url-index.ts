import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'lmdb';

/** A digest of this length has no two URLs in common in any list that fits on a disk. */
const DIGEST_BYTES = 16;
/** Longer than that timer, which is of 0 ms, by far. */
const AFTER_READS_MS = 20;

/**
 * Where each URL of a list stands first: an index on disk, since a list may have more URLs than there is memory. It is filled as the list is read; read again in
 * the same order, it says the same.
 */
export class UrlIndex {
  readonly #database: Database<number, Buffer>;
  /** Of this batch, not yet in the database: writes are seen by reads only when their transaction is over. */
  readonly #fresh = new Map<string, number>();
  #flushed: Promise<unknown> = Promise.resolve();

  private constructor(database: Database<number, Buffer>) {
    this.#database = database;
  }

  /** The index at `path`, new where there is none. */
  static async at(path: string): Promise<UrlIndex> {
    const { open } = await import('lmdb');
    return new UrlIndex(open<number, Buffer>({ path, keyEncoding: 'binary', noSync: true }));
  }

  /** The list's index of the first row with this URL: `index` itself where this is the first. */
  firstOf(url: string, index: number): number {
    const digest = createHash('sha256').update(url).digest().subarray(0, DIGEST_BYTES);
    const name = digest.toString('latin1');
    const known = this.#fresh.get(name) ?? this.#database.get(digest);
    if (known !== undefined) return known;
    this.#fresh.set(name, index);
    void this.#database.put(digest, index);
    return index;
  }

  /** A batch is over: resolves when it is in the database. */
  async flush(): Promise<void> {
    this.#flushed = this.#database.flushed;
    await this.#flushed;
    this.#fresh.clear();
  }

  async close(): Promise<void> {
    await this.flush();
    // lmdb gives up the snapshot of the last read by a timer, which on a closed database throws where nobody can catch it.
    await sleep(AFTER_READS_MS);
    await this.#database.close();
  }
}
