/**
 * The outline of an XML document: where its tags begin and end, what the root element is called, and where it is
 * closed. Nothing but the root's name and its attributes is kept, and those only to a fixed length.
 *
 * 1. Before the root: white space, `<?...?>`, `<!--...-->`, one `<!DOCTYPE ...>` (XML 1.0 §2.8).
 * 2. A document type may hold an internal subset in brackets, whose declarations hold quoted text that may contain
 *    any of `[ ] < >` (§2.8, §4.2).
 * 3. A quoted attribute value may contain `>` (§2.3); comments and CDATA may contain anything but their own end.
 * 4. Elements are counted, their names are not compared: a wrong end tag is a fault of the picture, not a cut.
 * 5. Entities are not expanded. One that would open or close the root element is not seen.
 * 6. UTF-8 and the charsets that agree with ASCII in the bytes of markup are read byte by byte; UTF-16 with or
 *    without a byte order mark by units of two bytes (§F.1). ISO-2022 and EBCDIC are not followed.
 */

export type XmlCharset = 'ascii-compatible' | 'utf-16le' | 'utf-16be';

/** The charset by a document's first two bytes, and how many bytes of byte order mark stand before the text. */
export function xmlEncoding(
  prefix: Uint8Array,
): { readonly charset: XmlCharset; readonly bomLength: number } | 'more' | 'unknown' {
  const [first, second, third] = prefix;
  if (first === undefined) return 'more';
  if (first === 0xef) {
    if (second === undefined) return 'more';
    if (second !== 0xbb || (third !== undefined && third !== 0xbf)) return 'unknown';
    return third === undefined ? 'more' : { charset: 'ascii-compatible', bomLength: 3 };
  }
  const little = first === 0xff || first === 0x3c;
  const big = first === 0xfe || first === 0x00;
  if (little || big) {
    if (second === undefined) return 'more';
    if (first === 0xff && second === 0xfe) return { charset: 'utf-16le', bomLength: 2 };
    if (first === 0xfe && second === 0xff) return { charset: 'utf-16be', bomLength: 2 };
    if (first === 0x3c && second === 0x00) return { charset: 'utf-16le', bomLength: 0 };
    if (first === 0x00 && second === 0x3c) return { charset: 'utf-16be', bomLength: 0 };
  }
  return first === 0x3c || isSpace(first) ? { charset: 'ascii-compatible', bomLength: 0 } : 'unknown';
}

type State =
  | 'content'
  | 'markup'
  | 'bang'
  | 'comment'
  | 'cdata'
  | 'instruction'
  | 'doctype name'
  | 'doctype'
  | 'subset'
  | 'subset markup'
  | 'subset bang'
  | 'declaration'
  | 'tag name'
  | 'tag'
  | 'empty tag'
  | 'end tag';

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const DASH = 0x2d;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const TAG_STATES: ReadonlySet<State> = new Set(['tag name', 'tag', 'empty tag', 'end tag']);

/** What may follow `<!` outside the internal subset. */
const BANGS = ['--', '[CDATA[', 'DOCTYPE'];
/** In characters: of longer names and values only this much is kept. */
const KEPT = 256;

export class XmlOutline {
  /** The root element's name, once it was read whole. */
  root: string | undefined;
  /** The name that the document type declares for the root. */
  doctype: string | undefined;
  /** The root element's attributes, unexpanded. */
  readonly attributes = new Map<string, string>();
  /** The root element's start tag was read whole. */
  opened = false;
  /** The root element is closed: the document is whole but for comments. */
  closed = false;
  /** Why this can't be XML. */
  failure: string | undefined;

  readonly #charset: XmlCharset;
  #half = -1;
  #state: State = 'content';
  /** Where a comment or an instruction leads back to. */
  #back: State = 'content';
  #depth = 0;
  /** The quote that ends the value that is being read; 0 outside of one. */
  #quote = 0;
  /** How many characters of the end sequence stand just before: dashes, brackets, a question mark. */
  #run = 0;
  #word = '';
  #name = '';

  constructor(charset: XmlCharset) {
    this.#charset = charset;
  }

  /** Takes the next byte; does nothing once the root is closed or the document failed. */
  push(byte: number): void {
    if (this.#charset === 'ascii-compatible') {
      this.#take(byte);
    } else if (this.#half < 0) {
      this.#half = byte;
    } else {
      const unit = this.#charset === 'utf-16le' ? (byte << 8) | this.#half : (this.#half << 8) | byte;
      this.#half = -1;
      this.#take(unit);
    }
  }

