import type { QueueAddress } from '../dataset/queue/connection.js';
import { readCertificates } from './tls-files.js';

/** `--queue` and `--queue-cacert`. Throws `option-invalid` for a file that can't be read. */
export function queueAddress(url: string, cacert: string | undefined): QueueAddress {
  return cacert === undefined ? { url } : { url, ca: readCertificates('--queue-cacert', cacert) };
}
