import { describe, expect, test } from 'vitest';
import { Ledger } from '../../src/flow/ledger.js';
import { verdictOf } from '../../src/flow/verdict.js';

interface Transfer {
  readonly firstByte?: number;
  readonly receives: number;
  /** Milliseconds from our asking to the bytes, for each receive after the first. */
  readonly wait: number;
  readonly handling?: number;
  readonly pause?: number;
  readonly reason?: 'delay' | 'rate' | 'consumer';
  readonly queue?: number;
}

function verdict(transfer: Transfer) {
  const { firstByte = 1, receives, wait, handling = 0.05, pause = 0, reason = 'delay', queue } = transfer;
  const ledger = new Ledger(5120);
  let now = 1000;
  ledger.asked(now);
  for (let i = 0; i < receives; i++) {
    const at = now + (i === 0 ? firstByte : wait);
    ledger.receive(5120, at, at + handling);
    now = at + handling;
    if (queue !== undefined) ledger.queue(queue);
    if (pause === 0 || i === receives - 1) continue;
    ledger.stop(now, reason);
    now += pause;
    ledger.resume(now);
  }
  ledger.ended(now);
  return verdictOf(ledger.figures());
}

describe('verdictOf()', () => {
  test.each<[string, Transfer, string, RegExp]>([
    ['a transfer that is over at once', { receives: 3, wait: 0.1 }, 'unknown', /too short to say/],
    ['a late first byte', { firstByte: 500, receives: 3, wait: 0.1 }, 'sender', /answered late/],
    ['few receives', { firstByte: 20, receives: 2, wait: 60, handling: 40 }, 'unknown', /too few to say/],
    ['4096 bytes every 25 ms', { receives: 40, wait: 25 }, 'sender', /bytes came late/],
    [
      'the same with a pause of 10 ms',
      { receives: 40, wait: 15, pause: 10 },
      'sender',
      /bytes came late|pauses/,
    ],
    ['the same with a pause of 20 ms', { receives: 40, wait: 5, pause: 20 }, 'sender', /still to come/],
    ['bytes ready after each delay', { receives: 40, wait: 0.1, pause: 10 }, 'receiver', /the set delay/],
    ['a held rate', { receives: 40, wait: 0.1, pause: 10, reason: 'rate' }, 'receiver', /to hold the rate/],
    [
      'a slow reader',
      { receives: 40, wait: 0.1, pause: 10, reason: 'consumer' },
      'receiver',
      /whoever took the body/,
    ],
    [
      'a busy receiver and a filled queue',
      { receives: 40, wait: 0.1, handling: 5, queue: 90_000 },
      'receiver',
      /receive queue held bytes at 40 of 40 looks, at most 90000/,
    ],
    [
      'waits between which bytes always lay ready',
      { receives: 40, wait: 25, queue: 90_000 },
      'unknown',
      /seemed to come late, and yet lay ready/,
    ],
    ['waits between which none lay ready', { receives: 40, wait: 25, queue: 0 }, 'sender', /bytes came late/],
    ['a busy receiver without a look', { receives: 40, wait: 0.1, handling: 5 }, 'unknown', /No side/],
    ['an empty queue', { receives: 40, wait: 0.1, handling: 5, queue: 0 }, 'unknown', /No side/],
    ['half and half', { receives: 40, wait: 4, handling: 5 }, 'unknown', /No side/],
  ])('for %s', (_, transfer, limit, evidence) => {
    const given = verdict(transfer);
    expect(given.evidence).toMatch(evidence);
    expect(given.limit).toBe(limit);
    expect(given.evidence).toMatch(/^[A-Z][^\n]*\.$/);
  });
});
