import { persists } from '../http/framing.js';
import { VERSION } from '../version.js';
import { type ByteRange, rangeOf } from './byte-range.js';
import type { Page } from './pages.js';
import type { Request } from './request-reader.js';
import type { ResponseFraming, SendSettings } from './send-settings.js';

/** A response as it goes on the wire. */
export interface Response {
  readonly status: number;
  /** The header and the framed body, in order. */
  readonly pieces: Iterable<Uint8Array>;
  /** The connection stays open after it. */
  readonly keepsAlive: boolean;
}

const REASONS: Record<number, string> = {
  200: 'OK',
  206: 'Partial Content',
  400: 'Bad Request',
  404: 'Not Found',
  416: 'Range Not Satisfiable',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
};

/** A page is read in pieces of this many bytes, which is also the length of a chunk. */
const PIECE_BYTES = 16 * 1024;

/**
 * The response to a request for `page`, in the version of the request or a lower one. Chunks are not sent to HTTP/1.0 (RFC
 * 9112 §6.1): the close frames the body there.
 */
export function pageResponse(asked: Request, page: Page, settings: SendSettings): Response {
  const request = {
    ...asked,
    httpVersion: settings.httpVersion === '1.0' ? '1.0' : asked.httpVersion,
  } as const;
  const { lastModified, length, mediaType } = page;
  const entityTag = lastModified === undefined ? undefined : entityTagOf(length, lastModified);
  const range = request.method === 'GET' ? rangeOf(request.fields, length, entityTag) : undefined;
  if (range === 'unsatisfiable') {
    const unit = `Content-Range: bytes */${length}`;
    return errorResponse(416, `The page has ${length} bytes.`, request, [unit]);
  }
  const framing =
    settings.framing === 'chunked' && request.httpVersion === '1.0' ? 'close' : settings.framing;
  const keepsAlive =
    framing !== 'close' && settings.end === 'proper' && persists(request.httpVersion, request.fields);
  const { from, to } = range ?? { from: 0, to: length };
  const fields: string[] = [];
  if (lastModified !== undefined)
    fields.push(`Last-Modified: ${lastModified.toUTCString()}`, `ETag: ${entityTag}`);
  fields.push('Accept-Ranges: bytes');
  if (range !== undefined) fields.push(`Content-Range: bytes ${from}-${to - 1}/${length}`);
  if (framing === 'length') fields.push(`Content-Length: ${to - from}`);
  if (framing === 'chunked') fields.push('Transfer-Encoding: chunked');
  fields.push(connectionField(keepsAlive), `Content-Type: ${mediaType}`);
  const status = range === undefined ? 200 : 206;
  const head = headOf(status, request.httpVersion, fields);
  const lacksEnd = settings.end === 'missing';
  const pieces = request.method === 'HEAD' ? [head] : piecesOf(head, page, { from, to }, framing, lacksEnd);
  return { status, pieces, keepsAlive };
}

/** A response that says in one line of text why there is no page. */
export function errorResponse(
  status: number,
  message: string,
  request?: Request,
  fields: readonly string[] = [],
): Response {
  const httpVersion = request?.httpVersion ?? '1.1';
  const keepsAlive = request !== undefined && persists(httpVersion, request.fields);
  const body = Buffer.from(`${message}\n`, 'utf8');
  const head = headOf(status, httpVersion, [
    ...fields,
    `Content-Length: ${body.length}`,
    connectionField(keepsAlive),
    'Content-Type: text/plain; charset=utf-8',
  ]);
  return { status, pieces: request?.method === 'HEAD' ? [head] : [head, body], keepsAlive };
}

/**
 * Said in either version, as Apache does: HTTP/1.0 does not know keep-alive by itself, HTTP/1.1 not the close
 * (RFC 9112 §9.3).
 */
function connectionField(keepsAlive: boolean): string {
  return `Connection: ${keepsAlive ? 'keep-alive' : 'close'}`;
}

function headOf(status: number, httpVersion: '1.0' | '1.1', fields: readonly string[]): Buffer {
  const lines = [
    `HTTP/${httpVersion} ${status} ${REASONS[status] ?? ''}`,
    `Date: ${new Date().toUTCString()}`,
    `Server: sluice/${VERSION}`,
    ...fields,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/**
 * Length and time of change, in hexadecimal, as Apache's FileETag has it by default: a strong validator for a
 * file.
 */
function entityTagOf(length: number, lastModified: Date): string {
  return `"${length.toString(16)}-${(lastModified.getTime() * 1000).toString(16)}"`;
}

/** `lacksEnd`: without the last chunk, or the last byte of a length. */
function* piecesOf(
  head: Buffer,
  page: Page,
  { from: first, to: end }: ByteRange,
  framing: ResponseFraming,
  lacksEnd: boolean,
): Generator<Uint8Array> {
  yield head;
  const to = framing === 'length' && lacksEnd ? Math.max(first, end - 1) : end;
  for (let from = first; from < to; from += PIECE_BYTES) {
    const piece = page.read(from, Math.min(from + PIECE_BYTES, to));
    if (framing === 'chunked') yield Buffer.from(`${piece.length.toString(16)}\r\n`, 'latin1');
    yield piece;
    if (framing === 'chunked') yield Buffer.from('\r\n', 'latin1');
  }
  if (framing === 'chunked' && !lacksEnd) yield Buffer.from('0\r\n\r\n', 'latin1');
}
