import { hash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { getSystemErrorMap } from 'node:util';
import type { ClassicLevel } from 'classic-level';
import { reasonOf, type SluiceError } from '../../errors.js';
import { writeFailed } from '../../save/write-failed.js';
import { DigestFilter } from './digest-filter.js';

/** A digest of 132 bits has no two URLs in common in any list that fits on a disk. Texts: strings leave less to be collected than buffers. */
const DIGEST_CHARACTERS = 22;
/** A list of fewer URLs needs no database: opening one takes longer than retrieving a hundred pictures. */
const MOST_IN_MEMORY = 20_000;
/** LevelDB maps the files that it has open, of 2 MiB each; it has never fewer of them. */
const OPEN_FILES = 64;
/** Of blocks that were read: what repeats is rarely near. */
const CACHE_BYTES = 1024 * 1024;
/** Of its log, in memory and on the disk; there may be two. */
const LOG_BYTES = 2 * 1024 * 1024;

/**
 * Where each URL of a list stands first: an index on disk, since a list may have more URLs than there is memory. It is filled as the list is read; read again in
 * the same order, it says the same, so that nothing of it has to outlive the run, or to be safe from a power cut.
 */
export class UrlIndex {
  /** By digest: where URLs stand that are not in the database, or not yet: those of this batch, and of a short list all. */
  readonly #fresh = new Map<string, number>();

  readonly #filter = new DigestFilter();

  #database: ClassicLevel | undefined;

  /** A new index; it goes to `path`, in the place of whatever lies there, when it has `mostInMemory` URLs. */
  constructor(
    private readonly path: string,
    private readonly mostInMemory = MOST_IN_MEMORY,
  ) {}

  /** The list's index of the first row with this URL: `index` itself where this is the first. Throws `write-failed`. */
  firstOf(url: string, index: number): number {
    const digest = hash('sha256', url, 'base64url').slice(0, DIGEST_CHARACTERS);
    // Most URLs are new, and to find nothing takes longest where there are many files.
    const known = this.#filter.mayHold(digest)
      ? (this.#fresh.get(digest) ?? this.#stored(digest))
      : undefined;
    if (known !== undefined) return known;
    this.#filter.add(digest);
    this.#fresh.set(digest, index);
    return index;
  }

  /** A batch is over: resolves when it is in the database, if it has to be. Rejects with `write-failed`. */
  async flush(): Promise<void> {
    if (this.#database === undefined && this.#fresh.size < this.mostInMemory) return;
    this.#database ??= await this.#opened();
    const puts = [...this.#fresh].map(([key, index]) => ({
      type: 'put' as const,
      key,
      value: String(index),
    }));
    try {
      await this.#database.batch(puts);
    } catch (error) {
      throw this.#failed(error);
    }
    this.#fresh.clear();
  }

  /** Takes it from the disk. */
  async close(): Promise<void> {
    await this.#database?.close();
    await rm(this.path, { recursive: true, force: true });
  }

  async #opened(): Promise<ClassicLevel> {
    const { ClassicLevel } = await import('classic-level');
    try {
      await rm(this.path, { recursive: true, force: true });
      await mkdir(this.path);
      const database = new ClassicLevel(this.path, {
        maxOpenFiles: OPEN_FILES,
        cacheSize: CACHE_BYTES,
        writeBufferSize: LOG_BYTES,
        // Digests can't be compressed.
        compression: false,
      });
      await database.open();
      return database;
    } catch (error) {
      throw writeFailed(this.path, error);
    }
  }

  #stored(digest: string): number | undefined {
    try {
      const index = this.#database?.getSync(digest);
      return index === undefined ? undefined : Number(index);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): SluiceError {
    // LevelDB says `IO error: /path/000003.log: No space left on device`.
    const says = reasonOf(error).split(': ').at(-1)!;
    const [code] = [...getSystemErrorMap().values()].find(([, text]) => text === says.toLowerCase()) ?? [];
    return writeFailed(this.path, Object.assign(new Error(says, { cause: error }), { code }));
  }
}
