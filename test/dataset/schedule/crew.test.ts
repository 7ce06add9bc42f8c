import { describe, expect, test } from 'vitest';
import { Crew, type CrewSettings, type World } from '../../../bench/simulation/crew.js';
import { Even, type EvenSettings, fairness, TEN_SLOW, timesOf } from '../../../bench/simulation/even.js';
import { Watch } from '../../../bench/simulation/watch.js';
import { WEB, Web } from '../../../bench/simulation/web.js';
import { SharedHosts } from '../../../src/dataset/schedule/shared-hosts.js';
import { DEFAULT_WINDOW } from '../../../src/dataset/schedule/window.js';
import { ANSWERED } from './verdicts.js';

const HOST_LIMIT = 6;

function crewOf(more: Partial<CrewSettings> = {}): CrewSettings {
  return {
    workers: 2,
    hosts: new SharedHosts(SharedHosts.buffer(HOST_LIMIT, 0)),
    limit: { least: 8, most: 512 },
    shardSize: 10_000,
    window: DEFAULT_WINDOW,
    msPerAnswer: 0.5,
    ...more,
  };
}

describe('A crew', () => {
  test('is not held up by ten slow hosts among a thousand: the rest is done as soon as if they were not slow', () => {
    const slow = timesOf(TEN_SLOW, crewOf());
    const undisturbed = timesOf({ ...TEN_SLOW, slowHosts: 0 }, crewOf());
    expect(slow.rest).toBeLessThan(undisturbed.rest * 1.1);
    // The slow ones themselves take what politeness makes them take: a hundred rows, six at once.
    expect(slow.all).toBeGreaterThan((100 / HOST_LIMIT) * TEN_SLOW.slowMs);
  });

  test('is held up by them when no more than four shards may be open', () => {
    const narrow = crewOf({ workers: 1, window: { mostShards: 4, mostRows: DEFAULT_WINDOW.mostRows } });
    const slow = timesOf(TEN_SLOW, narrow);
    const undisturbed = timesOf({ ...TEN_SLOW, slowHosts: 0 }, crewOf({ workers: 1 }));
    expect(slow.rest).toBeGreaterThan(undisturbed.rest * 1.5);
  });

  test('shares a short list among its workers where shards are scarce, and is held up by slow hosts no more than elsewhere', () => {
    const scarce = Number.POSITIVE_INFINITY;
    const rows = 20_000;
    const world: World = {
      rows,
      hostOf: (row) => `host-${row % 4}`,
      ask: () => ({ ms: 10, verdict: ANSWERED }),
    };
    // Four cores of 200 answers a second each: 25 s.
    const took = (more: Partial<CrewSettings>) => {
      const crew = new Crew(world, crewOf({ workers: 4, shardSize: 1_000, msPerAnswer: 5, ...more }));
      crew.runUntil(rows);
      return crew.now;
    };
    expect(took({ scarce })).toBeLessThan(25_000 * 1.2);
    expect(took({})).toBeGreaterThan(25_000 * 2);
    expect(timesOf(TEN_SLOW, crewOf({ scarce })).rest).toBeLessThan(timesOf(TEN_SLOW, crewOf()).rest * 1.1);
    // A thread has 5,000 rows of the window at least: the hosts that never answer must not use it up.
    const web = new Web({ ...WEB, rows: 100_000, hosts: 10_000, skew: 0.5, medianMs: 50, silent: 0.02 });
    const crew = new Crew(web, crewOf({ scarce }));
    crew.runUntil(60_000);
    const plenty = new Crew(web, crewOf());
    plenty.runUntil(60_000);
    expect(crew.now).toBeLessThan(plenty.now * 1.2);
  });

  test('serves hosts alike that have rows all the time, and never lets one that needs long take more than half of the turns', () => {
    const [rows, hosts, places] = [60_000, 100, 8];
    // The first host has half of the list, and would take six places of eight.
    const world: World = {
      rows,
      hostOf: (row) => (row % 2 === 0 ? 'host-0' : `host-${row % hosts}`),
      ask: () => ({ ms: 100, verdict: ANSWERED }),
    };
    const started = new Map<string, number>();
    const observer = {
      started: ({ host }: { host: string }) => void started.set(host, (started.get(host) ?? 0) + 1),
    };
    const limit = { least: places, most: places };
    const window = { mostShards: 1, mostRows: rows };
    new Crew(world, crewOf({ workers: 1, limit, window, shardSize: rows }), observer).runUntil(10_000);
    const long = started.get('host-0')!;
    started.delete('host-0');
    expect(started.size).toBe(50);
    expect(fairness([...started.values()])).toBeGreaterThan(0.999);
    expect(long).toBeGreaterThan(4_500);
    expect(long).toBeLessThan(5_500);
  });

  test('has a host that sets the end of the run asked all the time', () => {
    const rows = 120_000;
    // 6,000 rows at six a tenth of a second: 100 s, while the cores alone would need 30 s for the list.
    const world: World = {
      rows,
      hostOf: (row) => (row % 20 === 0 ? 'heavy' : `host-${row % 5_000}`),
      ask: () => ({ ms: 100, verdict: ANSWERED }),
    };
    const crew = new Crew(world, crewOf());
    crew.runUntil(rows);
    const politely = (rows / 20 / HOST_LIMIT) * 100;
    expect(crew.now).toBeLessThan(politely * 1.2);
  });

  test('has several workers share one host: each gets rows done, and together they use all its slots', () => {
    const rows = 2_000;
    const world: World = { rows, hostOf: () => 'a', ask: () => ({ ms: 200, verdict: ANSWERED }) };
    const workers = 4;
    const doneByShard = new Map<number, number>();
    const shardSize = rows / workers;
    const observer = {
      done: (row: number) => {
        const shard = Math.floor(row / shardSize);
        doneByShard.set(shard, (doneByShard.get(shard) ?? 0) + 1);
      },
    };
    const window = { mostShards: 1, mostRows: rows };
    const crew = new Crew(world, crewOf({ workers, shardSize, window, msPerAnswer: 0 }), observer);
    crew.runUntil(rows / 2);
    expect(doneByShard.size).toBe(workers);
    expect(Math.min(...doneByShard.values())).toBeGreaterThan(rows / 2 / workers / 3);
    expect(crew.now).toBeLessThan(((rows / 2) * 200) / HOST_LIMIT / 0.8);
  });

  test.each([0, 0.02])('goes at the speed of its cores though %s of the hosts never answer', (silent) => {
    const world = new Web({ ...WEB, rows: 100_000, hosts: 20_000, skew: 0.5, medianMs: 50, silent });
    const crew = new Crew(world, crewOf());
    crew.runUntil(20_000);
    const [before, since] = [crew.answers, crew.now];
    crew.runUntil(60_000);
    const answersASecond = (crew.answers - before) / ((crew.now - since) / 1_000);
    expect(answersASecond).toBeGreaterThan(0.8 * 4_000);
  });

  test('keeps its promises on 10^5 rows of a made-up web, and ends', () => {
    const world = new Web({ ...WEB, rows: 100_000, hosts: 10_000 });
    const crew = new Crew(world, crewOf(), new Watch(world.rows, HOST_LIMIT));
    crew.runUntil(world.rows);
    expect(crew.done).toBe(100_000);
    expect(crew.answers + crew.givenUp).toBeGreaterThan(85_000);
    expect(crew.givenUp).toBeLessThan(2_000);
  });

  test('has the same result at every run', () => {
    const run = () => {
      const world = new Web({ ...WEB, rows: 20_000, hosts: 2_000 });
      const crew = new Crew(world, crewOf());
      crew.runUntil(world.rows);
      return [crew.now, crew.attempts, crew.givenUp];
    };
    expect(run()).toEqual(run());
  });
});

describe('Even', () => {
  test('has rows of every host', () => {
    const settings: EvenSettings = { ...TEN_SLOW, rows: 20_000 };
    const world = new Even(settings);
    const hosts = new Set(Array.from({ length: settings.rows }, (_, row) => world.hostOf(row)));
    expect(hosts.size).toBe(settings.hosts);
  });
});
