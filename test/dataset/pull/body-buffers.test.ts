import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyBuffers } from '../../../src/dataset/pull/body-buffers.js';

describe('BodyBuffers', () => {
  test('are large enough, and at most twice as large but for the least', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000_000 }), (bytes) => {
        const size = BodyBuffers.sizeFor(bytes);
        expect(size).toBeGreaterThanOrEqual(bytes);
        expect(size).toBeLessThanOrEqual(Math.max(4096, 2 * bytes));
      }),
    );
  });

  test('are lent to one at a time, and used again', () => {
    const buffers = new BodyBuffers();
    const size = BodyBuffers.sizeFor(40_000);
    const [first, second] = [buffers.take(size), buffers.take(size)];
    expect(first).not.toBe(second);
    buffers.giveBack(first);
    const third = buffers.take(size);
    expect(third).toBe(first);
    expect(buffers.take(size)).not.toBe(first);
    expect(third).toHaveLength(size);
  });

  test('are kept up to 4 MiB in all', () => {
    const buffers = new BodyBuffers();
    const sizes = [60_000, 120_000, 1_000_000].map((bytes) => BodyBuffers.sizeFor(bytes));
    const taken = sizes.flatMap((size) => Array.from({ length: 40 }, () => buffers.take(size)));
    for (const buffer of taken) buffers.giveBack(buffer);
    const again = sizes.flatMap((size) => Array.from({ length: 40 }, () => buffers.take(size)));
    const kept = again.filter((buffer) => taken.includes(buffer));
    const bytes = kept.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeGreaterThan(2 * 2 ** 20);
    expect(bytes).toBeLessThanOrEqual(4 * 2 ** 20);
  });
});
