import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flowDrawing } from '../../src/cli/flow-drawing.js';
import { FlowLanes } from '../../src/flow/lanes.js';
import { Ledger } from '../../src/flow/ledger.js';
import { tellAll } from '../../src/flow/observer.js';

describe('FlowLanes', () => {
  it('accounts for the same bytes, pauses and waits as the ledger, in at most 64 cells', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.double({ min: 0, max: 500, noNaN: true }),
        length: fc.integer({ min: 1, max: 5120 }),
        pause: fc.option(fc.double({ min: 0, max: 900, noNaN: true })),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (given) => {
        const [lanes, ledger] = [new FlowLanes(), new Ledger(5120)];
        const both = tellAll([lanes, ledger]);
        let now = 1000;
        both.asked(now);
        for (const { wait, length, pause } of given) {
          now += wait;
          both.receive(length, now, now + 0.1);
          now += 0.1;
          if (pause === null) continue;
          both.stop(now, 'delay');
          now += pause;
          both.resume(now);
        }
        both.ended(now);
        const figures = ledger.figures();
        const sum = (of: 'bytes' | 'paused' | 'waited') =>
          lanes.cells.reduce((all, cell) => all + cell[of], 0);
        expect(lanes.cells.length).toBeLessThanOrEqual(64);
        expect(sum('bytes')).toBe(figures.wireBytes);
        expect(sum('paused')).toBeCloseTo(figures.pausedMs, 3);
        // The ledger counts the first wait however short it is.
        expect(Math.abs(sum('waited') - figures.waitingMs)).toBeLessThan(1.001);
      }),
    );
  });
});

describe('flowDrawing()', () => {
  it('draws a lane each for what there was, as wide as the time', () => {
    const lanes = new FlowLanes();
    lanes.asked(0);
    for (let at = 0; at < 100; at += 10) {
      lanes.receive(5120, at, at);
      lanes.stop(at);
      lanes.resume(at + 9.5);
    }
    lanes.ended(99);
    const drawn = flowDrawing(lanes);
    expect(drawn).toHaveLength(3);
    expect(drawn[0]).toMatch(/^ {2}received {3}\|[ .:\-=+*#]{50}\|$/);
    expect(drawn[1]).toMatch(/^ {2}paused {5}\|[=+*#]{50}\|$/);
    expect(drawn[2]).toMatch(/^ {14}0 +100 ms$/);
  });

  it('draws nothing of what was over at once', () => {
    const lanes = new FlowLanes();
    lanes.asked(0);
    lanes.receive(10, 3, 3);
    lanes.ended(4);
    expect(flowDrawing(lanes)).toEqual([]);
  });
});
