import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KindName, world } from '../dataset/world.js';
import { scratchDirectory } from '../support/scratch.js';
import { until } from './support/command.js';
import { datasetOf, leftOver, listIn, onWorld, pull, startPull } from './support/pull.js';

/** Each asked for once in a run that nothing disturbs. */
const ONCE: readonly KindName[] = [
  'good',
  'png',
  'repeated',
  'missing',
  'html',
  'noai',
  'truncated',
  'no-url',
];
const CONCURRENCY = 16;
const KILLS = 20;

describe('sluice pull, killed', () => {
  test(`${KILLS} times at any moment: goes on to the same data set, and asks again for no more than was in flight`, async () => {
    const there = await world({ hosts: 40, rows: 800, kinds: ONCE, delayMs: 15 });
    const folder = scratchDirectory();
    const list = listIn(folder, there);
    const args = [
      '--shard-size',
      '100',
      '--concurrency',
      String(CONCURRENCY),
      '--threads',
      '2',
      ...onWorld(there),
    ];
    const undisturbed = join(folder, 'undisturbed');
    expect((await pull([list, '-o', undisturbed, ...args])).status).toBe(0);
    const once = there.asked();
    expect([...there.requests.values()].every((times) => times === 1)).toBe(true);

    const killed = join(folder, 'killed');
    const moments = fc.sample(fc.integer({ min: 1, max: 40 }), { numRuns: KILLS });
    for (const requests of moments) {
      const running = startPull([list, '-o', killed, ...args]);
      const before = there.asked();
      await until(() => there.asked() >= before + requests || running.child.exitCode !== null);
      running.kill('SIGKILL');
      await running.ended;
    }
    const { status, stderr } = await pull([list, '-o', killed, ...args]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await datasetOf(killed)).toEqual(await datasetOf(undisturbed));
    expect(leftOver(killed)).toEqual([]);
    expect(there.asked() - 2 * once).toBeLessThanOrEqual(KILLS * CONCURRENCY);
  }, 300_000);
});
