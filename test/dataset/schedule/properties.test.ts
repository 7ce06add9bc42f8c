import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Crew } from '../../../bench/simulation/crew.js';
import { Watch } from '../../../bench/simulation/watch.js';
import { crews } from './random-world.js';

describe('A crew in any world', () => {
  test('never has more at a host than its limit, asks none before its Retry-After, and is done with every row once', () => {
    fc.assert(
      fc.property(crews, ({ world, settings }) => {
        const crew = new Crew(world, settings, new Watch(world.rows, settings.hosts.hostLimit));
        crew.runUntil(world.rows);
        expect(crew.done).toBe(world.rows);
      }),
      { numRuns: 300 },
    );
  });
});
