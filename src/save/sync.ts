import { execFile } from 'node:child_process';
import { close, fsync, open } from 'node:fs';
import { promisify } from 'node:util';
import { systemCode } from '../errors.js';

/** Resolves when what was written to the file is on the disk (fsync(2)), not only in the kernel. On a thread: it may take long. */
export const sync: (fd: number) => Promise<void> = promisify(fsync);

/** What systems say where a directory can't be opened or synced: its names are then as safe as they make them. */
const NOT_HERE: ReadonlySet<string | undefined> = new Set(['EINVAL', 'EISDIR', 'EPERM', 'EACCES', 'ENOTSUP']);

/** The same for a directory, so that a name that was given survives a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  let fd: number | undefined;
  try {
    fd = await promisify(open)(path, 'r');
    await sync(fd);
  } catch (error) {
    if (!NOT_HERE.has(systemCode(error))) throw error;
  } finally {
    if (fd !== undefined) await promisify(close)(fd);
  }
}

/**
 * The same for everything on the file system of a directory (syncfs(2), which Node does not have, by coreutils' sync): one call where there are files by
 * the thousand, each of which would cost a turn of the disk. False where the system has no such program.
 */
export async function syncFileSystem(directory: string): Promise<boolean> {
  try {
    await promisify(execFile)('sync', ['-f', '--', directory]);
    return true;
  } catch {
    return false; // Not GNU: each file is then synced by itself.
  }
}
