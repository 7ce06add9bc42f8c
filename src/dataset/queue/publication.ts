/**
 * How a shard gets into the data set exactly once, though two workers may have made it: one that was stopped past its lease does not know that another took it up.
 *
 * 1. Each lease has a token, and its shard is made in a folder named by that, `work/TOKEN/`. Nobody else writes there.
 * 2. Whoever gets a lease first takes away the folders of all leases of the shard before it (`fence`). From then on those can't publish any more.
 * 3. To publish is to rename `work/TOKEN/` to `published/SHARD/`, in one step: whose folder was taken away has nothing to rename.
 * 4. From there the files are moved into the data set, the stats last. Anybody may do that or go on with it, for there is only this one to move.
 * 5. A shard whose stats are there is done.
 */

import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../../errors.js';
import { syncDirectory } from '../../save/sync.js';
import { writeFailed } from '../../save/write-failed.js';
import type { RunFolder } from './run-folder.js';

const STATS = /_stats\.json$/;

/** Makes it impossible that whoever held these leases before publishes what he has made. */
export async function fence(folder: RunFolder, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) await takeAway(folder.workOf(token));
}

/** Publishes what was made under the lease `token`. False where that was taken away: the shard is another's. */
export async function publish(folder: RunFolder, shard: number, token: string): Promise<boolean> {
  const published = folder.publishedOf(shard);
  let isOurs = true;
  try {
    await mkdir(dirname(published), { recursive: true });
    await rename(folder.workOf(token), published);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw writeFailed(published, error);
    isOurs = false;
    await takeAway(folder.workOf(token));
  }
  await completePublication(folder, shard);
  return isOurs;
}

/** Moves a shard that was published into the data set, where that was not done to the end. */
export async function completePublication(folder: RunFolder, shard: number): Promise<void> {
  const { directory } = folder;
  const published = folder.publishedOf(shard);
  try {
    const names = await namesIn(published);
    if (names === undefined) return;
    for (const name of names.filter((name) => !STATS.test(name))) await move(published, directory, name);
    await syncDirectory(directory);
    for (const name of names.filter((name) => STATS.test(name))) await move(published, directory, name);
    await syncDirectory(directory);
    await unlessGone(rmdir(published));
  } catch (error) {
    throw writeFailed(directory, error);
  }
}

/** Takes away the folder of a lease: in one step, so that it is either whole or gone for its owner. */
export async function takeAway(path: string): Promise<void> {
  const gone = `${path}.gone`;
  try {
    await unlessGone(rename(path, gone));
    await rm(gone, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw writeFailed(path, error);
  }
}

/** One that is gone was moved by another. */
async function move(from: string, to: string, name: string): Promise<void> {
  await unlessGone(rename(join(from, name), join(to, name)));
}

async function namesIn(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function unlessGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
