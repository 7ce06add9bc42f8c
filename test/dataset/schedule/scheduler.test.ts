import { describe, expect, test } from 'vitest';
import { AdaptiveLimit } from '../../../src/dataset/schedule/adaptive-limit.js';
import type { Ticket } from '../../../src/dataset/schedule/host-queue.js';
import type { HostRegistry } from '../../../src/dataset/schedule/host-slots.js';
import { Scheduler, type ScheduleSettings } from '../../../src/dataset/schedule/scheduler.js';
import { SharedHosts } from '../../../src/dataset/schedule/shared-hosts.js';
import { ANSWERED, failed } from './verdicts.js';

const PATIENCE_MS = 300_000;

interface Options extends Partial<Pick<ScheduleSettings, 'hosts' | 'patienceMs' | 'resolveAhead'>> {
  readonly concurrency?: number;
  /** The limit's upper bound, where that is another. */
  readonly most?: number;
}

function newScheduler(options: Options = {}): Scheduler<string> {
  const { concurrency = 100, most = concurrency, hosts = newHosts(), ...more } = options;
  const limit = new AdaptiveLimit({ least: concurrency, most }, 0);
  return new Scheduler<string>({ hosts, limit, ...more });
}

function newHosts(hostLimit = 6): SharedHosts {
  return new SharedHosts(SharedHosts.buffer(hostLimit, 0));
}

/** Rows `a1`, `a2`, ... of the host `a`. */
function addRows(scheduler: Scheduler<string>, host: string, count: number): void {
  for (let i = 1; i <= count; i++) scheduler.add(`${host}${i}`, host);
}

/** All that may start now. */
function startAll(scheduler: Scheduler<string>, now: number): Ticket<string>[] {
  const started: Ticket<string>[] = [];
  for (let decision = scheduler.next(now); decision.kind === 'start'; decision = scheduler.next(now))
    started.push(decision.ticket);
  return started;
}

function rowsOf(tickets: readonly Ticket<string>[]): string[] {
  return tickets.map(({ row }) => row);
}

/** All rows that are given up now. */
function givenUp(scheduler: Scheduler<string>, now: number): string[] {
  const rows: string[] = [];
  for (let decision = scheduler.next(now); decision.kind === 'give-up'; decision = scheduler.next(now))
    rows.push(decision.ticket.row);
  return rows;
}

/** Milliseconds that there is nothing to do, when nothing is to be started. */
function idleMs(scheduler: Scheduler<string>, now: number): number {
  const decision = scheduler.next(now);
  if (decision.kind !== 'wait') throw new Error(`There is something to do: ${decision.kind}.`);
  return decision.ms;
}

/** A host that has answered once, with `count` rows waiting, of which the first has number 1. */
function addProven(scheduler: Scheduler<string>, host: string, count: number, now = 0): void {
  scheduler.add(`${host}0`, host);
  const [first] = startAll(scheduler, now);
  addRows(scheduler, host, count);
  scheduler.finished(first!, ANSWERED, now);
}

