import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyBuffers } from '../../../src/dataset/pull/body-buffers.js';
import { BudgetSink } from '../../../src/dataset/pull/budget-sink.js';
import { MemoryBudget } from '../../../src/dataset/schedule/memory-budget.js';

const anyPieces = fc.array(
  fc.tuple(fc.nat({ max: 90_000 }), fc.nat({ max: 255 })).map(([length, fill]) => Buffer.alloc(length, fill)),
  { maxLength: 8 },
);

describe('BudgetSink', () => {
  test('gathers any body in any pieces, whatever was announced, and holds what it gathers', async () => {
    const announced = fc.option(fc.nat({ max: 2 ** 40 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(anyPieces, announced, async (pieces, length) => {
        const budget = new MemoryBudget(10_000_000);
        const memory = budget.open();
        const sink = new BudgetSink(memory, new BodyBuffers(), length);
        for (const piece of pieces) await sink.write(piece);
        const whole = Buffer.concat(pieces);
        expect(sink.stored.equals(whole)).toBe(true);
        expect(budget.held).toBeGreaterThanOrEqual(whole.length);
        // On a Content-Length's word alone no more than a mebibyte is set aside.
        expect(budget.held).toBeLessThanOrEqual(Math.max(2 ** 20, 4 * whole.length) + 2 ** 20);
        memory.release();
        expect(budget.held).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test('takes nothing while there is no memory, and goes on when another gives it back', async () => {
    const budget = new MemoryBudget(100_000);
    const other = budget.open();
    await other.acquire(90_000);
    const sink = new BudgetSink(budget.open(), new BodyBuffers(), 50_000);
    let isTaken = false;
    const taken = Promise.resolve(sink.write(Buffer.from('picture'))).then(() => {
      isTaken = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isTaken).toBe(false);
    other.release();
    await taken;
    expect(sink.stored.toString()).toBe('picture');
  });

  test('has nothing any more when it was aborted', async () => {
    const sink = new BudgetSink(new MemoryBudget(1_000_000).open(), new BodyBuffers(), undefined);
    await sink.write(Buffer.from('picture'));
    sink.abort();
    expect(sink.stored).toHaveLength(0);
  });
});
