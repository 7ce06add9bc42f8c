import { describe, expect, test } from 'vitest';
import { shownBytes } from '../src/quantities.js';

describe('shownBytes()', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [36_140, '36.1 kB'],
    [999_400, '999 kB'],
    [999_600, '1.00 MB'],
    [1_050_000_000, '1.05 GB'],
    [5_000_000_000_000_000, '5.00 PB'],
  ])('%i is %s', (value, shown) => expect(shownBytes(value)).toBe(shown));
});
