import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutEvery, replay } from './replay.js';

const RUNS = { numRuns: 1500 };
const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** What came of chunks: a body and whether it was complete; or only that they were refused or cut. */
interface Decoded {
  readonly body: string;
  readonly outcome: 'complete' | 'reply-malformed' | 'cut-short';
}

/**
 * The chunked transfer coding (RFC 9112 §7.1), decoded the other way round: from all of the text at once, by the grammar as it stands there, with what
 * SUPPORTED-HTTP.md makes stricter.
 */
function decoded(text: string): Decoded {
  let body = '';
  let rest = text;
  for (;;) {
    const line = /^([^\n]*)\r\n/.exec(rest);
    // A line is judged when it is whole; a lone line feed makes it that, and wrong.
    if (line === null) return { body, outcome: rest.includes('\n') ? 'reply-malformed' : 'cut-short' };
    const match = SIZE.exec(line[1]!);
    if (match === null) return { body, outcome: 'reply-malformed' };
    const size = Number.parseInt(match[1]!, 16);
    rest = rest.slice(line[0].length);
    if (size === 0) return { body, outcome: trailersOf(rest) };
    body += rest.slice(0, size);
    if (rest.length < size + 2 && '\r\n'.startsWith(rest.slice(size))) return { body, outcome: 'cut-short' };
    if (rest.slice(size, size + 2) !== '\r\n') return { body, outcome: 'reply-malformed' };
    rest = rest.slice(size + 2);
  }
}

const SIZE = /^0*([0-9a-f]{1,13})([ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i;
/** A field line, or a fold of the one before. */
const FIELD = /^[!#$%&'*+.^_`|~0-9a-z-]+:[^\r\n\0]*$/i;

function trailersOf(text: string): Decoded['outcome'] {
  let rest = text;
  for (let first = true; ; first = false) {
    const line = /^([^\n]*)\r\n/.exec(rest);
    if (line === null) return rest.includes('\n') ? 'reply-malformed' : 'cut-short';
    if (line[1] === '') return 'complete';
    const isFold = !first && /^[ \t][^\r\n\0]*$/.test(line[1]!);
    if (!isFold && !FIELD.test(line[1]!)) return 'reply-malformed';
    rest = rest.slice(line[0].length);
  }
}

/** The same by the reader. */
function read(text: string, size: number): Decoded {
  const bytes = Buffer.from(HEAD + text, 'latin1');
  const { body, error, trailers } = replay('GET', cutEvery(bytes, size), true);
  if (trailers !== undefined) return { body, outcome: 'complete' };
  return { body, outcome: error!.code as Decoded['outcome'] };
}

const data = fc.string({
  unit: fc.constantFrom('a', '\r', '\n', '0', ';', '\xff'),
  minLength: 1,
  maxLength: 20,
});
const extension = fc.constantFrom('', '', '', ';a=b', ' ;a', '\t; "x;y"', ';');
const chunk = fc
  .tuple(data, fc.constantFrom('', '0', '0000'), fc.boolean(), extension)
  .map(([text, zeros, upperCase, more]) => {
    const size = text.length.toString(16);
    return { text, wire: `${zeros}${upperCase ? size.toUpperCase() : size}${more}\r\n${text}\r\n` };
  });
const trailers = fc.constantFrom('', '', 'A: b\r\n', 'A: b\r\n folded\r\nC:\r\n');
const coded = fc
  .tuple(fc.array(chunk, { maxLength: 6 }), fc.constantFrom('0', '000', '0;end'), trailers)
  .map(([chunks, last, fields]) => ({
    body: chunks.map(({ text }) => text).join(''),
    wire: `${chunks.map(({ wire }) => wire).join('')}${last}\r\n${fields}\r\n`,
  }));
const receive = fc.integer({ min: 1, max: 40 });

describe('ChunkedBody', () => {
  it('gives what was coded, at any size of receive', () => {
    fc.assert(
      fc.property(coded, receive, ({ body, wire }, size) => {
        expect(read(wire, size)).toEqual({ body, outcome: 'complete' });
      }),
      RUNS,
    );
  });

  it('is cut short wherever it ends before its end', () => {
    fc.assert(
      fc.property(coded, receive, fc.nat(), ({ body, wire }, size, at) => {
        const cut = read(wire.slice(0, at % wire.length), size);
        expect(cut.outcome).toBe('cut-short');
        expect(body.startsWith(cut.body)).toBe(true);
      }),
      RUNS,
    );
  });

  it('says of changed bytes what the grammar says, never more', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.constantFrom('', '\r', '\n', '\0', '0', '1', 'f', 'g', ';', ' ', '\t', '-', '+', 'x', '\r\n', ':'),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(
        coded,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        receive,
        ({ wire }, changes, size) => {
          let changed = wire;
          for (const [where, text, left] of changes) {
            const at = where % (changed.length + 1);
            changed = changed.slice(0, at) + text + changed.slice(at + left);
          }
          expect(read(changed, size)).toEqual(decoded(changed));
        },
      ),
      { numRuns: 4000 },
    );
  });
});