describe('Scheduler.next()', () => {
  test('takes one row of each host in turn, whatever the order of the list', () => {
    const scheduler = newScheduler({ concurrency: 3 });
    for (const host of ['a', 'b', 'c']) addRows(scheduler, host, 3);
    const order: string[] = [];
    let started = startAll(scheduler, 0);
    while (started.length > 0) {
      order.push(...rowsOf(started));
      for (const ticket of started) scheduler.finished(ticket, ANSWERED, 0);
      started = startAll(scheduler, 0);
    }
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3']);
    expect(scheduler.left).toBe(0);
  });

  test('gives every other turn to hosts that need more than ten seconds for their rows', () => {
    const scheduler = newScheduler({ concurrency: 4 });
    for (const host of ['slow', 'slower']) addRows(scheduler, host, 50);
    for (const ticket of startAll(scheduler, 0)) scheduler.finished(ticket, ANSWERED, 12_000);
    // Two hosts took 12 s for one row: 49 more take them 98 s, six at a time.
    for (let i = 0; i < 10; i++) addRows(scheduler, `quick${i}.`, 1);
    const rows: string[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const started = startAll(scheduler, 12_000);
      rows.push(...rowsOf(started));
      for (const ticket of started) scheduler.finished(ticket, ANSWERED, 12_000);
    }
    const hosts = rows.map((row) => row.replace(/[.\d]+$/, ''));
    expect(hosts.filter((host) => host === 'quick')).toHaveLength(6);
    expect(hosts.filter((host) => host === 'slow')).toHaveLength(3);
    expect(hosts.filter((host) => host === 'slower')).toHaveLength(3);
  });

  test('asks a host for one row until it has answered, then for as many at once as its limit allows', () => {
    const scheduler = newScheduler();
    addRows(scheduler, 'a', 10);
    const first = startAll(scheduler, 0);
    expect(rowsOf(first)).toEqual(['a1']);
    scheduler.finished(first[0]!, ANSWERED, 1);
    const more = startAll(scheduler, 1);
    expect(rowsOf(more)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
    scheduler.finished(more[3]!, ANSWERED, 2);
    expect(rowsOf(startAll(scheduler, 2))).toEqual(['a8']);
  });

  test('never lets more run than the limit, and then waits for nothing but an end', () => {
    const scheduler = newScheduler({ concurrency: 4 });
    for (const host of ['a', 'b', 'c', 'd', 'e', 'f']) addRows(scheduler, host, 1);
    const started = startAll(scheduler, 0);
    expect(rowsOf(started)).toEqual(['a1', 'b1', 'c1', 'd1']);
    expect(scheduler.running).toBe(4);
    expect(idleMs(scheduler, 0)).toBe(Number.POSITIVE_INFINITY);
    scheduler.finished(started[2]!, ANSWERED, 1);
    expect(rowsOf(startAll(scheduler, 1))).toEqual(['e1']);
  });

  test('goes on with the rows of other hosts while thousands wait for theirs', () => {
    const scheduler = newScheduler();
    addRows(scheduler, 'a', 10_000);
    addRows(scheduler, 'b', 1);
    expect(rowsOf(startAll(scheduler, 0))).toEqual(['a1', 'b1']);
  });

  test('leaves a host alone until its Retry-After, and goes on with others', () => {
    const scheduler = newScheduler();
    addProven(scheduler, 'a', 3);
    const [asked] = startAll(scheduler, 0);
    scheduler.finished(asked!, failed('overloaded', { pauseMs: 60_000 }), 1_000);
    scheduler.add('b1', 'b');
    scheduler.add('a9', 'a');
    expect(rowsOf(startAll(scheduler, 1_000))).toEqual(['b1']);
    const ms = idleMs(scheduler, 1_000);
    expect(ms).toBeGreaterThanOrEqual(60_000);
    expect(ms).toBeLessThan(60_100);
    expect(startAll(scheduler, 60_999)).toEqual([]);
    expect(rowsOf(startAll(scheduler, 1_000 + ms))).toEqual(['a9']);
  });

  test('halves the limit of a host that says 429, once for all that ran together, and raises it again by one after ten answers', () => {
    const scheduler = newScheduler();
    addProven(scheduler, 'a', 100);
    let now = 0;
    const answer = (tickets: readonly Ticket<string>[]) => {
      now += 1_000;
      for (const ticket of tickets) scheduler.finished(ticket, ANSWERED, now);
    };
    const six = startAll(scheduler, now);
    expect(six).toHaveLength(6);
    now += 1_000;
    for (const ticket of six.slice(0, 3)) scheduler.finished(ticket, failed('overloaded'), now);
    answer(six.slice(3));
    const three = startAll(scheduler, now);
    expect(three).toHaveLength(3);
    answer(three);
    answer(startAll(scheduler, now));
    answer(startAll(scheduler, now).slice(0, 1));
    expect(scheduler.running).toBe(2);
    expect(startAll(scheduler, now)).toHaveLength(2);
    expect(scheduler.running).toBe(4);
  });
});

describe('Scheduler.finished()', () => {
  test('brings a row back when it is due, before the others of its host', () => {
    const scheduler = newScheduler({ hosts: newHosts(1) });
    addRows(scheduler, 'a', 3);
    const [first] = startAll(scheduler, 0);
    expect(scheduler.finished(first!, failed('broken', { retryMs: 500 }), 100)).toBe(true);
    const [second] = startAll(scheduler, 100);
    expect(second!.row).toBe('a2');
    scheduler.finished(second!, ANSWERED, 700);
    const [again] = startAll(scheduler, 700);
    expect(again).toBe(first);
    expect(again!.attempts).toBe(2);
    expect(scheduler.finished(again!, failed('broken'), 800)).toBe(false);
    expect(scheduler.left).toBe(1);
  });

  test('says how long it is to the next retry when there is nothing else', () => {
    const scheduler = newScheduler();
    addRows(scheduler, 'a', 1);
    const [only] = startAll(scheduler, 0);
    scheduler.finished(only!, failed('broken', { retryMs: 500 }), 100);
    expect(idleMs(scheduler, 100)).toBe(500);
    expect(idleMs(scheduler, 599)).toBe(1);
    expect(rowsOf(startAll(scheduler, 600))).toEqual(['a1']);
  });

  test.each(['unreachable', 'unresolved', 'lookup-failed', 'silent', 'overloaded'] as const)(
    'has a host asked for one row at a time after five of %s on end, each row to its own end, until it answers',
    (kind) => {
      const scheduler = newScheduler();
      addProven(scheduler, 'a', 20);
      // What overload alone does to the limit is another matter.
      const six = startAll(scheduler, 0);
      for (const ticket of six.slice(0, 5)) expect(scheduler.finished(ticket, failed(kind), 10)).toBe(false);
      expect(startAll(scheduler, 30)).toEqual([]);
      scheduler.finished(six[5]!, failed(kind), 30);
      for (let row = 7; row < 12; row++) {
        const alone = startAll(scheduler, row * 50);
        expect(rowsOf(alone)).toEqual([`a${row}`]);
        scheduler.finished(alone[0]!, failed(kind), row * 50);
      }
      const [healed] = startAll(scheduler, 1_000);
      scheduler.finished(healed!, ANSWERED, 1_000);
      expect(startAll(scheduler, 1_000).length).toBe(kind === 'overloaded' ? 1 : 6);
    },
  );

  test('is not misled by failures of several kinds: they do not slow a host', () => {
    const scheduler = newScheduler();
    addProven(scheduler, 'a', 20);
    const six = startAll(scheduler, 0);
    for (const [i, ticket] of six.entries())
      scheduler.finished(ticket, failed(i % 2 === 0 ? 'silent' : 'unreachable'), 10);
    expect(startAll(scheduler, 10)).toHaveLength(6);
  });

  test('leaves three quarters of the limit to others where hosts in trouble wait for their time-outs', () => {
    const scheduler = newScheduler({ concurrency: 40 });
    for (let i = 0; i < 100; i++) addRows(scheduler, `dead${i}.`, 3);
    for (const ticket of startAll(scheduler, 0)) scheduler.finished(ticket, failed('silent'), 15_000);
    for (const ticket of startAll(scheduler, 15_000)) scheduler.finished(ticket, failed('silent'), 30_000);
    for (const ticket of startAll(scheduler, 30_000)) scheduler.finished(ticket, failed('silent'), 45_000);
    for (let i = 0; i < 100; i++) addRows(scheduler, `good${i}.`, 1);
    const started = rowsOf(startAll(scheduler, 45_000));
    expect(started.filter((row) => row.startsWith('dead'))).toHaveLength(10);
    expect(started.filter((row) => row.startsWith('good'))).toHaveLength(30);
  });

  test('does not count an attempt for the limit that has waited a second for a host that never answered, but for its upper bound', () => {
    const scheduler = newScheduler({ concurrency: 4, most: 10 });
    for (let i = 0; i < 20; i++) addRows(scheduler, `new${i}.`, 1);
    const first = startAll(scheduler, 0);
    expect(first).toHaveLength(4);
    scheduler.finished(first[0]!, ANSWERED, 400);
    expect(startAll(scheduler, 400)).toHaveLength(1);
    expect(idleMs(scheduler, 500)).toBe(500);
    expect(startAll(scheduler, 1_000)).toHaveLength(3);
    expect(startAll(scheduler, 1_400)).toHaveLength(1);
    expect(startAll(scheduler, 2_000)).toHaveLength(2);
    expect(scheduler.running).toBe(10);
    expect(idleMs(scheduler, 60_000)).toBe(Number.POSITIVE_INFINITY);
    for (const ticket of first.slice(1)) scheduler.finished(ticket, failed('silent'), 60_000);
    expect(startAll(scheduler, 60_000)).toHaveLength(3);
  });

  test('counts an attempt for the limit however long it waits for a host that has answered before', () => {
    const scheduler = newScheduler({ concurrency: 3, most: 10 });
    addProven(scheduler, 'a', 5);
    expect(startAll(scheduler, 0)).toHaveLength(3);
    expect(idleMs(scheduler, 60_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test('does not keep hosts back that fail at once: to ask them costs next to nothing', () => {
    const scheduler = newScheduler({ concurrency: 40 });
    for (let i = 0; i < 100; i++) addRows(scheduler, `closed${i}.`, 3);
    for (const ticket of startAll(scheduler, 0)) scheduler.finished(ticket, failed('unreachable'), 20);
    for (const ticket of startAll(scheduler, 20)) scheduler.finished(ticket, failed('unreachable'), 40);
    for (const ticket of startAll(scheduler, 40)) scheduler.finished(ticket, failed('unreachable'), 60);
    for (let i = 0; i < 100; i++) addRows(scheduler, `good${i}.`, 1);
    expect(rowsOf(startAll(scheduler, 60)).every((row) => row.startsWith('closed'))).toBe(true);
  });

  test('lets hosts in trouble have the whole limit when nobody else is ready', () => {
    const scheduler = newScheduler({ concurrency: 40 });
    for (let i = 0; i < 40; i++) addRows(scheduler, `dead${i}.`, 2);
    for (const ticket of startAll(scheduler, 0)) scheduler.finished(ticket, failed('silent'), 15_000);
    expect(startAll(scheduler, 15_000)).toHaveLength(40);
  });
});

describe('A host that is given up', () => {
  test('has asked for a longer pause than anybody waits: all its rows are handed back at once, with the reason', () => {
    const scheduler = newScheduler({ patienceMs: PATIENCE_MS });
    addProven(scheduler, 'a', 8);
    const six = startAll(scheduler, 0);
    const told = scheduler.finished(
      six[0]!,
      failed('overloaded', { pauseMs: 3_600_000, retryMs: 3_600_000 }),
      50,
    );
    expect(told).toBe(false);
    const decision = scheduler.next(50);
    if (decision.kind !== 'give-up') throw new Error(decision.kind);
    expect(decision.ticket).toMatchObject({ row: 'a7', attempts: 0, host: 'a' });
    expect(decision.trouble).toEqual({ kind: 'overloaded', inARow: 1, since: 50 });
    expect(decision.until).toBeGreaterThanOrEqual(3_600_050);
    expect(givenUp(scheduler, 50)).toEqual(['a8']);
    // What is under way comes to its own end.
    for (const ticket of six.slice(1)) expect(scheduler.finished(ticket, ANSWERED, 60)).toBe(false);
    expect(scheduler.left).toBe(0);
  });

  test('is not asked before its pause is over, whatever comes; then it is', () => {
    const scheduler = newScheduler({ patienceMs: PATIENCE_MS });
    addProven(scheduler, 'a', 1);
    const [one] = startAll(scheduler, 0);
    scheduler.finished(one!, failed('overloaded', { pauseMs: 3_600_000 }), 0);
    addRows(scheduler, 'a', 2);
    expect(givenUp(scheduler, 1_000)).toEqual(['a1', 'a2']);
    scheduler.add('a3', 'a');
    expect(rowsOf(startAll(scheduler, 3_600_100))).toEqual(['a3']);
  });

  test('has answered nothing but 429 for the whole of the patience, each with a short pause', () => {
    const scheduler = newScheduler({ patienceMs: PATIENCE_MS });
    addProven(scheduler, 'a', 100);
    const six = startAll(scheduler, 0);
    for (const ticket of six) scheduler.finished(ticket, failed('overloaded', { pauseMs: 50_000 }), 0);
    let now = 0;
    for (let pauses = 1; pauses <= 5; pauses++) {
      now += idleMs(scheduler, now);
      const [alone] = startAll(scheduler, now);
      expect(scheduler.finished(alone!, failed('overloaded', { pauseMs: 50_000 }), now)).toBe(false);
    }
    // The next pause would end after 300 s and some milliseconds.
    expect(now).toBeLessThan(PATIENCE_MS);
    expect(givenUp(scheduler, now)).toHaveLength(100 - 6 - 5);
  });

  test('has not answered for the whole of the patience; of rows that come later one is tried, and the others share its fate', () => {
    const scheduler = newScheduler({ patienceMs: PATIENCE_MS });
    addRows(scheduler, 'a', 100);
    let now = 0;
    let asked = 0;
    for (;;) {
      const [alone] = startAll(scheduler, now);
      if (alone === undefined) break;
      asked++;
      now += 30_000;
      scheduler.finished(alone, failed('silent'), now);
      if (now > 30_000 + PATIENCE_MS) break;
    }
    expect(asked).toBe(12);
    expect(givenUp(scheduler, now)).toHaveLength(100 - asked);
    expect(scheduler.left).toBe(0);

    addRows(scheduler, 'a', 50);
    const [probe] = startAll(scheduler, now);
    now += 30_000;
    scheduler.finished(probe!, failed('silent'), now);
    expect(givenUp(scheduler, now)).toHaveLength(49);

    addRows(scheduler, 'a', 50);
    const [better] = startAll(scheduler, now);
    scheduler.finished(better!, ANSWERED, now);
    expect(startAll(scheduler, now)).toHaveLength(6);
  });

  test('is not one that fails so quickly that each of its rows can be asked for', () => {
    const scheduler = newScheduler({ patienceMs: PATIENCE_MS });
    addRows(scheduler, 'a', 50);
    let asked = 0;
    for (let now = 0; asked < 50; now += 20_000) {
      const [alone] = startAll(scheduler, now);
      scheduler.finished(alone!, failed('unreachable'), now + 40);
      asked++;
    }
    expect(scheduler.left).toBe(0);
  });

  test('is not one that failed long ago, when there was no row to ask for since', () => {
    const scheduler = newScheduler({ patienceMs: PATIENCE_MS });
    addRows(scheduler, 'a', 1);
    const [early] = startAll(scheduler, 0);
    scheduler.finished(early!, failed('overloaded'), 0);
    addRows(scheduler, 'b', 1);
    expect(rowsOf(startAll(scheduler, 10 * PATIENCE_MS))).toEqual(['b1']);
    addRows(scheduler, 'a', 5);
    const [late] = startAll(scheduler, 10 * PATIENCE_MS);
    scheduler.finished(late!, failed('overloaded'), 10 * PATIENCE_MS);
    expect(givenUp(scheduler, 10 * PATIENCE_MS)).toEqual([]);
    expect(scheduler.left).toBe(4 + 1);
  });

  test('is not one with so many rows that they take hours', () => {
    const scheduler = newScheduler({ patienceMs: PATIENCE_MS });
    addProven(scheduler, 'a', 600);
    let now = 0;
    for (let answered = 0; answered < 600; ) {
      const started = startAll(scheduler, now);
      now += 60_000;
      for (const ticket of started) scheduler.finished(ticket, ANSWERED, now);
      expect(started).toHaveLength(6);
      answered += started.length;
    }
    expect(now).toBe(100 * 60_000);
  });
});

describe('Scheduler.wants()', () => {
  test('asks for rows while those at hand do not fill twice the limit, and not for those of hosts that are full', () => {
    const scheduler = newScheduler({ concurrency: 10 });
    expect(scheduler.wants()).toBe(20);
    addProven(scheduler, 'a', 1_000);
    expect(scheduler.wants()).toBe(14);
    expect(startAll(scheduler, 0)).toHaveLength(6);
    expect(scheduler.wants()).toBe(14);
    for (let i = 0; i < 20; i++) addRows(scheduler, `b${i}.`, 1);
    expect(scheduler.wants()).toBe(0);
  });

  test('does not count rows of a host that fails and keeps us waiting for it', () => {
    const scheduler = newScheduler({ concurrency: 10 });
    addProven(scheduler, 'a', 100);
    for (const ticket of startAll(scheduler, 0)) scheduler.finished(ticket, failed('silent'), 15_000);
    expect(scheduler.wants()).toBe(20);
  });

  test('does not count rows of a host that wants to be left alone', () => {
    const scheduler = newScheduler({ concurrency: 10 });
    addProven(scheduler, 'a', 100);
    const six = startAll(scheduler, 0);
    scheduler.finished(six[0]!, failed('overloaded', { pauseMs: 1_000 }), 0);
    scheduler.finished(six[1]!, ANSWERED, 0);
    expect(startAll(scheduler, 0)).toEqual([]);
    expect(scheduler.wants()).toBe(20 - 4);
  });
});

describe('Scheduler.nextToResolve()', () => {
  test('names the next hosts that were not asked yet, and no more than so many ahead', () => {
    const scheduler = newScheduler({ concurrency: 2, resolveAhead: 2 });
    for (const host of ['a', 'b', 'c', 'd', 'e', 'f']) addRows(scheduler, host, 2);
    const started = startAll(scheduler, 0);
    expect(rowsOf(started)).toEqual(['a1', 'b1']);
    expect([scheduler.nextToResolve(), scheduler.nextToResolve(), scheduler.nextToResolve()]).toEqual([
      'c',
      'd',
      undefined,
    ]);
    scheduler.finished(started[0]!, ANSWERED, 1);
    expect(rowsOf(startAll(scheduler, 1))).toEqual(['c1']);
    expect([scheduler.nextToResolve(), scheduler.nextToResolve()]).toEqual(['e', undefined]);
  });

  test('names none where that was not asked for', () => {
    const scheduler = newScheduler({ resolveAhead: 0 });
    addRows(scheduler, 'a', 1);
    expect(scheduler.nextToResolve()).toBeUndefined();
  });
});

describe('The hosts in memory', () => {
  /** Tells which hosts the scheduler did not know. */
  function tellingHosts(): { readonly hosts: HostRegistry; readonly asked: string[] } {
    const hosts = newHosts();
    const asked: string[] = [];
    const slotsOf = (host: string) => {
      asked.push(host);
      return hosts.slotsOf(host);
    };
    return { hosts: { hostLimit: hosts.hostLimit, slotsOf }, asked };
  }

  test('are those that have rows, and those in trouble', () => {
    const { hosts, asked } = tellingHosts();
    const scheduler = newScheduler({ hosts });
    for (const round of [1, 2]) {
      addRows(scheduler, 'good', round);
      addRows(scheduler, 'bad', round);
      for (let started = startAll(scheduler, 0); started.length > 0; started = startAll(scheduler, 0)) {
        for (const ticket of started)
          scheduler.finished(ticket, ticket.host === 'bad' ? failed('unreachable') : ANSWERED, 0);
      }
    }
    expect(asked).toEqual(['good', 'bad', 'good']);
  });

  test('of those in trouble no more than some thousands, the oldest forgotten first', () => {
    const { hosts, asked } = tellingHosts();
    const scheduler = newScheduler({ hosts });
    for (let i = 0; i < 5_000; i++) {
      addRows(scheduler, `host${i}.`, 1);
      for (const ticket of startAll(scheduler, i)) scheduler.finished(ticket, failed('unreachable'), i);
    }
    expect(asked).toHaveLength(5_000);
    addRows(scheduler, 'host4999.', 1);
    expect(asked).toHaveLength(5_000);
    addRows(scheduler, 'host0.', 1);
    expect(asked).toHaveLength(5_001);
  });
});
