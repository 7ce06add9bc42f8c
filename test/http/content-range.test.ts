import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readContentRange } from '../../src/http/content-range.js';

describe('readContentRange()', () => {
  test.each([
    ['bytes 0-499/1234', { enclosed: { first: 0, last: 499 }, total: 1234 }],
    ['bytes 500-1233/1234', { enclosed: { first: 500, last: 1233 }, total: 1234 }],
    ['Bytes  7-7/8', { enclosed: { first: 7, last: 7 }, total: 8 }],
    ['bytes 0-0/*', { enclosed: { first: 0, last: 0 }, total: undefined }],
    ['bytes */1234', { enclosed: undefined, total: 1234 }],
  ])('reads %j', (text, range) => {
    expect(readContentRange(text)).toEqual(range);
  });

  test.each([
    undefined,
    '',
    'bytes',
    'bytes 5-4/10',
    'bytes 0-10/10',
    'bytes 0-9',
    'bytes -5/10',
    'bytes 0-/10',
    'bytes */*',
    'items 0-9/10',
    'bytes 0-9/10, 20-29/30',
    'bytes 0-9999999999999999/99999999999999999',
    'bytes +0-9/10',
    'bytes 0x0-9/10',
  ])('says of %j that it is none', (text) => {
    expect(readContentRange(text)).toBeUndefined();
  });

  test('gives only ranges that lie in the whole, whatever the text', () => {
    const number = fc.oneof(fc.nat().map(String), fc.constant('*'), fc.constant(''));
    const text = fc.tuple(number, number, number).map(([a, b, c]) => `bytes ${a}-${b}/${c}`);
    const property = fc.property(text, (text) => {
      const range = readContentRange(text);
      if (range?.enclosed === undefined) return;
      const { first, last } = range.enclosed;
      expect(first).toBeLessThanOrEqual(last);
      if (range.total !== undefined) expect(last).toBeLessThan(range.total);
    });
    fc.assert(property);
  });
});
