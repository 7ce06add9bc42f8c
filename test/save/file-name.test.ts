import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseFileName, numbered, safeName } from '../../src/save/file-name.js';
import { hostileName, JPEG, offer, PNG, unfit } from './hostile-names.js';

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
    [`attachment; filename="${Buffer.from('\u5199\u771f.jpg').toString('latin1')}"`, '\u5199\u771f.jpg'],
    ['attachment; filename="caf\u00e9.jpg"', 'caf\u00e9.jpg'],
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
