/**
 * The server's side of RFC 9112: requests without a body, sans I/O.
 *
 * 1. Empty lines before the request line are passed over (§2.2); a lone LF ends a line too.
 * 2. request-line = method SP request-target SP HTTP-version (§3).
 * 3. A request of HTTP/1.1 has exactly one Host; any other number is refused (§3.2), more than one in
 *    HTTP/1.0 as well.
 * 4. The target is a path, or a whole http URL as a proxy gets it (§3.2.2).
 * 5. A request that announces a body is refused: nothing here takes one, and its bytes must not be read as
 *    the next request.
 */

import { SluiceError } from '../errors.js';
import { Fields, isToken, readFieldLine } from '../http/fields.js';

/** The longest head, in bytes, its blank line included. */
export const MAX_HEAD_BYTES = 16 * 1024;

/** A request, as far as it is needed to answer it. */
export interface Request {
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly fields: Fields;
}

/** Why a request gets no page; `status` is that of the answer. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly status: 400 | 431 | 501 | 505,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

const BLANK_LINE = /\r?\n\r?\n/;
const REQUEST_LINE = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/;

/** Cuts the requests of one connection out of its bytes. */
export class RequestReader {
  #held = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    this.#held = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
  }

  /**
   * The next whole request; undefined while more bytes are needed. Throws `RequestRefused`: the connection is
   * of no use then.
   */
  next(): Request | undefined {
    this.#passEmptyLines();
    const text = this.#held.toString('latin1', 0, MAX_HEAD_BYTES);
    const blank = BLANK_LINE.exec(text);
    if (blank === null) {
      if (this.#held.length < MAX_HEAD_BYTES) return undefined;
      throw new RequestRefused(431, `The request's header is longer than ${MAX_HEAD_BYTES} bytes.`);
    }
    this.#held = this.#held.subarray(blank.index + blank[0].length);
    return readRequest(text.slice(0, blank.index).split(/\r?\n/));
  }

  #passEmptyLines(): void {
    let at = 0;
    while (this.#held[at] === 0x0d || this.#held[at] === 0x0a) at++;
    if (at > 0) this.#held = this.#held.subarray(at);
  }
}

function readRequest([requestLine, ...fieldLines]: string[]): Request {
  const match = REQUEST_LINE.exec(requestLine ?? '');
  if (match === null) throw new RequestRefused(400, 'The request line is not METHOD TARGET HTTP/VERSION.');
  const [, method, target, major, minor] = match as unknown as [string, string, string, string, string];
  if (!isToken(method)) throw new RequestRefused(400, 'The method is no token.');
  if (major !== '1') throw new RequestRefused(505, 'Only HTTP/1.0 and HTTP/1.1 are spoken here.');
  const httpVersion = minor === '0' ? '1.0' : '1.1';
  const fields = readFields(fieldLines);
  const hosts = fields.all('host').length;
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    throw new RequestRefused(400, `The request has ${hosts} Host fields.`);
  }
  if (method !== 'GET' && method !== 'HEAD')
    throw new RequestRefused(501, 'Only GET and HEAD are known here.');
  if (fields.has('transfer-encoding') || fields.all('content-length').some((length) => length !== '0')) {
    throw new RequestRefused(400, 'A request with a body is not taken here.');
  }
  return { method, path: pathOf(target), httpVersion, fields };
}

function readFields(lines: readonly string[]): Fields {
  const fields = new Fields();
  for (const line of lines) {
    if (/[\r\0]/.test(line)) throw new RequestRefused(400, 'A field line holds a lone CR or NUL.');
    try {
      readFieldLine(line, 0, fields);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      throw new RequestRefused(400, 'A field line is not NAME: VALUE.', error);
    }
  }
  return fields;
}

function pathOf(target: string): string {
  const match = /^(?:http:\/\/[^/?#]+)?(\/[^?#]*)?(?:\?[^#]*)?$/i.exec(target);
  if (match === null || target === '' || target.startsWith('?')) {
    throw new RequestRefused(400, 'The target is neither a path nor an http URL.');
  }
  return match[1] ?? '/';
}
