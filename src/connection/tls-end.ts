import type { Socket } from 'node:net';

/** What Node keeps below a TLS socket: not documented, so every step of it may be missing. */
interface TlsHandle {
  readonly _parent?: { readStart?(): number };
}

/**
 * Asked in the 'end' event of a socket that is being read: whether the server ended by TLS's own close_notify, and not by closing TCP under it, which
 * anybody on the way can do (RFC 8446 §6.1). True on plain TCP.
 *
 * Node ends a TLS socket alike in both cases and tells nobody. But a close_notify is decrypted while TCP is still being read, and an end of TCP
 * has stopped the reading before it is told: starting to read a second time fails (EALREADY) in the first case only. A test
 * over TLS 1.2 and 1.3 holds that it is so; where a runtime has no such handle, the end counts as orderly.
 */
export function endedByCloseNotify(socket: Socket): boolean {
  const handle = (socket as { readonly _handle?: TlsHandle | null })._handle;
  const tcp = handle?._parent;
  if (typeof tcp?.readStart !== 'function') return true;
  return tcp.readStart() !== 0;
}
