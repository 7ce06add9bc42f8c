import { malformed } from './malformed.js';

const LF = 0x0a;
const CR = 0x0d;
const FORBIDDEN = /[\r\0]/;

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

  /**
   * Reads on from `chunk[at]`. Returns the index after the line's LF, or -1 when the chunk ended first (its bytes are
   * kept). `offset` is that of `chunk[at]` in the reply; `limit` is the longest line in bytes, and `overflow` says what
   * a longer one breaks.
   */
  read(
    chunk: Buffer,
    at: number,
    offset: number,
    limit: number,
    overflow: string,
    loneLfEnds: boolean,
  ): number {
    const lf = chunk.indexOf(LF, at);
    const end = lf < 0 ? chunk.length : lf;
    const length = this.#carriedBytes + end - at;
    const lineOffset = offset - this.#carriedBytes;
    // One byte more than the limit may be the CR of the line's end.
    if (length > limit + 1) throw malformed(lineOffset + limit, overflow);
    if (lf < 0) {
      this.#carry(chunk.subarray(at), length);
      return -1;
    }
    const text = this.#text(chunk, at, lf);
    const crLf = text.charCodeAt(text.length - 1) === CR;
    this.line = crLf ? text.slice(0, -1) : text;
    this.endLength = crLf ? 2 : 1;
    if (this.line.length > limit) throw malformed(lineOffset + limit, overflow);
    if (!crLf && !loneLfEnds)
      throw malformed(lineOffset + length, 'a lone LF ends a line of the chunked framing');
    const bad = this.line.search(FORBIDDEN);
    if (bad >= 0)
      throw malformed(lineOffset + bad, `a line holds ${text.charCodeAt(bad) === CR ? 'a lone CR' : 'NUL'}`);
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
    if (this.#carried.length > 64) this.#carried = [Buffer.concat(this.#carried)];
  }

  #text(chunk: Buffer, at: number, lf: number): string {
    if (this.#carriedBytes === 0) return chunk.toString('latin1', at, lf);
    this.#carried.push(chunk.subarray(at, lf));
    const text = Buffer.concat(this.#carried).toString('latin1');
    this.#carried = [];
    this.#carriedBytes = 0;
    return text;
  }
}
