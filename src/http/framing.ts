import type { Fields } from './fields.js';
import { trimOws } from './fields.js';
import { malformed, quoted } from './malformed.js';

/** How the end of a body is known. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' };

const NONE: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };
const CLOSE: Framing = { kind: 'close' };

/**
 * Message body length, RFC 9112 §6.3, with two rules made stricter because readers that disagree here can be played against
 * each other: Content-Length beside Transfer-Encoding is refused, and a transfer coding that we never asked for (§7.4: we send no TE) is too.
 *
 * 1. No body: the answer to HEAD, 1xx, 204, 304; and a 2xx to CONNECT, whose lengths are not looked at (RFC 9110 §9.3.6).
 * 2. Transfer-Encoding: exactly "chunked"; or only the obsolete "identity", which says nothing. Beside "chunked" it is
 *    refused: Node reads "chunked, identity" until the server closes.
 * 3. Content-Length: digits; repeated only with one and the same value.
 * 4. Neither: until the server closes.
 */
export function framingOf(method: string, status: number, fields: Fields, offset: number): Framing {
  if (method === 'CONNECT' && status >= 200 && status < 300) return NONE;
  const named = fields.has('transfer-encoding') ? fields.members('transfer-encoding') : [];
  const codings = named.every((coding) => coding === 'identity') ? [] : named;
  const lengths = fields.all('content-length');
  if (codings.length > 0 && lengths.length > 0) {
    throw malformed(offset, 'Transfer-Encoding and Content-Length stand together');
  }
  const length = lengths.length > 0 ? contentLength(lengths, offset) : undefined;
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NONE;
  if (codings.length > 0) {
    if (codings.length === 1 && codings[0] === 'chunked') return CHUNKED;
    throw malformed(offset, `the transfer coding ${quoted(codings.join(', '))} was not asked for`);
  }
  if (length === undefined) return CLOSE;
  return { kind: 'length', length };
}

/** Digits of a number that is surely below 2^53, without leading zeros. */
const PLAIN_LENGTH = /^[1-9]\d{0,14}$/;

function contentLength(values: string[], offset: number): number {
  if (values.length === 1 && PLAIN_LENGTH.test(values[0]!)) return Number(values[0]);
  let agreed: string | undefined;
  for (const value of values.flatMap((list) => list.split(','))) {
    const digits = trimOws(value);
    if (!/^\d+$/.test(digits)) throw malformed(offset, `the Content-Length ${quoted(digits)} is no number`);
    const canonical = digits.replace(/^0+(?=\d)/, '');
    if (agreed !== undefined && agreed !== canonical) {
      throw malformed(offset, `Content-Length is both ${quoted(agreed)} and ${quoted(canonical)}`);
    }
    agreed = canonical;
  }
  const length = Number(agreed);
  if (!Number.isSafeInteger(length))
    throw malformed(offset, `the Content-Length ${quoted(String(agreed))} is above 2^53-1`);
  return length;
}

/** Whether the server keeps the connection open after this response (RFC 9112 §9.3). */
export function persists(httpVersion: '1.0' | '1.1', fields: Fields): boolean {
  const connection = fields.has('connection') ? fields.members('connection') : [];
  if (connection.includes('close')) return false;
  // §6.1: Transfer-Encoding in HTTP/1.0 means faulty framing; the message is read, the connection is not trusted further.
  if (httpVersion === '1.0') return connection.includes('keep-alive') && !fields.has('transfer-encoding');
  return true;
}
