import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Ledger } from '../../src/flow/ledger.js';
import { type FlowObserver, type StopReason, tellAll } from '../../src/flow/observer.js';
import { Recording } from '../../src/flow/recording.js';
import { FlowTracer, type TraceEvent } from '../../src/flow/trace.js';
import { verdictOf } from '../../src/flow/verdict.js';

type Call = (observer: FlowObserver) => void;

/**
 * Transfers as they can happen: asked, then receives, each perhaps followed by a stop and a resume, looks at the queue between, and an end. Times
 * are multiples of 1/8 ms, so that sums are exact and the microseconds in which a recording keeps spans lose nothing.
 */
function transfer(): fc.Arbitrary<Call[]> {
  const eighths = (max: number) => fc.integer({ min: 0, max }).map((n) => n / 8);
  const reason = fc.constantFrom<StopReason>('delay', 'rate', 'consumer');
  const step = fc.record({
    wait: eighths(80),
    length: fc.integer({ min: 1, max: 65_536 }),
    handling: eighths(16),
    stop: fc.option(fc.record({ reason, ms: eighths(800) })),
    queue: fc.option(fc.nat({ max: 6_000_000 })),
  });
  return fc
    .record({
      start: eighths(100_000),
      steps: fc.array(step, { maxLength: 60 }),
      tail: eighths(80),
      ends: fc.boolean(),
    })
    .map(({ start, steps, tail, ends }) => {
      const calls: Call[] = [(observer) => observer.asked(start)];
      let now = start;
      for (const { wait, length, handling, stop, queue } of steps) {
        const at = now + wait;
        const until = at + handling;
        calls.push((observer) => observer.receive(length, at, until));
        if (queue !== null) calls.push((observer) => observer.queue(queue, until));
        now = until;
        if (stop === null) continue;
        const resumed = until + stop.ms;
        calls.push((observer) => observer.stop(until, stop.reason));
        calls.push((observer) => observer.resume(resumed));
        now = resumed;
      }
      if (ends) calls.push((observer) => observer.ended(now + tail));
      return calls;
    });
}

describe('Recording', () => {
  test('replay gives the ledger, the verdict and the trace that the transfer itself gave', () => {
    const property = fc.property(transfer(), fc.integer({ min: 1, max: 65_536 }), (calls, recvSize) => {
      const recording = new Recording();
      const live = new Ledger(recvSize);
      const events: TraceEvent[] = [];
      const all = tellAll([recording, live, new FlowTracer((event) => events.push(event), 0, 'receive')]);
      for (const call of calls) call(all);
      const replayed = new Ledger(recvSize);
      const again: TraceEvent[] = [];
      recording.replay(tellAll([replayed, new FlowTracer((event) => again.push(event), 0, 'receive')]));
      expect(recording.count).toBe(calls.length);
      expect(replayed.figures()).toEqual(live.figures());
      expect(verdictOf(replayed.figures())).toEqual(verdictOf(live.figures()));
      expect(again).toEqual(events);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('keeps more events than one block holds, in order', () => {
    const recording = new Recording();
    for (let i = 0; i < 10_000; i++) recording.receive(i, i, i + 0.5);
    const lengths: number[] = [];
    const ledger = new Ledger(1);
    recording.replay({
      asked: () => undefined,
      receive: (length, at, until) => {
        lengths.push(length);
        ledger.receive(length, at, until);
      },
      stop: () => undefined,
      resume: () => undefined,
      queue: () => undefined,
      ended: () => undefined,
    });
    expect(lengths).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(ledger.figures().receivingMs).toBeGreaterThanOrEqual(5000);
  });

  test('counts what is beyond its limit instead of keeping it', () => {
    const recording = new Recording(10);
    for (let i = 0; i < 15; i++) recording.receive(1, i, i);
    expect(recording).toMatchObject({ count: 10, omitted: 5 });
    const ledger = new Ledger(1);
    recording.replay(ledger);
    expect(ledger.figures().receives.count).toBe(10);
  });
});

describe('Ledger', () => {
  test('accounts for all of the time: waiting, paused and receiving add up to the total', () => {
    const property = fc.property(transfer(), (calls) => {
      const ledger = new Ledger(5120);
      for (const call of calls) call(ledger);
      const { totalMs, waitingMs, pausedMs, receivingMs, firstByteMs, pausedFor } = ledger.figures();
      expect(pausedFor.delay + pausedFor.rate + pausedFor.consumer).toBeCloseTo(pausedMs, 9);
      expect(firstByteMs).toBeLessThanOrEqual(waitingMs);
      const accounted = waitingMs + pausedMs + receivingMs;
      // A last wait below the threshold is nobody's.
      expect(accounted).toBeLessThanOrEqual(totalMs + 1e-6);
      expect(accounted).toBeGreaterThanOrEqual(totalMs - 1);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('counts bytes, receives, their extremes and the full ones', () => {
    const ledger = new Ledger(5120);
    ledger.asked(0);
    for (const length of [5120, 3200, 5120, 7]) ledger.receive(length, 1, 1);
    const { receives, wireBytes } = ledger.figures();
    expect(receives).toEqual({ count: 4, min: 7, max: 5120, full: 2 });
    expect(wireBytes).toBe(13_447);
  });

  test('is all zeros before anything happened', () => {
    const figures = new Ledger(5120).figures();
    expect(figures.totalMs).toBe(0);
    expect(figures.receives).toEqual({ count: 0, min: 0, max: 0, full: 0 });
    expect(verdictOf(figures).limit).toBe('unknown');
  });

  test('sees by the first receive after a pause whether the bytes lay ready', () => {
    const ledger = new Ledger(100);
    ledger.asked(0);
    ledger.receive(100, 5, 5);
    ledger.stop(5, 'delay');
    ledger.resume(15);
    ledger.receive(100, 15.2, 15.2);
    ledger.stop(15.2, 'delay');
    ledger.resume(25.2);
    ledger.receive(100, 29, 29);
    ledger.ended(29);
    const figures = ledger.figures();
    expect(figures).toMatchObject({ readyAfterPause: 1, awaitedAfterPause: 1, ready: 1, awaited: 1 });
    expect(figures.pausedMs).toBeCloseTo(20, 9);
    expect(figures.waitingMs).toBeCloseTo(5 + 3.8, 9);
    expect(figures.firstByteMs).toBe(5);
  });
});
