import { SluiceError } from '../errors.js';
import { Fields, readFieldLine } from './fields.js';
import type { HttpLimits } from './limits.js';
import { type LineLimit, LineReader } from './line-reader.js';
import { malformed, quoted } from './malformed.js';

type State = 'size' | 'data' | 'data-end' | 'trailers' | 'complete';

// chunk-size [ BWS ";" chunk-ext ]: white space only before an extension. 13 hexadecimal digits stay below 2^53.
const SIZE_LINE = /^0*([0-9A-Fa-f]{1,13})(?:[ \t]*;([\t\x20-\x7e\x80-\xff]*))?$/;

/**
 * Reads the chunked transfer coding (RFC 9112 §7.1):
 *
 *     chunked-body = *chunk last-chunk trailer-section CRLF
 *     chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *
 * Every line must end with CR LF, and exactly CR LF must follow the data. Extensions are passed over, within a limit.
 */
export class ChunkedBody {
  readonly trailers = new Fields();

  #state: State = 'size';
  #left = 0;
  #dataEndSeen = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;
  #bodyBytes = 0;
  readonly #lines = new LineReader();
  readonly #sizeLimit: LineLimit;

  constructor(
    private readonly limits: HttpLimits,
    private readonly onData: (data: Buffer) => void,
  ) {
    const { chunkLineBytes } = limits;
    this.#sizeLimit = { limit: chunkLineBytes, what: 'a chunk-size line', most: chunkLineBytes };
  }

  get complete(): boolean {
    return this.#state === 'complete';
  }

  /** Reads from `chunk[at]`; returns the index after the last byte that belongs to the body. `offset` is that of `chunk[at]`. */
  read(chunk: Buffer, at: number, offset: number): number {
    const base = offset - at;
    this.#lines.begin();
    while (at < chunk.length && this.#state !== 'complete') {
      if (this.#state === 'data') at = this.#readData(chunk, at);
      else if (this.#state === 'data-end') at = this.#readDataEnd(chunk, at, base + at);
      else if (this.#state === 'size') at = this.#readSize(chunk, at, base + at);
      else at = this.#readTrailer(chunk, at, base + at);
    }
    return at;
  }

  /** The error for a connection that closes here. */
  cutShort(): SluiceError {
    let where = 'the last chunk never came';
    if (this.#state === 'data') where = `${this.#left} bytes of a chunk were still to come`;
    if (this.#state === 'trailers') where = 'the empty line after the last chunk never came';
    return new SluiceError(
      'cut-short',
      `The server closed after ${this.#bodyBytes} bytes of a chunked body: ${where}.`,
    );
  }

  #readData(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.#left -= end - at;
    this.#bodyBytes += end - at;
    if (this.#left === 0) this.#state = 'data-end';
    this.onData(chunk.subarray(at, end));
    return end;
  }

  #readDataEnd(chunk: Buffer, at: number, offset: number): number {
    const expected = this.#dataEndSeen === 0 ? 0x0d : 0x0a;
    if (chunk[at] !== expected)
      throw malformed(offset, 'a chunk is longer than its size says (CR LF must follow its data)');
    this.#dataEndSeen++;
    if (this.#dataEndSeen === 2) {
      this.#dataEndSeen = 0;
      this.#state = 'size';
    }
    return at + 1;
  }

  #readSize(chunk: Buffer, at: number, offset: number): number {
    const pending = this.#lines.pending;
    const next = this.#lines.read(chunk, at, offset, this.#sizeLimit, false);
    if (next < 0) return chunk.length;
    const line = this.#lines.line;
    const match = SIZE_LINE.exec(line);
    if (match === null) throw malformed(offset - pending, `${quoted(line)} is no chunk size`);
    this.#extensionBytes += match[2]?.length ?? 0;
    if (this.#extensionBytes > this.limits.chunkExtensionBytes) {
      throw malformed(
        offset - pending,
        `chunk extensions are longer than ${this.limits.chunkExtensionBytes} bytes`,
      );
    }
    this.#left = Number.parseInt(match[1]!, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
    return next;
  }

  #readTrailer(chunk: Buffer, at: number, offset: number): number {
    const pending = this.#lines.pending;
    const { lineBytes, headBytes, fieldCount } = this.limits;
    const room = headBytes - this.#trailerBytes;
    const limit: LineLimit =
      room < lineBytes
        ? { limit: room, what: 'the trailer section', most: headBytes }
        : { limit: lineBytes, what: 'a line', most: lineBytes };
    const next = this.#lines.read(chunk, at, offset, limit, false);
    if (next < 0) return chunk.length;
    const line = this.#lines.line;
    if (line === '') {
      this.#state = 'complete';
      return next;
    }
    // What is left must stay at zero or above, so that an empty line always fits.
    this.#trailerBytes = Math.min(headBytes, this.#trailerBytes + line.length + 2);
    readFieldLine(line, offset - pending, this.trailers);
    if (this.trailers.lineCount > fieldCount) {
      throw malformed(offset - pending, `the trailer section has more than ${fieldCount} field lines`);
    }
    return next;
  }
}
