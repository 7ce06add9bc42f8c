/**
 * How a shard gets into the data set exactly once, though two workers may have made it: one that was stopped past its lease does not know that another took it up.
 *
 * 1. Each lease has a token, and its shard is made in a folder named by that, `work/TOKEN/`. Nobody else writes there.
 * 2. To publish is to rename `work/TOKEN/` to `published/SHARD/`, in one step. That folder stays, with the token in it, until the run is over: a second one has nowhere to go.
 * 3. From there the files are moved into the data set, the stats last. Anybody may do that or go on with it, for there is only this one to move.
 * 4. A shard whose stats are there is done.
 *
 * Whoever gets a lease also takes away the folders of the leases before it (`fence`): so they need no room, and their owners notice.
 */

import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';
import { syncDirectory } from '../../save/sync.js';
import { writeFailed } from '../../save/write-failed.js';
import type { RunFolder } from './run-folder.js';

const STATS = /_stats\.json$/;
/** In a folder that is published: under which lease it was made. */
const TOKEN = 'token';

/** Takes away what was made under these leases, unless it is published. */
export async function fence(folder: RunFolder, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) await takeAway(folder.workOf(token));
}

/** Publishes what was made under the lease `token`. False where that was taken away, or another was published: the shard is another's. */
export async function publish(folder: RunFolder, shard: number, token: string): Promise<boolean> {
  const made = folder.workOf(token);
  const published = folder.publishedOf(shard);
  try {
    await writeFile(join(made, TOKEN), token);
    await rename(made, published);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? ''))
      throw writeFailed(published, error);
  }
  // Not by what rename said: over a network it may be told twice, and fail the second time.
  const isOurs = (await tokenIn(published)) === token;
  if (!isOurs) await takeAway(made);
  await completePublication(folder, shard);
  return isOurs;
}

/** Moves a shard that was published into the data set, where that was not done to the end. */
export async function completePublication(folder: RunFolder, shard: number): Promise<void> {
  const { directory } = folder;
  const published = folder.publishedOf(shard);
  try {
    const names = (await namesIn(published)).filter((name) => name !== TOKEN);
    if (names.length === 0) return;
    for (const name of names.filter((name) => !STATS.test(name))) await move(published, directory, name);
    await syncDirectory(directory);
    for (const name of names.filter((name) => STATS.test(name))) await move(published, directory, name);
    await syncDirectory(directory);
  } catch (error) {
    throw writeFailed(directory, error);
  }
}

/** Takes away a folder: in one step, so that it is either whole or gone for whoever writes there. */
export async function takeAway(path: string): Promise<void> {
  const gone = `${path}.gone`;
  try {
    await unlessGone(rename(path, gone));
    await rm(gone, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw writeFailed(path, error);
  }
}

/** Moves a file or folder; one that is gone was moved by another. */
export async function move(from: string, to: string, name: string): Promise<void> {
  await unlessGone(rename(join(from, name), join(to, name)));
}

/** The names in a folder; none where it is gone. */
export async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function tokenIn(published: string): Promise<string | undefined> {
  try {
    return await readFile(join(published, TOKEN), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw writeFailed(published, error);
  }
}

async function unlessGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
