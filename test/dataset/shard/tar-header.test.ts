import fc from 'fast-check';
import { Header } from 'tar/header';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, headerOf } from '../../../src/dataset/shard/tar-header.js';

const NEAR_EIGHT_GIB = 8 * 1024 ** 3;

const anyName = fc.oneof(
  fc
    .tuple(fc.nat(10 ** 12), fc.constantFrom('jpg', 'json', 'txt'))
    .map(([key, extension]) => `${key}.${extension}`),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }).filter((name) => !name.includes('\0')),
);
const anySize = fc.oneof(
  fc.nat(50_000_000),
  fc.integer({ min: NEAR_EIGHT_GIB / 8 - 2, max: NEAR_EIGHT_GIB / 8 + 2 }),
  fc.integer({ min: NEAR_EIGHT_GIB - 2, max: NEAR_EIGHT_GIB + 2 }),
);
const anyTime = fc.date({
  min: new Date('1970-01-01'),
  max: new Date('2200-01-01'),
  noInvalidDate: true,
});

describe('A header of a tar', () => {
  test('is byte for byte what node-tar makes of the same, whatever came before', () => {
    const property = fc.property(
      fc.array(fc.tuple(anyName, anySize, anyTime), { minLength: 1, maxLength: 4 }),
      (members) => {
        for (const [name, size, modified] of members) {
          const expected = Buffer.alloc(BLOCK_BYTES);
          new Header({
            path: name,
            size,
            mtime: modified,
            type: 'File',
            mode: 0o644,
            uid: 0,
            gid: 0,
          }).encode(expected);
          expect(headerOf(name, size, modified).equals(expected)).toBe(true);
        }
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  test('is read again as it was', () => {
    const { path, size, mtime, cksumValid } = new Header(
      headerOf('000010042.jpg', 36_417, new Date(1_700_000_000_000)),
    );
    expect({ path, size, mtime, cksumValid }).toEqual({
      path: '000010042.jpg',
      size: 36_417,
      mtime: new Date(1_700_000_000_000),
      cksumValid: true,
    });
  });
});
