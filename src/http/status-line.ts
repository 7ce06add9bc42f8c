import { malformed, quoted } from './malformed.js';

/** status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 §4). */
export interface StatusLine {
  /** '1.0' or '1.1'; a higher minor version is read as 1.1 (RFC 9110 §2.5). */
  readonly httpVersion: '1.0' | '1.1';
  /** 100 to 999. */
  readonly status: number;
  /** May be empty: clients ignore it, and old servers leave it out, with or without the space. */
  readonly reason: string;
}

const PREFIX = 'HTTP/1.';
// The reason may hold anything but CR, LF and NUL, which no line holds.
const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: (.*))?$/;

/** Reads a status line, or says why it is none. */
export function readStatusLine(line: string, offset: number): StatusLine {
  const match = STATUS_LINE.exec(line);
  if (match === null) throw malformed(offset, `${quoted(line)} is no status line`);
  return { httpVersion: match[1] === '0' ? '1.0' : '1.1', status: Number(match[2]), reason: match[3] ?? '' };
}

/**
 * Refuses a reply at the first byte that can't begin a status line, so that another protocol's greeting (SSH, SMTP, HTTP/0.9's
 * bare body, TLS, HTTP/2) is named at once instead of waited upon. `seen` bytes of the line were checked before. The
 * message ends with that byte: what follows it may not have come yet, and the outcome must not depend on the split.
 */
export function checkPrefix(chunk: Buffer, at: number, seen: number, offset: number): void {
  for (let i = at, k = seen; i < chunk.length && k < PREFIX.length; i++, k++) {
    if (chunk[i] === PREFIX.charCodeAt(k)) continue;
    const begins = PREFIX.slice(0, k) + String.fromCharCode(chunk[i]!);
    throw malformed(offset + i - at, `it begins with ${quoted(begins)}, not with "${PREFIX}x"`);
  }
}
