import { SluiceError } from '../errors.js';
import { ChunkedBody } from './chunked-body.js';
import { Fields, readFieldLine } from './fields.js';
import { type Framing, framingOf, persists } from './framing.js';
import { DEFAULT_LIMITS, type HttpLimits } from './limits.js';
import { type LineLimit, LineReader } from './line-reader.js';
import { malformed } from './malformed.js';
import { checkPrefix, readStatusLine, type StatusLine } from './status-line.js';

/** The head of one response: status line and fields, as they came. */
export interface ResponseHead extends StatusLine {
  readonly fields: Fields;
  /** The head's lines as Latin-1 text without their ends, the status line first. */
  readonly lines: readonly string[];
  /** Bytes before the blank line: what the textbook prints as `Header length`. */
  readonly headerBytes: number;
  readonly framing: Framing;
}

/** What the reader tells, in the order of the bytes. `data` is a view on the chunk that was pushed: copy it to keep it. */
export interface ResponseHandler {
  onInterim?(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  onBody(data: Buffer): void;
  onComplete(trailers: Fields): void;
}

const NO_TRAILERS = new Fields();

type State = 'status-line' | 'fields' | 'body' | 'complete' | 'failed';

/**
 * Reads one response from bytes (RFC 9112), sans I/O: `push` what was received, `end` when the server closed. It calls the handler or throws
 * `SluiceError` (`reply-malformed`, `cut-short`, `reply-empty`); after a throw it takes nothing more. The outcome depends on
 * the bytes alone, never on how they were split.
 *
 *     status-line -> fields -> body -> complete
 *          ^            |
 *          +--- 1xx ----+
 */
export class ResponseReader {
  /** Bytes taken so far. */
  offset = 0;
  /** Bytes that came after the response's end: not part of it, and a reason not to reuse the connection. */
  excess = 0;

  readonly #lineLimit: LineLimit;
  #state: State = 'status-line';
  readonly #lines = new LineReader();
  #headStart = 0;
  #lastEndLength = 0;
  #statusLine: StatusLine | undefined;
  #fields = new Fields();
  #text: string[] = [];
  #interims = 0;
  #head: ResponseHead | undefined;
  #left = 0;
  #bodyBytes = 0;
  #chunked: ChunkedBody | undefined;

  constructor(
    private readonly method: string,
    private readonly handler: ResponseHandler,
    private readonly limits: HttpLimits = DEFAULT_LIMITS,
  ) {
    this.#lineLimit = { limit: limits.lineBytes, what: 'a line', most: limits.lineBytes };
  }

  get complete(): boolean {
    return this.#state === 'complete';
  }

