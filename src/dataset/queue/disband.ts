import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';
import { writeFailed } from '../../save/write-failed.js';
import { bringBack } from './half-done.js';
import { completePublication, namesIn } from './publication.js';
import { RunFolder } from './run-folder.js';

/**
 * Ends the work of all crews in this directory, whether they know it or not: from the first step on none of them can begin or publish a shard. What was published gets into the data
 * set, what was left half done can be gone on with there, and the rest is taken away. May be killed and called again. Does nothing where no crew was. Throws `write-failed`.
 */
export async function disband(directory: string): Promise<void> {
  const { root } = new RunFolder(directory);
  await finishDisbanding(directory);
  try {
    await rename(root, `${root}.gone`);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw writeFailed(root, error);
  }
  await finishDisbanding(directory);
}

/** Goes on where `disband` was killed. */
export async function finishDisbanding(directory: string): Promise<void> {
  const root = `${new RunFolder(directory).root}.gone`;
  if (!existsSync(root)) return;
  const folder = new RunFolder(directory, root);
  for (const shard of await namesIn(join(root, 'published')))
    await completePublication(folder, Number(shard));
  await bringBack(folder);
  try {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw writeFailed(root, error);
  }
}
