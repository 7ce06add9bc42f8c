import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import type { HostSlots } from '../../../src/dataset/schedule/host-slots.js';
import { SharedHosts } from '../../../src/dataset/schedule/shared-hosts.js';
import { errorOf } from '../../support/failure.js';

const NOW = 1_800_000_000_000;

function newHosts(hostLimit = 6): SharedHosts {
  return new SharedHosts(SharedHosts.buffer(hostLimit, NOW));
}

/** Takes as many slots as there are. */
function takeAll(slots: HostSlots, now = NOW): number {
  let taken = 0;
  while (slots.take(now) === 'taken') taken++;
  return taken;
}

function giveAll(slots: HostSlots, count: number): void {
  for (let i = 0; i < count; i++) slots.give();
}

/** A script of this folder as one piece of JavaScript: a worker thread of Node 20 loads no TypeScript. */
function bundled(name: string): string {
  const entryPoints = [join(import.meta.dirname, name)];
  const { outputFiles } = buildSync({
    entryPoints,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  return outputFiles[0]!.text;
}

describe('SharedHosts', () => {
  test('lets as many ask a host as its limit, counted over all who share the memory', () => {
    const buffer = SharedHosts.buffer(6, NOW);
    const one = new SharedHosts(buffer).slotsOf('a.example');
    const other = new SharedHosts(buffer).slotsOf('a.example');
    expect([one.take(NOW), other.take(NOW), one.take(NOW), other.take(NOW)]).toEqual(Array(4).fill('taken'));
    expect([one.take(NOW), other.take(NOW), one.take(NOW), other.take(NOW)]).toEqual([
      'taken',
      'taken',
      'full',
      'full',
    ]);
    other.give();
    expect([one.take(NOW), other.take(NOW)]).toEqual(['taken', 'full']);
  });

  test('keeps hosts apart', () => {
    const hosts = newHosts();
    takeAll(hosts.slotsOf('a.example'));
    hosts.slotsOf('b.example').pause(NOW + 1_000);
    expect(takeAll(hosts.slotsOf('c.example'))).toBe(6);
  });

  test('halves a limit down to one and no further, and leaves it alone for what began before it was told', () => {
    const slots = newHosts(12).slotsOf('a.example');
    const limits: number[] = [];
    for (let told = 1; told <= 6; told++) {
      const at = NOW + told * 1_000;
      slots.halve(at - 500, at);
      slots.halve(at - 400, at + 1);
      const taken = takeAll(slots, at + 100);
      limits.push(taken);
      giveAll(slots, taken);
    }
    expect(limits).toEqual([6, 3, 1, 1, 1, 1]);
  });

  test('raises a lowered limit by one after each ten answers, up to where it was', () => {
    const slots = newHosts(4).slotsOf('a.example');
    slots.halve(NOW, NOW);
    const limits: number[] = [];
    for (let answers = 1; answers <= 40; answers++) {
      slots.succeeded();
      const taken = takeAll(slots, NOW + 100);
      giveAll(slots, taken);
      limits.push(taken);
    }
    expect(limits).toEqual([...Array(9).fill(2), ...Array(10).fill(3), ...Array(21).fill(4)]);
  });

  test('begins to count answers anew when the host says once more that it is too much', () => {
    const slots = newHosts(4).slotsOf('a.example');
    slots.halve(NOW, NOW);
    for (let i = 0; i < 9; i++) slots.succeeded();
    slots.halve(NOW + 100, NOW + 100);
    slots.succeeded();
    expect(takeAll(slots, NOW + 200)).toBe(1);
  });

  test('pauses a host for all until the time is over, never sooner and hardly later', () => {
    const buffer = SharedHosts.buffer(6, NOW);
    const one = new SharedHosts(buffer).slotsOf('a.example');
    const other = new SharedHosts(buffer).slotsOf('a.example');
    one.pause(NOW + 5_000);
    expect(other.take(NOW + 5_000)).toBe('paused');
    expect(other.pausedUntil()).toBeGreaterThan(NOW + 5_000);
    expect(other.pausedUntil()).toBeLessThanOrEqual(NOW + 5_016);
    expect(other.take(other.pausedUntil())).toBe('taken');
    other.pause(NOW + 9_000);
    one.pause(NOW + 6_000);
    expect(other.pausedUntil()).toBeGreaterThan(NOW + 9_000);
  });

  test('holds a pause of any length, a century too', () => {
    const slots = newHosts().slotsOf('a.example');
    slots.pause(NOW + 100 * 365 * 86_400_000);
    expect(slots.take(NOW + 365 * 86_400_000)).toBe('paused');
  });

  test('tells who gives a slot back that another wants it, until one was taken', () => {
    const buffer = SharedHosts.buffer(2, NOW);
    const one = new SharedHosts(buffer).slotsOf('a.example');
    const other = new SharedHosts(buffer).slotsOf('a.example');
    takeAll(one);
    expect(other.take(NOW)).toBe('full');
    other.want();
    expect(one.give()).toBe(true);
    expect(other.take(NOW)).toBe('taken');
    expect(one.give()).toBe(false);
  });

  test.each([0, 256, 1.5, Number.NaN])('refuses a limit of %s', async (hostLimit) => {
    const failure = await errorOf((async () => SharedHosts.buffer(hostLimit, NOW))());
    expect(failure).toMatchObject({ code: 'option-invalid' });
    expect(failure.message).toContain('must be a whole number from 1 to 255.');
  });

  test('has fewer than one in a hundred of 10^5 hosts share both its buckets with others, though all are in trouble', () => {
    const hosts = newHosts();
    for (let i = 0; i < 100_000; i++) hosts.slotsOf(`host-${i}.example`).pause(NOW + 1_000);
    let disturbed = 0;
    for (let i = 0; i < 100_000; i++) {
      if (hosts.slotsOf(`other-${i}.example`).take(NOW) === 'paused') disturbed++;
    }
    expect(disturbed).toBeLessThan(1_000);
    expect(disturbed).toBeGreaterThan(0);
  });

  test('never gives threads that ask all at once more than the limit', async () => {
    const buffer = SharedHosts.buffer(2, NOW);
    /** How many hold a slot now, the most that ever did, and how many threads are ready. */
    const counts = new Int32Array(new SharedArrayBuffer(12));
    const threads = 3;
    const script = bundled('slot-taker.ts');
    const taken = await Promise.all(
      Array.from({ length: threads }, () => {
        const workerData = { buffer, counts, threads, now: NOW };
        const worker = new Worker(script, { workerData, eval: true });
        return new Promise<number>((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
        });
      }),
    );
    expect(taken).toEqual(Array(threads).fill(20_000));
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeLessThanOrEqual(2);
    expect(takeAll(new SharedHosts(buffer).slotsOf('a.example'))).toBe(2);
  });
});
