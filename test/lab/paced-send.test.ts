import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inSends } from '../../src/lab/paced-send.js';

describe('inSends()', () => {
  it('cuts pieces of any length into sends of exactly the size, the last one shorter, and changes no byte', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 50 }), (given, size) => {
        // The buffer is used again: each send is copied when it comes.
        const sends = Array.from(inSends(given, size), (bytes) => Buffer.from(bytes));
        expect(Buffer.concat(sends)).toEqual(Buffer.concat(given));
        expect(sends.slice(0, -1).every(({ length }) => length === size)).toBe(true);
        expect(sends.every(({ length }) => length > 0 && length <= size)).toBe(true);
      }),
    );
  });
});
