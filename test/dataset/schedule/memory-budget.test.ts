import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BodyMemory, MemoryBudget } from '../../../src/dataset/schedule/memory-budget.js';

/** Whether a promise is settled; undefined stands for one that never was needed. */
async function isGranted(promise: Promise<void> | undefined): Promise<boolean> {
  if (promise === undefined) return true;
  return Promise.race([
    promise.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
}

describe('MemoryBudget', () => {
  test('grants at once, without a promise, what fits', () => {
    const budget = new MemoryBudget(100);
    expect(budget.open().acquire(60)).toBeUndefined();
    expect(budget.open().acquire(40)).toBeUndefined();
    expect(budget.held).toBe(100);
  });

  test('lets requests wait for what is given back, the first first, and none go before', async () => {
    const budget = new MemoryBudget(100);
    const held = budget.open();
    held.acquire(90);
    const large = budget.open().acquire(50);
    const small = budget.open().acquire(5);
    expect([await isGranted(large), await isGranted(small)]).toEqual([false, false]);
    held.release();
    expect([await isGranted(large), await isGranted(small)]).toEqual([true, true]);
    expect(budget.held).toBe(55);
  });

  test('lets one that is larger than the budget go alone', async () => {
    const budget = new MemoryBudget(100);
    const before = budget.open();
    before.acquire(10);
    const giant = budget.open();
    const granted = giant.acquire(1_000);
    const after = budget.open().acquire(10);
    expect([await isGranted(granted), await isGranted(after)]).toEqual([false, false]);
    before.release();
    expect([await isGranted(granted), await isGranted(after)]).toEqual([true, false]);
    giant.release();
    expect(await isGranted(after)).toBe(true);
  });

  test('lets the oldest go on beyond the budget when all who hold something wait for more', async () => {
    const budget = new MemoryBudget(100);
    const [first, second] = [budget.open(), budget.open()];
    first.acquire(50);
    second.acquire(50);
    const moreForSecond = second.acquire(10);
    expect(await isGranted(moreForSecond)).toBe(false);
    const moreForFirst = first.acquire(10);
    expect([await isGranted(moreForFirst), await isGranted(moreForSecond)]).toEqual([true, false]);
    const still = first.acquire(30);
    expect([await isGranted(still), await isGranted(moreForSecond)]).toEqual([true, false]);
    first.release();
    expect(await isGranted(moreForSecond)).toBe(true);
    expect(budget.held).toBe(60);
  });

  test('withdraws a request whose body is given up, and holds nothing of it', async () => {
    const budget = new MemoryBudget(100);
    const held = budget.open();
    held.acquire(100);
    const gone = budget.open();
    const withdrawn = gone.acquire(50);
    const next = budget.open().acquire(60);
    gone.release();
    expect(await isGranted(withdrawn)).toBe(true);
    expect(await isGranted(next)).toBe(false);
    held.release();
    expect(await isGranted(next)).toBe(true);
    expect(budget.held).toBe(60);
  });

  test('never goes beyond the budget by more than one body, never stands still, and has all back in the end', () => {
    const step = fc.record({
      body: fc.nat(7),
      bytes: fc.integer({ min: 1, max: 60 }),
      release: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200, size: 'max' }), (steps) => {
        const budget = new MemoryBudget(100);
        const bodies = Array.from({ length: 8 }, () => budget.open());
        const waiting = new Set<BodyMemory>();
        /** Granted or withdrawn: told by the held bytes, for promises settle later than this property is over. */
        const wanted = new Map<BodyMemory, number>();
        const look = () => {
          for (const body of waiting) if (body.held >= wanted.get(body)!) waiting.delete(body);
          const held = bodies.map((body) => body.held);
          const sum = held.reduce((total, bytes) => total + bytes, 0);
          expect(budget.held).toBe(sum);
          expect(sum - Math.max(...held)).toBeLessThanOrEqual(100);
          const holders = bodies.filter((body) => body.held > 0);
          if (waiting.size > 0) expect(holders.some((body) => !waiting.has(body))).toBe(true);
        };
        for (const { body: index, bytes, release } of steps) {
          const body = bodies[index]!;
          if (release) {
            body.release();
            waiting.delete(body);
          } else if (!waiting.has(body)) {
            wanted.set(body, body.held + bytes);
            if (body.acquire(bytes) !== undefined) waiting.add(body);
          }
          look();
        }
        for (const body of bodies) body.release();
        expect(budget.held).toBe(0);
      }),
    );
  });
});