  #take(code: number): void {
    if (this.closed || this.failure !== undefined) return;
    if (this.#quote !== 0) this.#quoted(code);
    else if (this.#state === 'content') this.#content(code);
    else if (this.#state === 'markup') this.#markup(code);
    else if (this.#state === 'bang') this.#bang(code);
    else if (this.#state === 'comment') this.#until(code, DASH, 2, this.#back);
    else if (this.#state === 'cdata') this.#until(code, CLOSE_BRACKET, 2, 'content');
    else if (this.#state === 'instruction') this.#until(code, QUESTION, 1, this.#back);
    else if (TAG_STATES.has(this.#state)) this.#tag(code);
    else this.#documentType(code);
  }

  #content(code: number): void {
    if (code === LESS) this.#state = 'markup';
    else if (this.#depth === 0 && !isSpace(code)) this.failure = 'text stands before the root element';
  }

  #markup(code: number): void {
    this.#word = '';
    this.#back = 'content';
    if (code === SLASH) this.#state = 'end tag';
    else if (code === 0x21) this.#state = 'bang';
    else if (code === QUESTION) this.#begin('instruction');
    else if (isNameStart(code)) {
      this.#state = 'tag name';
      this.#word = String.fromCharCode(code);
    } else this.failure = 'a "<" begins no tag';
  }

  #bang(code: number): void {
    this.#word += String.fromCharCode(code);
    if (this.#word === '--') this.#begin('comment');
    else if (this.#word === '[CDATA[' && this.#depth > 0) this.#begin('cdata');
    else if (this.#word === 'DOCTYPE' && this.root === undefined && this.doctype === undefined) {
      this.#word = '';
      this.#state = 'doctype name';
    } else if (!BANGS.some((bang) => bang.startsWith(this.#word) && bang !== this.#word)) {
      this.failure = 'a "<!" begins neither a comment nor CDATA nor the document type';
    }
  }

  #begin(state: State): void {
    this.#state = state;
    this.#run = 0;
  }

  #until(code: number, mark: number, count: number, next: State): void {
    if (code === GREATER && this.#run >= count) this.#state = next;
    else this.#run = code === mark ? this.#run + 1 : 0;
  }

  #documentType(code: number): void {
    if (this.#state === 'doctype name') {
      const ends = isSpace(code) || code === GREATER || code === OPEN_BRACKET;
      if (!ends && this.#word.length < KEPT) this.#word += String.fromCharCode(code);
      if (!ends || (this.#word === '' && isSpace(code))) return;
      this.doctype = this.#word;
      this.#state = 'doctype';
    }
    if (this.#state === 'doctype') {
      if (code === OPEN_BRACKET) this.#state = 'subset';
      else if (code === GREATER) this.#state = 'content';
      else if (isQuote(code)) this.#quote = code;
    } else if (this.#state === 'subset') {
      if (code === CLOSE_BRACKET) this.#state = 'doctype';
      else if (code === LESS) this.#state = 'subset markup';
    } else if (this.#state === 'subset markup') {
      this.#back = 'subset';
      this.#word = '';
      if (code === QUESTION) this.#begin('instruction');
      else if (code === 0x21) this.#state = 'subset bang';
      else this.failure = 'a "<" begins no declaration in the document type';
    } else if (this.#state === 'subset bang') {
      if (code !== DASH) this.#state = 'declaration';
      else if (this.#word === '-') this.#begin('comment');
      else this.#word = '-';
    } else if (code === GREATER) this.#state = 'subset';
    else if (isQuote(code)) this.#quote = code;
  }

  #tag(code: number): void {
    if (code === LESS) {
      this.failure = 'a "<" stands inside a tag';
    } else if (this.#state === 'end tag') {
      if (code !== GREATER) return;
      if (this.#depth === 0) this.failure = 'an end tag stands before the root element';
      else this.#leave();
    } else if (this.#state === 'empty tag') {
      if (code === GREATER) this.#leave();
      else this.#state = 'tag';
    } else if (this.#state === 'tag name' && code !== GREATER && code !== SLASH && !isSpace(code)) {
      if (this.#word.length < KEPT) this.#word += String.fromCharCode(code);
    } else {
      if (this.#state === 'tag name') {
        this.root ??= this.#word;
        this.#depth += 1;
        this.#state = 'tag';
        this.#name = '';
      }
      this.#insideTag(code);
    }
  }

  #insideTag(code: number): void {
    if (code === GREATER) {
      this.opened = true;
      this.#state = 'content';
    } else if (code === SLASH) {
      this.#state = 'empty tag';
    } else if (isQuote(code)) {
      this.#quote = code;
      this.#word = '';
    } else if (!this.opened && code !== EQUALS && !isSpace(code) && this.#name.length < KEPT) {
      this.#name += String.fromCharCode(code);
    }
  }

  #quoted(code: number): void {
    if (code !== this.#quote) {
      if (!this.opened && this.#word.length < KEPT) this.#word += String.fromCharCode(code);
      return;
    }
    this.#quote = 0;
    if (this.opened || this.#state !== 'tag') return;
    if (!this.attributes.has(this.#name) && this.attributes.size < KEPT)
      this.attributes.set(this.#name, this.#word);
    this.#name = '';
  }

  #leave(): void {
    this.opened = true;
    this.#depth -= 1;
    this.#state = 'content';
    this.closed = this.#depth === 0;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE;
}

function isNameStart(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x5f ||
    code === 0x3a ||
    code > 0x7f
  );
}
