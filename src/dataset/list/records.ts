import { MAX_LINE, type Piece } from './lines.js';

/** One record of a CSV or TSV: a line, or several where a quoted field has line ends in it. */
export interface CsvRecord {
  /** The number of its first line. */
  readonly place: number;
  /** Empty where there is a problem. */
  readonly fields: readonly string[];
  readonly problem: string | null;
}

/**
 * Makes records of lines (RFC 4180): a field that begins with a quote ends with one, and a quote in it is doubled. Quotes within a field that does not
 * begin with one are characters like any other, as all readers have it. Blank lines are no records.
 *
 * A record whose quotes are broken costs one line: reading goes on with the line after its first, so that one quote too many does not take the
 * rest of the file with it.
 */
export class RecordAssembler {
  /** The lines of the record whose last quote is still open, and how many characters they are. */
  #open: Piece[] = [];
  #openLength = 0;
  /** Of that record: the fields that are whole, and what has come of the one that is not. */
  #fields: string[] = [];
  #quoted: string | null = null;

  constructor(private readonly delimiter: ',' | '\t') {}

  /** The records that `lines` make whole. */
  push(lines: readonly Piece[]): CsvRecord[] {
    const records: CsvRecord[] = [];
    for (const line of lines) {
      if (this.#open.length === 0 && line.problem === null && !line.text.includes(QUOTE)) {
        const text = withoutCr(line.text);
        if (text !== '')
          records.push({ place: line.place, fields: text.split(this.delimiter), problem: null });
      } else this.#scan([line], records);
    }
    return records;
  }

  /** The records that are whole when no line comes any more. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#open.length > 0) {
      const stack: Piece[] = [];
      this.#giveUp('a quote is not closed', records, stack);
      this.#scan(stack, records);
    }
    return records;
  }

  /** `stack` holds the lines to come, the next one last. */
  #scan(stack: Piece[], records: CsvRecord[]): void {
    for (let line = stack.pop(); line !== undefined; line = stack.pop()) {
      if (line.problem !== null) {
        if (this.#open.length > 0) {
          stack.push(line);
          this.#giveUp('a quote is not closed', records, stack);
        } else records.push({ place: line.place, fields: [], problem: line.problem });
        continue;
      }
      if (this.#open.length === 0 && withoutCr(line.text) === '') continue;
      this.#open.push(line);
      this.#openLength += line.text.length + 1;
      const state = this.#take(line.text);
      if (state === 'whole') {
        records.push({ place: this.#open[0]!.place, fields: this.#fields, problem: null });
        this.#reset();
      } else if (state === 'broken') this.#giveUp('something follows a closing quote', records, stack);
      else if (this.#openLength > MAX_LINE) this.#giveUp('a quote is not closed', records, stack);
    }
  }

  /** Takes up one line of the record. */
  #take(text: string): 'whole' | 'open' | 'broken' {
    let at = 0;
    for (;;) {
      if (this.#quoted === null) {
        if (text[at] !== QUOTE) {
          const end = text.indexOf(this.delimiter, at);
          this.#fields.push(end < 0 ? withoutCr(text.slice(at)) : text.slice(at, end));
          if (end < 0) return 'whole';
          at = end + 1;
          continue;
        }
        this.#quoted = '';
        at++;
      }
      const quote = text.indexOf(QUOTE, at);
      if (quote < 0) {
        this.#quoted += `${text.slice(at)}\n`;
        return 'open';
      }
      this.#quoted += text.slice(at, quote);
      at = quote + 1;
      if (text[at] === QUOTE) {
        this.#quoted += QUOTE;
        at++;
        continue;
      }
      this.#fields.push(this.#quoted);
      this.#quoted = null;
      if (withoutCr(text.slice(at, at + 2)) === '') return 'whole';
      if (text[at] !== this.delimiter) return 'broken';
      at++;
    }
  }

  /** The first line of the open record is a bad one; the others are read again. */
  #giveUp(problem: string, records: CsvRecord[], stack: Piece[]): void {
    const [first, ...others] = this.#open;
    records.push({ place: first!.place, fields: [], problem });
    for (const line of others.reverse()) stack.push(line);
    this.#reset();
  }

  #reset(): void {
    this.#open = [];
    this.#openLength = 0;
    this.#fields = [];
    this.#quoted = null;
  }
}

function withoutCr(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

const QUOTE = '"';
