import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHttpDate } from '../../src/http/http-date.js';

describe('readHttpDate()', () => {
  test.each([
    ['the preferred form', 'Sun, 06 Nov 1994 08:49:37 GMT'],
    ['that of RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT'],
    ["that of C's asctime()", 'Sun Nov  6 08:49:37 1994'],
  ])('reads %s (RFC 9110 §5.6.7)', (_, text) => {
    expect(readHttpDate(text)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
  });

  test.each([
    '',
    '0',
    '-1',
    'tomorrow',
    '1994-11-06',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 99 Foo 1994 08:49:37 GMT',
  ])('says of %j that it is none', (text) => {
    expect(readHttpDate(text)).toBeUndefined();
  });

  test('reads back every second that toUTCString() writes', () => {
    const seconds = fc.integer({ min: 0, max: Date.UTC(2200, 0) / 1000 });
    const property = fc.property(seconds, (at) => {
      expect(readHttpDate(new Date(at * 1000).toUTCString())).toBe(at * 1000);
    });
    fc.assert(property);
  });

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const ms = readHttpDate(text);
        expect(ms === undefined || Number.isFinite(ms)).toBe(true);
      }),
    );
  });
});
