import type { SluiceError } from '../../errors.js';
import type { ListRow } from '../row.js';
import type { JsonValues } from './json-values.js';
import { MAX_LINE, type Piece, pieceOf, TOO_LONG } from './lines.js';
import type { TextReader } from './text-reader.js';
import { unreadable } from './unreadable.js';

/**
 * A JSON text that is one array of objects or strings, never whole in memory. The bytes are only walked for brackets, strings and
 * commas to find where an element ends; what an element is, JSON.parse() says of each alone. So a bad element (`NaN`, a comma too many) is a bad row, and
 * only what leaves the end of an element in doubt is the end of the list.
 */
export class JsonArrayReader implements TextReader {
  readonly #splitter: ElementSplitter;

  constructor(
    private readonly values: JsonValues,
    list: string,
  ) {
    this.#splitter = new ElementSplitter(list);
  }

  push(data: Buffer): ListRow[] {
    return this.values.push(this.#splitter.push(data));
  }

  end(): ListRow[] {
    this.#splitter.end();
    return this.values.flush();
  }

  broken(): ListRow[] {
    return this.values.flush();
  }
}

/** Cuts an array's text into the texts of its elements. */
class ElementSplitter {
  /** 0 before the array and after it, 1 in it, more in what its elements hold. */
  #depth = 0;
  #state: 'before' | 'in' | 'after' = 'before';
  #inString = false;
  #escaped = false;
  /** The beginning of an element whose end has not come. */
  readonly #begun: Buffer[] = [];
  #begunBytes = 0;
  #dropping = false;
  #place = 1;
  /** Bytes before the present piece. */
  #offset = 0;
  #failure: SluiceError | undefined;

  constructor(private readonly list: string) {}

  /** The elements that `data` ends. */
  push(data: Buffer): Piece[] {
    if (this.#failure !== undefined) throw this.#failure;
    const pieces: Piece[] = [];
    let start = 0;
    for (let at = 0; at < data.length && this.#failure === undefined; at++) {
      const byte = data[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (this.#state !== 'in') {
        if (isSpace(byte)) continue;
        if (this.#state === 'after') this.#fail(at, 'something follows its array');
        else if (byte !== OPEN_ARRAY) this.#fail(at, NO_ARRAY);
        else {
          this.#state = 'in';
          this.#depth = 1;
          start = at + 1;
        }
      } else if (byte === QUOTE) {
        this.#inString = true;
      } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        this.#depth++;
      } else if (byte === COMMA && this.#depth === 1) {
        pieces.push(this.#element(data.subarray(start, at)));
        start = at + 1;
      } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        this.#depth--;
        if (this.#depth > 0) continue;
        if (byte === CLOSE_OBJECT) {
          this.#fail(at, `element ${this.#place} closes an object that it does not open`);
          break;
        }
        this.#state = 'after';
        const last = this.#element(data.subarray(start, at));
        // [] has no element; [1,] has an empty one.
        if (last.place > 1 || last.problem !== null || last.text.trim() !== '') pieces.push(last);
      }
    }
    if (this.#state === 'in') this.#keep(data.subarray(start));
    this.#offset += data.length;
    return pieces;
  }

  /** Throws where the array has not ended. */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state === 'after') return;
    throw unreadable(
      this.list,
      this.#state === 'before'
        ? NO_ARRAY
        : `it ends at byte ${this.#offset}, in element ${this.#place} of its array`,
    );
  }

  #fail(at: number, what: string): void {
    this.#failure = unreadable(this.list, `at byte ${this.#offset + at}, ${what}`);
  }

  #keep(data: Buffer): void {
    if (this.#dropping || data.length === 0) return;
    this.#begun.push(data);
    this.#begunBytes += data.length;
    this.#dropping = this.#begunBytes > MAX_LINE;
    if (this.#dropping) this.#begun.length = 0;
  }

  #element(rest: Buffer): Piece {
    const place = this.#place++;
    const dropped = this.#dropping;
    const bytes = this.#begun.length === 0 ? rest : Buffer.concat([...this.#begun, rest]);
    this.#begun.length = 0;
    this.#begunBytes = 0;
    this.#dropping = false;
    return dropped ? { place, text: '', problem: TOO_LONG } : pieceOf(bytes, place);
  }
}

const NO_ARRAY = 'it is no JSON array; of objects one a line the format is jsonl';

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
