import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Offer } from '../../src/body/sink.js';
import { Fields } from '../../src/http/fields.js';
import { type ImageType, LONGEST_SIGNATURE, sniff } from '../../src/image/signature.js';
import { chooseFileName, numbered, safeName } from '../../src/save/file-name.js';
import { picture } from '../support/pictures.js';

function typeOf(fixture: string): ImageType {
  const type = sniff(picture(fixture).subarray(0, LONGEST_SIGNATURE));
  if (typeof type !== 'object') throw new Error(`${fixture} has no signature`);
  return type;
}

const JPEG = typeOf('jpeg-baseline-70x46.jpg');
const PNG = typeOf('png-rgb-70x46.png');

function offer(url: string, type?: ImageType, disposition?: string): Offer {
  const fields = new Fields();
  if (disposition !== undefined) fields.append('Content-Disposition', disposition);
  return {
    url: new URL(url),
    requestedUrl: 'http://127.0.0.1/',
    type,
    signal: undefined,
    head: {
      httpVersion: '1.1',
      status: 200,
      reason: 'OK',
      fields,
      lines: [],
      headerBytes: 0,
      framing: { kind: 'close' },
    },
  };
}

describe('chooseFileName()', () => {
  test.each([
    ['http://h/a/cover.jpg', JPEG, 'cover.jpg'],
    ['http://h/a/cover.JPEG?size=2#x', JPEG, 'cover.JPEG'],
    ['http://h/cover.png', JPEG, 'cover.jpg'],
    ['http://h/cover.jpg', PNG, 'cover.png'],
    ['http://h/image.php?id=3', PNG, 'image.png'],
    ['http://h/v1.2', PNG, 'v1.2.png'],
    ['http://h/cover', JPEG, 'cover.jpg'],
    ['http://h/', JPEG, 'image.jpg'],
    ['http://h/', undefined, 'download'],
    ['http://h/readme.txt', undefined, 'readme.txt'],
    ['http://h/sch%C3%B6n%20und%20gut.jpg', JPEG, 'sch\u00f6n und gut.jpg'],
    ['http://h/%ff%fe.jpg', JPEG, '%ff%fe.jpg'],
    ['http://h/a%2Fb%5Cc.jpg', JPEG, 'c.jpg'],
    ['http://h/%2e%2e%2f', undefined, 'download'],
    ['http://h/.htaccess', undefined, 'htaccess'],
    ['http://h/con.png', PNG, '_con.png'],
  ])('names %s by its path and its bytes', (url, type, name) => {
    expect(chooseFileName(offer(url, type))).toBe(name);
  });

  test.each([
    ['attachment; filename="my cover.jpg"', 'my cover.jpg'],
    ['attachment; filename="../../etc/passwd"', 'passwd.jpg'],
    ['inline; filename=x.png', 'x.jpg'],
    ['attachment; filename="fallback.jpg"; filename*=UTF-8\'\'%e2%82%ac.jpg', '\u20ac.jpg'],
    ['attachment', 'path.jpg'],
    ['"""', 'path.jpg'],
    ['attachment; filename="..\\\\..\\\\boot.jpg"', 'boot.jpg'],
  ])('prefers Content-Disposition %s (RFC 6266)', (disposition, name) => {
    expect(chooseFileName(offer('http://h/path.jpg', JPEG, disposition))).toBe(name);
  });

  test.each([
    ['attachment; filename=""', 'http://h/path.jpg', 'path.jpg'],
    ['attachment; filename="/"', 'http://h/path.jpg', 'path.jpg'],
    ['attachment; filename=".."', 'http://h/path.jpg', 'path.jpg'],
    ['attachment; filename=" . -. "', 'http://h/path.jpg', 'path.jpg'],
    ["attachment; filename*=UTF-8''%2e%2e%2f", 'http://h/path.jpg', 'path.jpg'],
    ['attachment; filename=""', 'http://h/', 'image.jpg'],
    ['attachment; filename="a/.."', 'http://h/%2e%2e%2f', 'image.jpg'],
  ])('passes over Content-Disposition %s, of which no name is left, for %s', (disposition, url, name) => {
    expect(chooseFileName(offer(url, JPEG, disposition))).toBe(name);
  });

  test('is download where neither source has a name and the bytes have no type', () => {
    expect(chooseFileName(offer('http://h/', undefined, 'attachment; filename=".."'))).toBe('download');
  });

  test('gives a name that fits any directory, whatever the network says', () => {
    const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), hostileName());
    const property = fc.property(names, fc.constantFrom(JPEG, PNG, undefined), (name, type) => {
      const url = `http://h/${encodeURIComponent(name.toWellFormed())}`;
      const chosen = chooseFileName(offer(url, type));
      expect(unfit(chosen)).toBe('');
      if (type !== undefined) expect(chosen).toMatch(/\.[a-z0-9]+$/i);
    });
    fc.assert(property, { numRuns: 1500 });
  });
});

/** Names made of what file systems, shells and terminals mind. */
function hostileName(): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    ...['..', '.', '/', '\\', ' ', '-', '\n', '\0', '\u001b[31m', '\u202e', '\u0085', ':', '*', '~', '%'],
    ...['con', 'NUL', 'aux', 'com1', '.jpg', '.php', '.part', 'x'.repeat(120), '\u{1f600}'.repeat(40)],
    ...['\ud800', 'e\u0301', '\u061c', '\ufeff', '\u2028'],
  );
  return fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
}

/** What makes `name` unfit; '' for nothing. */
function unfit(name: string): string {
  if (name === '') return 'empty';
  if (/^[.-]/.test(name)) return 'begins with a dot or hyphen';
  if (/^\s|[\s.]$/.test(name)) return 'begins or ends with white space, or ends with a dot';
  if (/[/\\:*?"<>|]/.test(name)) return 'separator or what Windows forbids';
  if (/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u.test(name)) return 'control';
  if (!name.isWellFormed()) return 'lone surrogate';
  if (/^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/i.test(name)) return 'a device';
  if (Buffer.byteLength(`${numbered(name, 9999)}.part`) > 255) return 'too long';
  return '';
}

describe('safeName()', () => {
  test('is fit or empty for any text, and leaves its own results as they are', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), hostileName());
    const property = fc.property(text, (name) => {
      const safe = safeName(name);
      if (safe !== '') expect(unfit(safe)).toBe('');
      expect(safeName(safe)).toBe(safe);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('cuts a long name between characters and keeps its extension', () => {
    const safe = safeName(`${'\u{1f600}'.repeat(100)}.jpeg`);
    expect(safe).toMatch(/^\u{1f600}+\.jpeg$/u);
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(230);
  });
});

describe('numbered()', () => {
  test('puts the number before the extension', () => {
    expect([0, 1, 12].map((n) => numbered('cover.jpg', n))).toEqual([
      'cover.jpg',
      'cover.1.jpg',
      'cover.12.jpg',
    ]);
    expect(numbered('cover', 1)).toBe('cover.1');
  });
});
