import { reasonOf, SluiceError, systemCode } from '../../errors.js';

const SAYS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is no directory',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a directory',
  EIO: 'the disk could not be read',
  ELOOP: 'there are too many symbolic links',
  Z_BUF_ERROR: 'its compressed data is cut short',
  Z_DATA_ERROR: 'its compressed data is damaged',
};

/** The end of a list that can't be read (on): status 26, with its name and the reason. A bad line is not one of these. */
export function unreadable(name: string, reason: string, cause?: unknown): SluiceError {
  return new SluiceError('list-unreadable', `The list ${name} could not be read: ${reason}.`, { cause });
}

/** What `error` makes of the reading of a list after `rows` rows of it; a failure of ours is told as it is. */
export function readingFailed(name: string, rows: number, error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const reason = SAYS[systemCode(error) ?? ''] ?? reasonOf(error).replace(/\.$/, '');
  return unreadable(
    name,
    rows === 0 ? reason : `after ${rows} row${rows === 1 ? '' : 's'}, ${reason}`,
    error,
  );
}
