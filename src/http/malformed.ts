import { SluiceError } from '../errors.js';

/** The server's fault: a byte that HTTP/1.x does not allow there. `offset` counts from the reply's first byte. */
export function malformed(offset: number, what: string): SluiceError {
  return new SluiceError('reply-malformed', `The reply is not valid HTTP/1.x: at byte ${offset}, ${what}.`);
}

/** Text from the network for a message: at most 40 characters, everything but printable ASCII escaped. */
export function quoted(text: string): string {
  const cut = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  const safe = cut.replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${safe}"`;
}
