import { describe, expect, test } from 'vitest';
import { AdaptiveLimit, type HostCount } from '../../../src/dataset/schedule/adaptive-limit.js';

const HOSTS = 100;

/** What a time brings. */
interface Passage {
  /** Default 1000. */
  readonly ms?: number;
  /** Attempts that finish. */
  readonly finished: number;
  /** Of the hosts, those at which every attempt of this time is congested. */
  readonly congestedHosts?: number;
  /** How long each attempt took. */
  readonly tookMs?: number;
  readonly full?: boolean;
}

/** A limit, a hundred hosts in turn, and a clock. */
class Driven {
  readonly limit: AdaptiveLimit;
  now = 0;
  readonly #hosts: HostCount[] = Array.from({ length: HOSTS }, () => ({
    epoch: -1,
    finishedInEpoch: 0,
    congestedInEpoch: 0,
  }));

  constructor(least = 16, most = 1024) {
    this.limit = new AdaptiveLimit({ least, most }, 0);
  }

  pass({ ms = 1_000, finished, congestedHosts = 0, tookMs = 100, full = true }: Passage): void {
    for (let i = 0; i < finished; i++) {
      this.now += ms / finished;
      const host = i % HOSTS;
      const congested = host < congestedHosts;
      const attempt = { startedAt: this.now - tookMs, answered: !congested, congested, full };
      this.limit.finished(this.#hosts[host]!, attempt, this.now);
    }
  }

  /** Times of a second in which the crew does as much as its limit lets it, up to `capacity` attempts a second. */
  passBusy(times: number, capacity: number, { ms = 1_000, ...more }: Partial<Passage> = {}): number[] {
    const limits: number[] = [];
    for (let i = 0; i < times; i++) {
      const finished = Math.round((Math.min(capacity, this.limit.limit * 10) * ms) / 1_000);
      this.pass({ ms, finished, ...more });
      limits.push(this.limit.limit);
    }
    return limits;
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

describe('AdaptiveLimit', () => {
  test('doubles while that brings more, then stays near the least limit that brings the most', () => {
    const driven = new Driven();
    const limits = driven.passBusy(300, 3_000);
    expect(limits.slice(0, 12)).toContain(256);
    const later = limits.slice(100);
    expect(mean(later)).toBeGreaterThan(250);
    expect(mean(later)).toBeLessThan(400);
    expect(Math.max(...later)).toBeLessThan(512);
  });

  test('comes down when less is enough', () => {
    const driven = new Driven();
    driven.passBusy(60, 8_000);
    const before = driven.limit.limit;
    const limits = driven.passBusy(200, 2_000);
    expect(before).toBeGreaterThan(600);
    expect(mean(limits.slice(-50))).toBeLessThan(400);
  });

  test('goes to its upper bound and no further where there is no end to the growth', () => {
    const driven = new Driven();
    const limits = driven.passBusy(80, Number.POSITIVE_INFINITY).slice(20);
    expect(Math.max(...limits)).toBe(1024);
    expect(Math.min(...limits)).toBeGreaterThan(1024 - 2 * 64);
  });

  test('stays where it is when it is not what holds the crew back', () => {
    const driven = new Driven();
    driven.passBusy(5, 100_000);
    const { limit } = driven.limit;
    expect(driven.passBusy(20, 100_000, { full: false })).toEqual(Array(20).fill(limit));
  });

  test('is fixed where its bounds are one number', () => {
    const driven = new Driven(50, 50);
    expect(driven.passBusy(20, 100_000)).toEqual(Array(20).fill(50));
    expect(driven.passBusy(20, 100_000, { congestedHosts: 50 })).toEqual(Array(20).fill(50));
  });

  test('is cut when hosts fail that did not before', () => {
    const driven = new Driven();
    driven.passBusy(30, 3_000);
    const before = driven.limit.limit;
    const limits = driven.passBusy(2, 3_000, { congestedHosts: 30 });
    expect(Math.min(...limits)).toBeLessThan(before * 0.8);
    expect(Math.min(...limits)).toBeGreaterThan(before * 0.5);
  });

  test('is not cut by one host, however often it fails', () => {
    const driven = new Driven();
    driven.passBusy(30, 3_000);
    const limits = driven.passBusy(30, 3_000, { congestedHosts: 1 });
    expect(mean(limits)).toBeGreaterThan(250);
  });

  test('is not cut by a few failures at every host', () => {
    const driven = new Driven();
    driven.passBusy(30, 3_000);
    for (let i = 0; i < 30; i++) {
      driven.passBusy(1, 3_000, { ms: 50, congestedHosts: 100 });
      driven.passBusy(1, 3_000, { ms: 950 });
    }
    expect(driven.limit.limit).toBeGreaterThan(250);
  });

  test('is not cut by hosts that failed from the beginning', () => {
    const driven = new Driven();
    const limits = driven.passBusy(200, 3_000, { congestedHosts: 30 });
    expect(mean(limits.slice(100))).toBeGreaterThan(250);
  });

  test('is cut once for failures that began before the cut, however late they show', () => {
    const driven = new Driven();
    driven.passBusy(30, 3_000);
    const before = driven.limit.limit;
    // Time-outs of thirty seconds: all of these began before the cut.
    const limits = driven.passBusy(29, 3_000, { congestedHosts: 30, tookMs: 30_000 });
    expect(limits.at(-1)).toBeLessThan(before * 0.8);
    expect(new Set(limits.slice(2)).size).toBe(1);
  });

  test('stays cut, and climbs again slowly, when the failures went with it', () => {
    const driven = new Driven();
    driven.passBusy(30, 3_000);
    const before = driven.limit.limit;
    while (driven.limit.limit > before * 0.75) driven.pass({ ms: 100, finished: 300, congestedHosts: 30 });
    const cut = driven.limit.limit;
    const limits = driven.passBusy(2, 3_000);
    expect(Math.max(...limits)).toBeLessThanOrEqual(cut + 64);
  });

  test('is given back when the failures did not go with it: they were not its doing, and count as the base from then on', () => {
    const driven = new Driven();
    driven.passBusy(30, 3_000);
    const before = driven.limit.limit;
    const limits = driven.passBusy(100, 3_000, { congestedHosts: 30 });
    expect(Math.min(...limits.slice(0, 5))).toBeLessThan(before * 0.8);
    expect(Math.min(...limits.slice(10))).toBeGreaterThan(200);
  });

  test('stays between its bounds through everything', () => {
    const driven = new Driven(16, 256);
    for (let i = 0; i < 400; i++) {
      const congestedHosts = (i * 7) % 60;
      driven.passBusy(1, 500 + ((i * 37) % 2_000), { congestedHosts, tookMs: (i % 9) * 400 });
      expect(driven.limit.limit).toBeGreaterThanOrEqual(16);
      expect(driven.limit.limit).toBeLessThanOrEqual(256);
    }
  });
});
