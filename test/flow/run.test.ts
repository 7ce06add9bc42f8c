import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdictOfBoth } from '../../src/flow/both-ends.js';
import { ReceiveColumns } from '../../src/flow/receive-columns.js';
import { addBatch, MOST_LISTED, newRun, type Run, type RunFacts, SIZE_BINS } from '../../src/flow/run.js';
import { lastAtOrBefore, RunIndex, shareWithin } from '../../src/flow/run-at.js';

const FACTS: RunFacts = { url: 'http://127.0.0.1/', ends: 'receiver', recvSize: 5120, unit: 'receive' };

const OUTCOME: RunFacts['outcome'] = {
  failure: null,
  limit: 'unknown',
  evidence: 'None.',
  mediaType: null,
  bodyBytes: 0,
  totalMs: 0,
  firstByteMs: 0,
  waitingMs: 0,
  pausedMs: 0,
  receivingMs: 0,
};

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

describe('ReceiveColumns', () => {
  it('gives the same run however often its batches are taken', () => {
    const steps = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 5120 }), pause: fc.boolean(), take: fc.boolean() }),
    );
    fc.assert(
      fc.property(steps, (given) => {
        const whole = new ReceiveColumns(100, 5120);
        const pieces = new ReceiveColumns(100, 5120);
        const [one, many] = [newRun(FACTS), newRun(FACTS)];
        let at = 100;
        for (const { length, pause, take } of given) {
          for (const columns of [whole, pieces]) {
            columns.receive(length, at);
            if (pause) columns.stop(at + 0.25, 'delay');
            if (pause && !take) columns.resume(at + 0.5);
          }
          // In the middle of a pause, too.
          if (take) addBatch(many, pieces.take());
          for (const columns of [whole, pieces]) if (pause && take) columns.resume(at + 0.5);
          at++;
        }
        addBatch(many, pieces.take());
        addBatch(one, whole.take());
        expect(many.columns).toEqual(one.columns);
        expect({ ...many.totals, now: 0 }).toEqual({ ...one.totals, now: 0 });
        expect(sumOf(many.totals.sizes)).toBe(given.length);
      }),
    );
  });

  it('lists no more than MOST_LISTED one by one, and loses no byte', () => {
    const columns = new ReceiveColumns(0, 5120);
    const run = newRun(FACTS);
    for (let i = 0; i < MOST_LISTED + 5000; i++) {
      columns.receive(i % 2 === 0 ? 5120 : 1, i);
      columns.stop(i, 'delay');
      columns.resume(i + 0.5);
      if (i % 1000 === 0) addBatch(run, columns.take());
    }
    addBatch(run, columns.take());
    const { receives, pauses } = run.columns;
    expect(receives.at.length).toBeLessThan(MOST_LISTED + 100);
    expect(pauses.from.length).toBeLessThan(MOST_LISTED + 100);
    expect(pauses.to.length).toBe(pauses.from.length);
    expect(sumOf(receives.bytes)).toBe(run.totals.received);
    expect(run.totals.receives).toBe(MOST_LISTED + 5000);
    expect(run.totals.sizes[SIZE_BINS]).toBe((MOST_LISTED + 5000) / 2);
  });

  it('begins anew with another response', () => {
    const columns = new ReceiveColumns(0, 5120);
    const run = newRun(FACTS);
    columns.asked();
    columns.receive(300, 1);
    addBatch(run, columns.take());
    columns.asked();
    columns.receive(20, 2);
    addBatch(run, columns.take());
    expect(run.columns.receives).toEqual({ at: [2], bytes: [20] });
    expect(run.totals).toMatchObject({ received: 20, receives: 1 });
  });
});

/** Ten sends of 100 bytes, one a second; each received `lag` milliseconds later. */
function paced(lag: number): Run {
  const run = newRun({ ...FACTS, ends: 'both', outcome: OUTCOME! });
  for (let i = 0; i < 10; i++) {
    run.columns.sends.from.push(i * 1000);
    run.columns.sends.at.push(i * 1000 + 1);
    run.columns.sends.bytes.push(100);
    run.columns.receives.at.push(i * 1000 + 1 + lag);
    run.columns.receives.bytes.push(100);
  }
  return run;
}

describe('RunIndex', () => {
  it('tells what was sent and received at any time', () => {
    const index = new RunIndex(paced(500));
    expect(index.at(0)).toMatchObject({ sent: 0, received: 0, server: 'ready', receiver: 'ready' });
    expect(index.at(1)).toMatchObject({ sent: 100, received: 0, sends: 1, receives: 0, server: 'sending' });
    expect(index.at(900)).toMatchObject({ sent: 100, received: 100, server: 'resting', receiver: 'waiting' });
    expect(index.at(9501)).toMatchObject({ sent: 1000, received: 1000, receiver: 'done' });
    expect(index.end).toBe(9501);
  });

  it('says who stands still, while it is not over as well', () => {
    const run = paced(500);
    run.columns.stalls.from.push(2200);
    run.columns.pauses.from.push(2300);
    run.columns.pauses.reason.push('delay');
    expect(new RunIndex(run).at(2500)).toMatchObject({
      server: 'still',
      receiver: 'paused',
      stalled: 1,
      paused: 1,
    });
  });

  it('knows what lies in both queues, since it is not acknowledged yet', () => {
    const run = paced(500);
    run.facts.sendSize = 10;
    Object.assign(run.facts, { recvSize: 10 });
    run.columns.queues.at.push(100, 200);
    run.columns.queues.until.push(101, 201);
    run.columns.queues.server.push(100, 60);
    run.columns.queues.client.push(70, 40);
    const index = new RunIndex(run);
    expect(index.at(150)).toMatchObject({ serverQueue: 100, clientQueue: 70, arrived: 70 });
    expect(index.at(250)).toMatchObject({ serverQueue: 60, clientQueue: 40, arrived: 0 });
  });

  it('grows with its run', () => {
    const run = paced(500);
    const index = new RunIndex(run);
    expect(index.receivedAt(20_000)).toBe(1000);
    run.columns.receives.at.push(10_000);
    run.columns.receives.bytes.push(7);
    expect(index.receivedAt(20_000)).toBe(1007);
  });
});

describe('verdictOfBoth()', () => {
  it.each([
    ['sender', 20],
    ['unknown', 500],
    ['receiver', 950],
  ] as const)('is "%s" where bytes lie between the ends for %d of 1000 ms', (limit, lag) => {
    expect(verdictOfBoth(paced(lag))).toMatchObject({
      limit,
      evidence: expect.stringMatching(/^[A-Z].+ % .+\.$/),
    });
  });

  it('is not given where one end is not seen', () => {
    const run = paced(20);
    expect(verdictOfBoth({ ...run, facts: { ...run.facts, ends: 'receiver' } })).toBeUndefined();
    expect(verdictOfBoth(newRun({ ...FACTS, ends: 'both' }))).toBeUndefined();
  });
});

describe('lastAtOrBefore() and shareWithin()', () => {
  it('find what lies within', () => {
    expect([-1, 0, 1, 5, 9].map((at) => lastAtOrBefore([0, 1, 1, 7], at))).toEqual([-1, 0, 2, 2, 3]);
    expect(lastAtOrBefore([], 3)).toBe(-1);
    expect(shareWithin([0, 10], [5], 0, 20)).toBe(0.75);
    expect(shareWithin([0, 10], [5], 6, 9)).toBe(0);
    expect(shareWithin([], [], 0, 1)).toBe(0);
    expect(shareWithin([0], [1], 5, 5)).toBe(0);
  });
});
