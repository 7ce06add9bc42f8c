import { expect, test } from 'vitest';
import { opensShard } from '../../../src/dataset/schedule/window.js';

const WINDOW = { mostShards: 3, mostRows: 100 };
const atHand = (wanted: number, soon = 0) => ({
  wants: () => wanted,
  hasEnough: (rows: number) => soon >= rows,
});

test.each([
  ['the first, whatever is wanted', 0, 0, 0, true],
  ['another when rows are wanted', 5, 40, 1, true],
  ['none when none are wanted', 0, 40, 1, false],
  ['none when too many rows are left', 5, 100, 1, false],
  ['none when too many are open', 5, 40, 3, false],
] as const)('opensShard() opens %s', (_, wanted, left, open, opens) => {
  expect(opensShard(WINDOW, atHand(wanted), left, open)).toBe(opens);
});

test.each([
  ['another when what is at hand waits for its hosts', 90, 1, 9, true],
  ['none when enough will be done with soon', 20, 1, 10, false],
  ['the first all the same', 0, 0, 10, true],
] as const)('opensShard() opens, where shards are scarce, %s', (_, left, open, soon, opens) => {
  expect(opensShard(WINDOW, atHand(5, soon), left, open, 10)).toBe(opens);
});
