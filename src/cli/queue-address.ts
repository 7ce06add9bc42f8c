import type { QueueAddress } from '../dataset/queue/connection.js';
import { readCertificates } from './tls-files.js';

/** Where the password is looked for that the address does not have: what stands on a command line, all users of a machine can read. */
const PASSWORD = 'SLUICE_QUEUE_PASSWORD';

/** `--queue` and `--queue-cacert`. Throws `option-invalid` for a file that can't be read. */
export function queueAddress(url: string, cacert: string | undefined): QueueAddress {
  const address = { url: withPassword(url, process.env[PASSWORD]) };
  return cacert === undefined ? address : { ...address, ca: readCertificates('--queue-cacert', cacert) };
}

function withPassword(url: string, password: string | undefined): string {
  // What is no address is told later.
  if (password === undefined || !URL.canParse(url)) return url;
  const address = new URL(url);
  if (address.password === '') address.password = password;
  return address.href;
}
