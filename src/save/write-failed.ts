import { reasonOf, SluiceError, systemCode } from '../errors.js';

const SAYS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOENT: 'the directory does not exist',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file system takes no file that large',
  EPIPE: 'the reader closed it',
  ELOOP: 'it is a symbolic link',
};

/** A failure to store: status 23, with the path and the system's reason in words. */
export function writeFailed(path: string, error: unknown): SluiceError {
  const says = SAYS[systemCode(error) ?? ''] ?? reasonOf(error);
  return new SluiceError('write-failed', `${JSON.stringify(path)} could not be written: ${says}.`, {
    cause: error,
  });
}
