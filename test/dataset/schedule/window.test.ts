import { expect, test } from 'vitest';
import { opensShard } from '../../../src/dataset/schedule/window.js';

const WINDOW = { mostShards: 3, mostRows: 100 };

test.each([
  ['the first, whatever is wanted', 0, 0, 0, true],
  ['another when rows are wanted', 5, 40, 1, true],
  ['none when none are wanted', 0, 40, 1, false],
  ['none when too many rows are left', 5, 100, 1, false],
  ['none when too many are open', 5, 40, 3, false],
] as const)('opensShard() opens %s', (_, wanted, left, open, opens) => {
  expect(opensShard(WINDOW, wanted, left, open)).toBe(opens);
});
