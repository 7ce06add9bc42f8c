import { malformed } from './malformed.js';

const CR = 0x0d;
const FORBIDDEN = /[\r\0]/;

/** Bytes that are decoded at once: a usual head whole. Decoding and searching it line by line costs five times as much. */
const WINDOW_BYTES = 1024;

/** What a line may hold at most: `limit` bytes; a longer one breaks `what`, which may have `most`. */
export interface LineLimit {
  readonly limit: number;
  readonly what: string;
  readonly most: number;
}

/**
 * Cuts lines out of chunks. A line ends with CR LF; in a head a lone LF ends it too (RFC 9112 §2.2: a recipient MAY
 * recognise it), but never in chunked framing, where two readers that disagree are a smuggling hole. A CR elsewhere, and
 * NUL anywhere, is refused (RFC 9110 §5.5).
 */
export class LineReader {
  /** The line found by the last `read`, as Latin-1, without its end. */
  line = '';
  /** Length of that line's end: 2 for CR LF, 1 for a lone LF. */
  endLength = 0;

  #carried: Buffer[] = [];
  #carriedBytes = 0;
  /** The text of `#windowOf` from `#windowAt` on. */
  #window = '';
  #windowAt = 0;
  #windowOf: Buffer | undefined;

  /** Forgets what was decoded: another chunk begins, perhaps in the same memory. */
  begin(): void {
    this.#windowOf = undefined;
  }

  /**
   * Reads on from `chunk[at]`. Returns the index after the line's LF, or -1 when the chunk ended first (its bytes are
   * kept). `offset` is that of `chunk[at]` in the reply, for messages.
   */
  read(chunk: Buffer, at: number, offset: number, limit: LineLimit, loneLfEnds: boolean): number {
    const lf = this.#findLf(chunk, at);
    const end = lf < 0 ? chunk.length : lf;
    const length = this.#carriedBytes + end - at;
    const lineOffset = offset - this.#carriedBytes;
    // One byte more than the limit may be the CR of the line's end.
    if (length > limit.limit + 1) throw tooLong(lineOffset, limit);
    if (lf < 0) {
      this.#carry(chunk.subarray(at), length);
      return -1;
    }
    const text = this.#text(chunk, at, lf);
    const crLf = text.charCodeAt(text.length - 1) === CR;
    const line = crLf ? text.slice(0, -1) : text;
    this.line = line;
    this.endLength = crLf ? 2 : 1;
    if (line.length > limit.limit) throw tooLong(lineOffset, limit);
    if (!crLf && !loneLfEnds)
      throw malformed(lineOffset + length, 'a lone LF ends a line of the chunked framing');
    if (line.includes('\r') || line.includes('\0')) {
      const bad = line.search(FORBIDDEN);
      throw malformed(lineOffset + bad, `a line holds ${line.charCodeAt(bad) === CR ? 'a lone CR' : 'NUL'}`);
    }
    return lf + 1;
  }

  /** Bytes of an unfinished line that are kept. */
  get pending(): number {
    return this.#carriedBytes;
  }

  #carry(bytes: Buffer, length: number): void {
    this.#carried.push(Buffer.from(bytes));
    this.#carriedBytes = length;
    // Fed byte by byte, a line would otherwise cost a Buffer a byte.
    if (this.#carried.length > 16) this.#carried = [Buffer.concat(this.#carried)];
  }

  /** The index of the next LF, or -1. */
  #findLf(chunk: Buffer, at: number): number {
    if (this.#windowOf !== chunk || at >= this.#windowAt + this.#window.length) this.#decode(chunk, at);
    const found = this.#window.indexOf('\n', at - this.#windowAt);
    if (found >= 0) return found + this.#windowAt;
    return chunk.indexOf('\n', this.#windowAt + this.#window.length, 'latin1');
  }

  #decode(chunk: Buffer, at: number): void {
    this.#windowOf = chunk;
    this.#windowAt = at;
    this.#window = chunk.toString('latin1', at, Math.min(chunk.length, at + WINDOW_BYTES));
  }

  #text(chunk: Buffer, at: number, lf: number): string {
    const from = at - this.#windowAt;
    const to = lf - this.#windowAt;
    const text = to <= this.#window.length ? this.#window.slice(from, to) : chunk.toString('latin1', at, lf);
    if (this.#carriedBytes === 0) return text;
    const before = Buffer.concat(this.#carried).toString('latin1');
    this.#carried = [];
    this.#carriedBytes = 0;
    return before + text;
  }
}

function tooLong(lineOffset: number, { limit, what, most }: LineLimit): Error {
  return malformed(lineOffset + limit, `${what} is longer than ${most} bytes`);
}
