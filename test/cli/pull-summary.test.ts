import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { causes, verdict } from '../../src/cli/pull-summary.js';
import { RunTally } from '../../src/dataset/pull/run-tally.js';
import { ERROR_TABLE } from '../../src/errors.js';
import { failureOf, outcomeOf } from '../dataset/support/outcomes.js';

const CODES = Object.keys(ERROR_TABLE) as (keyof typeof ERROR_TABLE)[];
const anyCodes = fc.dictionary(fc.constantFrom(...CODES), fc.integer({ min: 1, max: 1e6 }), {
  minKeys: 1,
  maxKeys: 20,
});

function summaryOf(codes: Readonly<Record<string, number>>, successes = 0) {
  const failed = Object.values(codes).reduce((sum, times) => sum + times, 0);
  const count = failed + successes;
  return { count, successes, failedToDownload: failed, failedToResize: 0, codes, began: 0, ended: 1 };
}

describe('causes', () => {
  test('are each told once with their number, the most frequent first, and the shares add up', () => {
    fc.assert(
      fc.property(anyCodes, (codes) => {
        const lines = causes(summaryOf(codes), new RunTally()).join('\n');
        const told = [...lines.matchAll(/^ {2}([a-z-]+) +(\d+) +([\d.]+) %$/gm)];
        expect(Object.fromEntries(told.map(([, code, times]) => [code, Number(times)]))).toEqual(codes);
        const numbers = told.map(([, , times]) => Number(times));
        expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
        const shares = told.reduce((sum, [, , , share]) => sum + Number(share), 0);
        expect(Math.abs(shares - 100)).toBeLessThan(0.1 * told.length);
      }),
    );
  });

  test('end with a sentence exactly where one cause is more than half of at least ten', () => {
    fc.assert(
      fc.property(anyCodes, (codes) => {
        const last = causes(summaryOf(codes), new RunTally()).at(-1)!;
        const most = Math.max(...Object.values(codes));
        const sum = Object.values(codes).reduce((total, times) => total + times, 0);
        expect(/^\d+ % of the failures are /.test(last)).toBe(most >= 10 && most > sum / 2);
      }),
    );
  });

  test('name the hosts where most failed, and the rows without one', () => {
    const tally = new RunTally();
    const rowAt = (url: string, index: number) => ({ index, url, caption: null, columns: {} });
    tally.outcomes([
      ...[1, 2, 3].map((index) => ({ ...failureOf(index), row: rowAt('http://a.test/x', index) })),
      { ...failureOf(4, 'not-an-image'), row: rowAt('http://a.test/x', 4) },
      { ...failureOf(5, 'url-malformed'), row: rowAt('no url', 5) },
      outcomeOf(6),
    ]);
    const lines = causes(summaryOf({ 'http-status': 3, 'not-an-image': 1, 'url-malformed': 1 }), tally);
    expect(lines.slice(-3)).toEqual([
      'Hosts where most failed:',
      '  a.test            4  http-status 3, not-an-image 1',
      '  (no host)         1  url-malformed 1',
    ]);
  });

  test('are none where nothing failed', () => {
    expect(causes(summaryOf({}, 5), new RunTally())).toEqual([]);
  });
});

describe('verdict', () => {
  test('says how many, of how many, in how many shards, and what this call did of it', () => {
    const tally = new RunTally();
    const result = (shards: number) => ({ complete: true, shards, summary: summaryOf({ aborted: 1 }, 3) });
    expect(verdict(result(1), tally)).toEqual(['3 of 4 pictures (75.0 %) in 1 shard, 0 rows of them now']);
    tally.outcomes([1, 2, 3, 4].map((index) => outcomeOf(index)));
    expect(verdict(result(2), tally)).toEqual(['3 of 4 pictures (75.0 %) in 2 shards']);
  });
});
