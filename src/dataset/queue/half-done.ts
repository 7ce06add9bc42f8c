/**
 * Shards that were begun, and whose maker has closed their files and left: they lie in `half/SHARD/`, and whoever gets a lease goes on with them there where the journal
 * ends. Of a maker that was killed nothing is taken up: that it writes no more, nobody can know.
 */

import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';
import { writeFailed } from '../../save/write-failed.js';
import { partOf, type ShardPaths } from '../shard/layout.js';
import { move, namesIn, takeAway } from './publication.js';
import type { RunFolder } from './run-folder.js';

const JOURNAL = /\.journal$/;
const NUMBER = /^\d+$/;

/** Leaves what was made under the lease `token` to whoever gets the next one. To be called when its files are closed. */
export async function handOver(folder: RunFolder, shard: number, token: string): Promise<void> {
  try {
    await rename(folder.workOf(token), folder.halfOf(shard));
  } catch (error) {
    // Gone: another has begun it anew. Or there is one already, which is as good.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? ''))
      throw writeFailed(folder.halfOf(shard), error);
    await takeAway(folder.workOf(token));
  }
}

/** Makes the folder of the lease `token`: with what is half done of the shard, or new. Undefined where the run is over. */
export async function takeUp(
  folder: RunFolder,
  shard: number,
  token: string,
): Promise<'half' | 'new' | undefined> {
  const path = folder.workOf(token);
  try {
    await rename(folder.halfOf(shard), path);
    return 'half';
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw writeFailed(path, error);
  }
  try {
    await mkdir(path);
    return 'new';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw writeFailed(path, error);
  }
}

/** Leaves a shard that one machine alone has begun, in the data set's own directory, to a crew. */
export async function setAside(
  folder: RunFolder,
  shard: number,
  { directory, journal, tar, folder: files, spool }: ShardPaths,
): Promise<void> {
  const half = folder.halfOf(shard);
  try {
    await rm(`${half}.new`, { recursive: true, force: true });
    await mkdir(`${half}.new`);
    // The journal comes last: what it tells of is there.
    for (const path of [...[tar, files, spool].map(partOf), journal])
      await move(directory, `${half}.new`, path.slice(directory.length + 1));
    await rename(`${half}.new`, half);
  } catch (error) {
    throw writeFailed(half, error);
  }
}

/** Moves what crews have left half done into the data set's own directory, for one machine alone to go on with. */
export async function bringBack(folder: RunFolder): Promise<void> {
  const { directory, root } = folder;
  try {
    for (const shard of await namesIn(join(root, 'half'))) {
      if (!NUMBER.test(shard)) continue;
      const half = join(root, 'half', shard);
      const names = await namesIn(half);
      const journal = names.find((name) => JOURNAL.test(name));
      if (journal === undefined || existsSync(join(directory, journal.replace(JOURNAL, '_stats.json'))))
        continue;
      for (const name of names.filter((name) => name !== journal)) await move(half, directory, name);
      await move(half, directory, journal);
    }
  } catch (error) {
    throw writeFailed(directory, error);
  }
}
