/**
 * What a run on many machines keeps in `DIR/.sluice/crew/` beside what every run does. All machines see the same directory, perhaps over a network; nothing here relies on a
 * listing being up to date, nor on locks, only on a rename being one step.
 *
 * 1. The planner makes the folder, and an identity in it. Nobody else does: where it is gone, nothing can be begun or published any more.
 * 2. It is taken away in one step, when the run is finished, or when one machine alone goes on with it (`disband.ts`). So whoever works on does it for nothing, and does no harm.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzip, gzip } from 'node:zlib';
import { reasonOf, SluiceError, systemCode } from '../../errors.js';
import { writeFailed } from '../../save/write-failed.js';
import type { ShardWork } from '../pull/shard-work.js';

const FOLDERS = ['plan', 'work', 'half', 'published'] as const;

export class RunFolder {
  /** `root`: where it lies. */
  constructor(
    /** The data set's. */
    readonly directory: string,
    readonly root: string = join(directory, '.sluice', 'crew'),
  ) {}

  /** Makes what is not there. Gives what tells this directory from all others, wherever it is mounted, and this crew from those before it. Throws `write-failed`. */
  found(): { readonly directoryId: string; readonly crewId: string } {
    try {
      for (const name of FOLDERS) mkdirSync(join(this.root, name), { recursive: true });
      return { directoryId: identityAt(this.#directoryIdPath), crewId: identityAt(this.#crewIdPath) };
    } catch (error) {
      throw writeFailed(this.root, error);
    }
  }

  /** Whether that crew is still the one that works here. */
  has(crewId: string): boolean {
    return this.#textAt(this.#crewIdPath) === crewId;
  }

  /** Throws `option-invalid` unless this is the directory with that identity. */
  require(directoryId: string): void {
    if (this.#textAt(this.#directoryIdPath) === directoryId) return;
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
    return join(this.root, 'work', token);
  }

  /** Where a shard lies that is half done, and that nobody writes to. */
  halfOf(shard: number): string {
    return join(this.root, 'half', String(shard));
  }

  /** Where the one shard with this number lies that is the data set's, on its way there. */
  publishedOf(shard: number): string {
    return join(this.root, 'published', String(shard));
  }

  get #directoryIdPath(): string {
    return join(this.directory, '.sluice', 'directory-id');
  }

  get #crewIdPath(): string {
    return join(this.root, 'id');
  }

  /** Undefined where there is no such file. */
  #textAt(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
      const says = `${JSON.stringify(this.directory)} could not be read: ${reasonOf(error)}.`;
      throw new SluiceError('write-failed', says, { cause: error });
    }
  }

  #planOf(shard: number): string {
    return join(this.root, 'plan', String(shard));
  }
}

/** The identity that is kept at `path`; made where there is none. */
function identityAt(path: string): string {
  if (!existsSync(path)) {
    writeFileSync(`${path}.new`, randomUUID());
    renameSync(`${path}.new`, path);
  }
  return readFileSync(path, 'utf8');
}
