import { unlinkSync } from 'node:fs';
import { systemCode } from '../errors.js';

/** Takes a file away, if it is there. By unlink(2): the one call of Node's that says so with an option loads more code than a picture needs to be retrieved. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
