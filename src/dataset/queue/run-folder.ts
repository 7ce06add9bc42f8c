/**
 * What a run on many machines keeps in `DIR/.sluice/` beside what every run does. All machines see the same directory, perhaps over a network; nothing here relies on a
 * listing being up to date, nor on locks, only on a rename being one step.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzip, gzip } from 'node:zlib';
import { SluiceError, systemCode } from '../../errors.js';
import { writeFailed } from '../../save/write-failed.js';
import type { ShardWork } from '../pull/shard-work.js';

export class RunFolder {
  readonly #folder: string;

  constructor(readonly directory: string) {
    this.#folder = join(directory, '.sluice');
  }

  /** Tells this directory from all others, wherever it is mounted. Made where there is none. */
  identity(): string {
    const path = join(this.#folder, 'directory-id');
    try {
      writeFileSync(path, randomUUID(), { flag: 'wx' });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writeFailed(path, error);
    }
    return readFileSync(path, 'utf8');
  }

  /** Throws `option-invalid` unless this is the directory with that identity. */
  requireIdentity(id: string): void {
    const path = join(this.#folder, 'directory-id');
    const is = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    if (is === id) return;
    throw new SluiceError(
      'option-invalid',
      `${JSON.stringify(this.directory)} is not the directory of the run: mount that here, and say with -o where it is.`,
    );
  }

  /** Keeps the rows of a shard for whoever will work on it. */
  async keepPlan(work: ShardWork): Promise<void> {
    const path = this.#planOf(work.shard);
    if (existsSync(path)) return;
    try {
      await mkdir(join(this.#folder, 'plan'), { recursive: true });
      await writeFile(`${path}.new`, await promisify(gzip)(serialize(work)));
      await rename(`${path}.new`, path);
    } catch (error) {
      throw writeFailed(path, error);
    }
  }

  /** The rows of a shard; undefined where it was finished meanwhile. */
  async readPlan(shard: number): Promise<ShardWork | undefined> {
    let packed: Buffer;
    try {
      packed = await readFile(this.#planOf(shard));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    return deserialize(await promisify(gunzip)(packed)) as ShardWork;
  }

  async dropPlan(shard: number): Promise<void> {
    await rm(this.#planOf(shard), { force: true });
  }

  /** Where whoever holds the lease `token` makes its shard. */
  workOf(token: string): string {
    return join(this.#folder, 'work', token);
  }

  /** Where the one shard with this number lies that is the data set's, on its way there. */
  publishedOf(shard: number): string {
    return join(this.#folder, 'published', String(shard));
  }

  /** Takes away what only a run under way needs. Whoever still works on a shard loses it. */
  async clear(): Promise<void> {
    for (const name of ['work', 'published', 'plan'])
      await rm(join(this.#folder, name), { recursive: true, force: true, maxRetries: 3 });
  }

  #planOf(shard: number): string {
    return join(this.#folder, 'plan', String(shard));
  }
}
