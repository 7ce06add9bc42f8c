import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyDigits, keyOf, placeOf, shardName } from '../../../src/dataset/shard/key.js';

describe('keyOf()', () => {
  test.each([
    [10_000, 0, 0, '000000000'],
    [10_000, 12, 345, '000120345'],
    [1000, 12, 345, '00012345'],
    [1001, 12, 345, '000120345'],
    [100_000, 3, 99_999, '0000399999'],
    [10, 7, 9, '000079'],
    [2, 7, 1, '000071'],
    [1, 7, 0, '00007'],
    [10_000, 123_456, 7, '1234560007'],
  ])('with %i rows a shard calls row %#: shard %i, place %i, %s', (shardSize, shard, place, key) => {
    const digits = keyDigits(shardSize);
    expect(keyOf(shard, place, digits)).toBe(key);
    // img2dataset: ceil(log10(shard size)) digits for the place, the rest for the shard.
    expect(key).toBe(String(shard * 10 ** digits.place + place).padStart(digits.place + 5, '0'));
  });

  test('gives names more than five digits only where that many shards are known of', () => {
    expect(shardName(12, keyDigits(10))).toBe('00012');
    expect(shardName(12, keyDigits(10, 100_000))).toBe('00012');
    expect(shardName(12, keyDigits(10, 100_001))).toBe('000012');
    expect(shardName(1_234_567, keyDigits(10))).toBe('1234567');
  });

  test('is taken apart again by placeOf(), and sorts as the list does', () => {
    const size = fc.integer({ min: 1, max: 10 ** 7 });
    fc.assert(
      fc.property(size, fc.nat(99_999), fc.nat(), fc.nat(), (shardSize, shard, a, b) => {
        const digits = keyDigits(shardSize);
        const [one, other] = [a % shardSize, b % shardSize];
        expect(placeOf(keyOf(shard, one, digits), digits)).toEqual({ shard, place: one });
        if (one < other) expect(keyOf(shard, one, digits) < keyOf(shard, other, digits)).toBe(true);
      }),
    );
  });
});
