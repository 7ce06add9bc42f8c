import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pacer, recvSizeForRate } from '../../src/flow/pacing.js';

describe('Pacer', () => {
  test('asks for no pause when neither delay nor rate is set', () => {
    expect(new Pacer({}).pauseAfter(5120, 10)).toBeUndefined();
    expect(new Pacer({ delayMs: 0 }).pauseAfter(5120, 10)).toBeUndefined();
  });

  test('asks for the delay after each receive', () => {
    const pacer = new Pacer({ delayMs: 250 });
    expect(pacer.pauseAfter(5120, 0)).toEqual({ ms: 250, reason: 'delay' });
    expect(pacer.pauseAfter(1, 9000)).toEqual({ ms: 250, reason: 'delay' });
  });

  test('takes the longer of delay and rate, and says which', () => {
    const pacer = new Pacer({ delayMs: 100, limitRate: 1000 });
    expect(pacer.pauseAfter(50, 0)).toEqual({ ms: 100, reason: 'delay' });
    expect(pacer.pauseAfter(950, 100)).toEqual({ ms: 900, reason: 'rate' });
  });

  test('asks for no pause while the mean is below the rate', () => {
    const pacer = new Pacer({ limitRate: 1000 });
    pacer.pauseAfter(100, 0);
    expect(pacer.pauseAfter(100, 5000)).toBeUndefined();
  });

  test('holds the mean, however late the pauses end and whatever the lengths', () => {
    const receives = fc.array(
      fc.record({
        length: fc.integer({ min: 1, max: 65_536 }),
        late: fc.double({ min: 0, max: 20, noNaN: true }),
      }),
      { minLength: 1, maxLength: 200 },
    );
    const property = fc.property(receives, fc.integer({ min: 1000, max: 10_000_000 }), (list, limitRate) => {
      const pacer = new Pacer({ limitRate });
      let now = 1234;
      let bytes = 0;
      for (const { length, late } of list) {
        bytes += length;
        now += (pacer.pauseAfter(length, now)?.ms ?? 0) + late;
        // After its pause, the bytes so far are no more than the rate allows in the time so far.
        expect(bytes).toBeLessThanOrEqual(((now - 1234) / 1000) * limitRate * (1 + 1e-9) + 1e-6);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});

describe('recvSizeForRate()', () => {
  test('is at most a tenth of a second of the rate, never below what is useful nor above what was asked', () => {
    expect(recvSizeForRate(65_536, undefined)).toBe(65_536);
    expect(recvSizeForRate(65_536, 100_000)).toBe(10_000);
    expect(recvSizeForRate(65_536, 100)).toBe(512);
    expect(recvSizeForRate(5120, 1e9)).toBe(5120);
    expect(recvSizeForRate(100, 100)).toBe(100);
    expect(recvSizeForRate(1, 1)).toBe(1);
  });
});
