import { isUtf8 } from 'node:buffer';

/** Bytes of one line, of one record of a CSV, of one element of a JSON array: more is a bad line, and is not kept. */
export const MAX_LINE = 64 * 1024;

/** A line, or another piece of a text that is one row. */
export interface Piece {
  /** Its number in the file, from 1. */
  readonly place: number;
  /** Without its LF; a CR before that is still there. '' where it is too long. */
  readonly text: string;
  /** What makes it no text that can be read; null for most. */
  readonly problem: string | null;
}

export const TOO_LONG = `longer than ${MAX_LINE} bytes`;

/** Cuts UTF-8 into lines that end with LF. Sans I/O: the lines are the same, however the bytes are split. */
export class LineSplitter {
  /** The beginning of a line whose end has not come. */
  readonly #begun: Buffer[] = [];
  #begunBytes = 0;
  /** The present line is too long already: what comes of it is dropped. */
  #dropping = false;
  #place = 1;

  /** The lines that `data` ends. */
  push(data: Buffer): Piece[] {
    const end = data.lastIndexOf(LF);
    if (end < 0) {
      this.#keep(data);
      return [];
    }
    const pieces: Piece[] = [];
    let start = 0;
    if (this.#dropping) {
      this.#dropping = false;
      start = data.indexOf(LF) + 1;
      pieces.push({ place: this.#place++, text: '', problem: TOO_LONG });
    }
    if (start <= end) this.#cut(this.#taken(data.subarray(start, end)), pieces);
    this.#keep(data.subarray(end + 1));
    return pieces;
  }

  /** The last line, where no LF ends it. */
  end(): Piece[] {
    const pieces: Piece[] = [];
    if (this.#dropping) pieces.push({ place: this.#place++, text: '', problem: TOO_LONG });
    else if (this.#begunBytes > 0) this.#cut(this.#taken(Buffer.alloc(0)), pieces);
    return pieces;
  }

  #keep(data: Buffer): void {
    if (this.#dropping || data.length === 0) return;
    this.#begun.push(data);
    this.#begunBytes += data.length;
    if (this.#begunBytes <= MAX_LINE) return;
    this.#dropping = true;
    this.#taken(data);
  }

  /** The line that was begun, and `data` behind it. */
  #taken(data: Buffer): Buffer {
    const whole = this.#begun.length === 0 ? data : Buffer.concat([...this.#begun, data]);
    this.#begun.length = 0;
    this.#begunBytes = 0;
    return whole;
  }

  /** `block` holds whole lines; the LF of the last is not in it. */
  #cut(block: Buffer, pieces: Piece[]): void {
    if (isUtf8(block) && !block.includes(0)) {
      // Decoded at once: a call for each line costs more than the line.
      for (const text of block.toString().split('\n')) {
        const problem = isTooLong(text) ? TOO_LONG : null;
        pieces.push({ place: this.#place++, text: problem === null ? text : '', problem });
      }
      return;
    }
    for (let start = 0; start <= block.length; ) {
      const found = block.indexOf(LF, start);
      const end = found < 0 ? block.length : found;
      pieces.push(pieceOf(block.subarray(start, end), this.#place++));
      start = end + 1;
    }
  }
}

/** The bytes as text, or what is wrong with them. */
export function pieceOf(bytes: Buffer, place: number): Piece {
  if (bytes.length > MAX_LINE) return { place, text: '', problem: TOO_LONG };
  const text = bytes.toString();
  if (!isUtf8(bytes)) return { place, text, problem: 'not valid UTF-8' };
  return { place, text, problem: text.includes('\0') ? 'a NUL in it' : null };
}

/** Of more than MAX_LINE bytes in UTF-8. */
export function isTooLong(text: string): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8.
  return text.length > MAX_LINE / 3 && Buffer.byteLength(text) > MAX_LINE;
}

const LF = 0x0a;
