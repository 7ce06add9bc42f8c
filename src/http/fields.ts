import { malformed, quoted } from './malformed.js';

/** One field line: its name as sent, its value without the white space around it. */
export type Field = readonly [name: string, value: string];

/** field-name = token (RFC 9110 §5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether `text` is a token: what methods and field names are made of (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Names that were found to be tokens, with their lower-case form: servers send the same few again and again. No more are
 * kept than this, and none that is long.
 */
const KNOWN_NAMES = new Map<string, string>();
const MOST_KNOWN_NAMES = 256;
const LONGEST_KNOWN_NAME = 40;

/** The lower-case form of a field name, or undefined where it is none. */
function lowerCaseName(name: string): string | undefined {
  const known = KNOWN_NAMES.get(name);
  if (known !== undefined) return known;
  if (!TOKEN.test(name)) return undefined;
  const lowerCase = name.toLowerCase();
  if (KNOWN_NAMES.size < MOST_KNOWN_NAMES && name.length <= LONGEST_KNOWN_NAME)
    KNOWN_NAMES.set(name, lowerCase);
  return lowerCase;
}

/** The field lines of a head or a trailer section: order and duplicates kept, names compared without regard to case. */
export class Fields implements Iterable<Field> {
  readonly #lines: Field[] = [];
  readonly #names: string[] = [];
  #lineCount = 0;

  get count(): number {
    return this.#lines.length;
  }

  /** Lines that the fields came in, folded ones among them. */
  get lineCount(): number {
    return this.#lineCount;
  }

  append(name: string, value: string, lowerCaseName = name.toLowerCase()): void {
    this.#lines.push([name, value]);
    this.#names.push(lowerCaseName);
    this.#lineCount++;
  }

  /** Obsolete line folding (RFC 9112 §5.2): the continuation is joined to the last value by one space. */
  continueLast(text: string): void {
    const [name, value] = this.#lines.pop() as Field;
    this.#lines.push([name, value === '' ? text : text === '' ? value : `${value} ${text}`]);
    this.#lineCount++;
  }

  /** The first value under this lower-case name. */
  first(name: string): string | undefined {
    const index = this.#names.indexOf(name);
    return index < 0 ? undefined : this.#lines[index]?.[1];
  }

  /** Every value under this lower-case name, in order. */
  all(name: string): string[] {
    const values: string[] = [];
    for (let i = this.#names.indexOf(name); i >= 0; i = this.#names.indexOf(name, i + 1))
      values.push(this.#lines[i]![1]);
    return values;
  }

  /** The members of a comma-separated list field, lower-cased, empty members left out (RFC 9110 §5.6.1). */
  members(name: string): string[] {
    const members: string[] = [];
    for (const value of this.all(name)) {
      for (const member of value.split(',')) {
        const trimmed = trimOws(member).toLowerCase();
        if (trimmed !== '') members.push(trimmed);
      }
    }
    return members;
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  [Symbol.iterator](): Iterator<Field> {
    return this.#lines[Symbol.iterator]();
  }

  toArray(): Field[] {
    return [...this.#lines];
  }
}

/** OWS = *( SP / HTAB ) (RFC 9110 §5.6.3); String.trim would take other bytes too. */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * field-line = field-name ":" OWS field-value OWS (RFC 9112 §5). No white space before the colon (§5.1: a proxy that
 * reads it otherwise is how responses are split). A line that begins with white space continues the one before (§5.2).
 */
export function readFieldLine(line: string, offset: number, into: Fields): void {
  const first = line.charCodeAt(0);
  if (isOws(first)) {
    if (into.count === 0) throw malformed(offset, 'white space begins the first field line');
    into.continueLast(trimOws(line));
    return;
  }
  const colon = line.indexOf(':');
  if (colon < 0) throw malformed(offset, `the field line ${quoted(line)} has no colon`);
  const name = line.slice(0, colon);
  const lowerCase = lowerCaseName(name);
  if (lowerCase === undefined) {
    const spaced = /[ \t]$/.test(name);
    throw malformed(
      offset,
      spaced ? `white space stands before the colon of ${quoted(name)}` : `${quoted(name)} is no field name`,
    );
  }
  into.append(name, trimOws(line.slice(colon + 1)), lowerCase);
}
