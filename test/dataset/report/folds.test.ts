import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Figures } from '../../../src/dataset/report/gather.js';
import { LogHistogram } from '../../../src/dataset/report/log-histogram.js';
import { Sample } from '../../../src/dataset/report/sample.js';
import { Timeline } from '../../../src/dataset/report/timeline.js';
import { TopKeys } from '../../../src/dataset/report/top-keys.js';
import { outcomeOf } from '../support/outcomes.js';

const VALUES = fc.array(fc.double({ min: 0.01, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });

test('LogHistogram tells a quantile within 2 %, and its bins hold every value', () => {
  fc.assert(
    fc.property(
      VALUES,
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.integer({ min: 12, max: 60 }),
      (values, share, most) => {
        const histogram = new LogHistogram();
        for (const value of values) histogram.add(value);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * values.length)) - 1]!;
        expect(Math.abs(histogram.quantile(share) / exact - 1)).toBeLessThan(0.02);
        const bins = histogram.bins(most);
        expect(bins.length).toBeLessThanOrEqual(most);
        for (const { from, to, count } of bins) {
          const within = values.filter(
            (value) => value >= from * (1 + 1e-6) && value < to * (1 - 1e-6),
          ).length;
          expect(count).toBeGreaterThanOrEqual(within);
        }
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
      },
    ),
  );
});

test('TopKeys is exact while there is room, and never loses a key that came more often than its share', () => {
  const keys = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 300 })).map(String), { maxLength: 600 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 20 }), (all, capacity) => {
      const top = new TopKeys(capacity, () => null);
      const exact = new Map<string, number>();
      for (const key of all) {
        top.add(key);
        exact.set(key, (exact.get(key) ?? 0) + 1);
      }
      const kept = new Map([...top.entries()].map((entry) => [entry.key, entry]));
      expect(kept.size).toBe(Math.min(capacity, exact.size));
      expect(top.isExact).toBe(exact.size <= capacity);
      for (const [key, times] of exact) {
        const entry = kept.get(key);
        if (times > all.length / capacity) expect(entry).toBeDefined();
        if (entry === undefined) continue;
        expect(entry.count).toBeLessThanOrEqual(times);
        expect(entry.count + entry.missed).toBeGreaterThanOrEqual(times);
        if (top.isExact) expect(entry.count).toBe(times);
      }
    }),
  );
});

test('Timeline spreads every row over the time', () => {
  const shards = fc.array(
    fc.record({ began: fc.nat({ max: 100_000 }), ms: fc.nat({ max: 50_000 }), count: fc.nat({ max: 1000 }) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(shards, fc.integer({ min: 1, max: 80 }), (all, number) => {
      const timeline = new Timeline();
      const rest = { failedToDownload: 0, failedToResize: 0, codes: {} };
      for (const { began, ms, count } of all)
        timeline.add({ began, ended: began + ms, count, successes: count >> 1, ...rest });
      const bins = timeline.bins(number);
      const rows = bins.reduce(
        (sum, { from, to, successes, failures }) => sum + ((successes + failures) * (to - from)) / 1000,
        0,
      );
      expect(rows).toBeCloseTo(
        all.reduce((sum, { count }) => sum + count, 0),
        3,
      );
    }),
  );
});

test('Sample chooses as many as it has room for, in their order', () => {
  const sample = new Sample<number>(50);
  for (let index = 0; index < 10_000; index++) sample.offer(index, () => index);
  const taken = sample.take();
  expect(taken).toHaveLength(50);
  expect(taken.toSorted((a, b) => a - b)).toEqual(taken);
  // From all over: of each quarter some.
  for (const quarter of [0, 1, 2, 3])
    expect(taken.some((index) => Math.floor(index / 2500) === quarter)).toBe(true);
});

test('figures of 200,000 rows, each of another host and with another picture, have the size of few', () => {
  const figures = new Figures(60);
  for (let index = 0; index < 200_000; index++) {
    const row = { index, url: `https://h${index}.example/${index}.jpg`, caption: null, columns: {} };
    const repeated = index % 100 === 0 ? 'placeholder' : `sha256 of ${index}`;
    figures.add(
      String(index),
      outcomeOf(index, { row, sha256: repeated, mediaType: `image/${index}`, ms: index }),
    );
  }
  expect(figures.rows).toBe(200_000);
  expect([...figures.hosts.entries()]).toHaveLength(10_000);
  expect(figures.hosts.isExact).toBe(false);
  const digests = [...figures.digests.entries()];
  expect(digests).toHaveLength(50_000);
  expect(digests.find(({ key }) => key === 'placeholder')?.count).toBe(2000);
  expect(figures.mediaTypes.size).toBeLessThanOrEqual(201);
  expect(figures.sample.take()).toHaveLength(60);
});
