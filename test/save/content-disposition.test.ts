import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseFileName, safeName } from '../../src/save/file-name.js';
import { hostileName, JPEG, offer, unfit } from './hostile-names.js';

const RUNS = { numRuns: 1500 };
const PATH = 'http://h/path.jpg';
const LATIN_1 = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** What Content-Disposition is made of, in any order, and anything between. */
const fieldValue = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['attachment', 'inline', ';', ';', '=', '"', '"', '\\', "'", "''", '%', '%2e%2e%2f', '%00', '*'],
        ...[
          'filename',
          'filename*',
          'FILENAME=',
          'filename=',
          "filename*=UTF-8''",
          "filename*=iso-8859-1'en'",
        ],
        ...['filename*0=', 'filename*1=', 'name=', ' ', '\t', ',', '=?utf-8?B?Li4v?='],
        ...['../', '..\\', '/etc/passwd', 'a.jpg', '.', '\x1b[2J', 'CON', '\xc3\xa9', '\xff'],
      ),
      fc.string({ unit: fc.constantFrom(...LATIN_1), maxLength: 6 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** The name of which only its safe part is left, with the picture's extension; where nothing is left, that of the path. */
function expected(name: string): string {
  return safeName(name) === '' ? 'path.jpg' : chooseFileName(offer(`http://h/${percentEncoded(name)}`, JPEG));
}

describe('Content-Disposition (RFC 6266)', () => {
  test('gives a name that fits any directory, whatever the field holds', () => {
    const property = fc.property(fieldValue, fc.constantFrom(JPEG, undefined), (value, type) => {
      const name = chooseFileName(offer(PATH, type, value));
      expect(unfit(name)).toBe('');
      if (type !== undefined) expect(name).toMatch(/\.(jpe?g|jpe|jfif|jif|mpo)$/i);
    });
    fc.assert(property, RUNS);
  });

  test('gives by filename* the name that was encoded', () => {
    const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), hostileName());
    const property = fc.property(names, (name) => {
      const meant = name.toWellFormed();
      const value = `attachment; filename=fallback.jpg; filename*=UTF-8''${percentEncoded(meant)}`;
      expect(chooseFileName(offer(PATH, JPEG, value))).toBe(expected(meant));
    });
    fc.assert(property, RUNS);
  });

  test('gives by filename the name that was quoted', () => {
    const visible = LATIN_1.filter((character) => character >= ' ' && character < '\x7f');
    const property = fc.property(fc.string({ unit: fc.constantFrom(...visible), maxLength: 300 }), (name) => {
      const quoted = name.replace(/["\\]/g, '\\$&');
      expect(chooseFileName(offer(PATH, JPEG, `attachment; filename="${quoted}"`))).toBe(expected(name));
    });
    fc.assert(property, RUNS);
  });
});

describe('The last segment of a URL', () => {
  test('gives one name, however its characters are spelled', () => {
    const names = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), hostileName());
    const property = fc.property(names, fc.boolean(), (name, upperCase) => {
      const meant = name.toWellFormed();
      const encoded = percentEncoded(meant);
      const spelled = upperCase ? encoded.toUpperCase() : encodeURIComponent(meant);
      // A segment of dots is none: the URL's parser resolves it, encoded or not (WHATWG URL, "double-dot path segment").
      fc.pre(!/^\.{1,2}$/.test(meant));
      expect(chooseFileName(offer(`http://h/a/${spelled}?q=/../x#/y`, JPEG))).toBe(
        chooseFileName(offer(`http://h/${encoded}`, JPEG)),
      );
    });
    fc.assert(property, RUNS);
  });
});