  /** Complete, at a known end, on a connection that the server keeps open, and nothing came after it. */
  get reusable(): boolean {
    const head = this.#head;
    if (head === undefined || this.#state !== 'complete' || this.excess > 0 || head.framing.kind === 'close')
      return false;
    return persists(head.httpVersion, head.fields);
  }

  /** Takes received bytes. Throws `SluiceError` for the first line, or byte of the framing, that can't be right. */
  push(chunk: Buffer): void {
    const base = this.offset;
    this.offset += chunk.length;
    this.#lines.begin();
    try {
      let at = 0;
      while (at < chunk.length) {
        if (this.#state === 'body') at = this.#readBody(chunk, at, base + at);
        else if (this.#state === 'complete' || this.#state === 'failed') {
          this.excess += chunk.length - at;
          return;
        } else at = this.#readHeadLine(chunk, at, base + at);
      }
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  /** The server closed the connection. Completes a close-delimited body; throws for anything else that is unfinished. */
  end(): void {
    if (this.#state === 'complete' || this.#state === 'failed') return;
    if (this.#state === 'body' && this.#head?.framing.kind === 'close') {
      this.#finish(NO_TRAILERS);
      return;
    }
    const error = this.#cutShort();
    this.#state = 'failed';
    throw error;
  }

  #cutShort(): SluiceError {
    if (this.offset === 0)
      return new SluiceError('reply-empty', 'The server closed the connection without a reply.');
    if (this.#chunked !== undefined) return this.#chunked.cutShort();
    if (this.#head === undefined) {
      return new SluiceError(
        'cut-short',
        `The server closed after ${this.offset} bytes, before the end of the header.`,
      );
    }
    const expected = this.#bodyBytes + this.#left;
    return new SluiceError(
      'cut-short',
      `The server closed after ${this.#bodyBytes} bytes of the body, of ${expected} that it announced.`,
    );
  }

  #readHeadLine(chunk: Buffer, at: number, offset: number): number {
    const pending = this.#lines.pending;
    const lineStart = offset - pending;
    if (this.#state === 'status-line') checkPrefix(chunk, at, pending, offset);
    const next = this.#readLine(chunk, at, offset, this.limits.headBytes - (lineStart - this.#headStart));
    if (next < 0) return chunk.length;
    const line = this.#lines.line;
    if (this.#statusLine === undefined) {
      this.#statusLine = readStatusLine(line, lineStart);
      this.#text.push(line);
      this.#lastEndLength = this.#lines.endLength;
      this.#state = 'fields';
      return next;
    }
    if (line !== '') {
      readFieldLine(line, lineStart, this.#fields);
      if (this.#fields.lineCount > this.limits.fieldCount) {
        throw malformed(lineStart, `the header has more than ${this.limits.fieldCount} field lines`);
      }
      this.#text.push(line);
      this.#lastEndLength = this.#lines.endLength;
      return next;
    }
    this.#endHead(this.#statusLine, lineStart, offset + next - at);
    return next;
  }

  #readLine(chunk: Buffer, at: number, offset: number, room: number): number {
    const { lineBytes, headBytes } = this.limits;
    const limit =
      room < lineBytes ? { limit: Math.max(0, room), what: 'the header', most: headBytes } : this.#lineLimit;
    return this.#lines.read(chunk, at, offset, limit, true);
  }

  /** `blankLine` is the offset of the blank line; the end of the line before it belongs to the blank line's four bytes. */
  #endHead(statusLine: StatusLine, blankLine: number, after: number): void {
    const framing = framingOf(this.method, statusLine.status, this.#fields, blankLine);
    const head: ResponseHead = {
      httpVersion: statusLine.httpVersion,
      status: statusLine.status,
      reason: statusLine.reason,
      fields: this.#fields,
      lines: this.#text,
      headerBytes: blankLine - this.#headStart - this.#lastEndLength,
      framing,
    };
    if (statusLine.status < 200) {
      this.#endInterim(head, after);
      return;
    }
    this.#head = head;
    this.handler.onHead(head);
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) {
      this.#finish(NO_TRAILERS);
      return;
    }
    this.#state = 'body';
    if (framing.kind === 'length') this.#left = framing.length;
    if (framing.kind === 'chunked')
      this.#chunked = new ChunkedBody(this.limits, (data) => this.#deliver(data));
  }

  #endInterim(head: ResponseHead, after: number): void {
    // We never ask to upgrade, so a switch of protocols (RFC 9110 §15.2.2) leaves nothing that could be read.
    if (head.status === 101)
      throw malformed(this.#headStart, 'the server switches protocols, which was not asked for');
    this.#interims++;
    if (this.#interims > this.limits.interimCount) {
      throw malformed(this.#headStart, `more than ${this.limits.interimCount} interim responses came`);
    }
    this.handler.onInterim?.(head);
    this.#statusLine = undefined;
    this.#fields = new Fields();
    this.#text = [];
    this.#headStart = after;
    this.#state = 'status-line';
  }

  #readBody(chunk: Buffer, at: number, offset: number): number {
    if (this.#chunked !== undefined) {
      const next = this.#chunked.read(chunk, at, offset);
      if (this.#chunked.complete) this.#finish(this.#chunked.trailers);
      return next;
    }
    if (this.#head?.framing.kind === 'close') {
      this.#deliver(at === 0 ? chunk : chunk.subarray(at));
      return chunk.length;
    }
    const next = Math.min(chunk.length, at + this.#left);
    this.#left -= next - at;
    this.#deliver(at === 0 && next === chunk.length ? chunk : chunk.subarray(at, next));
    if (this.#left === 0) this.#finish(NO_TRAILERS);
    return next;
  }

  #deliver(data: Buffer): void {
    this.#bodyBytes += data.length;
    this.handler.onBody(data);
  }

  #finish(trailers: Fields): void {
    this.#state = 'complete';
    this.handler.onComplete(trailers);
  }
}
