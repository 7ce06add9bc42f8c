import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SluiceError, systemCode } from '../errors.js';
import { numbered } from './file-name.js';

/** How many names are tried before giving up. */
export const MOST_NAMES = 10_000;

/** Gives `part` its final name without replacing anything: link(2) fails where rename(2) would replace. */
export function linkToFreeName(part: string, directory: string, name: string, from: number): string {
  for (let n = from; n < MOST_NAMES; n++) {
    const path = join(directory, numbered(name, n));
    try {
      linkSync(part, path);
      unlinkSync(part);
      return path;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') continue;
      // File systems without hard links (FAT, some network mounts): the look before the rename is the best there is.
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
      if (exists(path)) continue;
      renameSync(part, path);
      return path;
    }
  }
  throw new SluiceError(
    'write-failed',
    `${JSON.stringify(join(directory, basename(name)))} and its numbered names are all taken.`,
  );
}

/** Whether anything has this name, a dangling link too. */
export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
