/** How one exchange fails on the connection, in one sentence each: who stood still or broke off, after how much. */

import { isTlsError, tlsFailure, tlsReason } from '../connection/tls-failure.js';
import { SluiceError, systemCode } from '../errors.js';
import type { Framing } from '../http/framing.js';
import type { MinSpeed } from './speed-floor.js';

/** The socket failed after `received` bytes of the reply. */
export function connectionBroken(cause: Error, received: number): SluiceError {
  const code = systemCode(cause);
  if (code === 'EPIPE')
    return new SluiceError('send-failed', 'The server closed the connection before the request was sent.', {
      cause,
    });
  // By TLS 1.3 the server looks at the client's certificate only after the client is done with its handshake.
  if (isTlsError(cause) && received === 0) return tlsFailure(cause, 'the server');
  const after = `after ${received} bytes`;
  const message =
    code === 'ECONNRESET'
      ? `The server reset the connection ${after}.`
      : `The connection broke ${after}: ${tlsReason(cause)}.`;
  return new SluiceError('connection-reset', message, { cause });
}

/** A body that ends with the connection is whole only where TLS says so: anybody on the way can close TCP (RFC 9112 §9.8). */
export function endedWithoutCloseNotify(bodyBytes: number): SluiceError {
  return new SluiceError(
    'cut-short',
    `The TLS connection ended without close_notify after ${bodyBytes} bytes of a body that only the close ends: it may have been cut.`,
  );
}

/** The header was not complete within `ms` milliseconds of the request; `received` bytes of it came. */
export function headerLate(ms: number, received: number): SluiceError {
  const got = received === 0 ? 'no byte came' : `${received} bytes of its header came`;
  return new SluiceError(
    'timeout-first-byte',
    `The server did not finish its header within ${ms / 1000} s: ${got}.`,
  );
}

/** Nothing came for `ms` milliseconds in which we asked. */
export function bodySilent(ms: number, bodyBytes: number, framing: Framing): SluiceError {
  return new SluiceError(
    'timeout-idle',
    `The server sent nothing for ${ms / 1000} s while we asked, after ${soFar(bodyBytes, framing)}.`,
  );
}

/** The mean over the time in which we asked was `rate` bytes a second. */
export function bodySlow(rate: number, floor: MinSpeed, bodyBytes: number, framing: Framing): SluiceError {
  return new SluiceError(
    'timeout-speed',
    `The server sent ${Math.round(rate)} bytes a second over ${floor.overMs / 1000} s in which we asked, below the limit of ${floor.rate}, after ${soFar(bodyBytes, framing)}.`,
  );
}

function soFar(bodyBytes: number, framing: Framing): string {
  const of = framing.kind === 'length' ? ` of ${framing.length}` : '';
  return `${bodyBytes}${of} bytes of the body`;
}
