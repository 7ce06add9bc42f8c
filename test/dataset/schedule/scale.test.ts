import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { longest, secondsBy, usefulMachines } from '../../../bench/simulation/cost-model.js';
import { MACHINE, MIXES, mixOf, scaleTable } from '../../../bench/simulation/scale.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/SCALE.md'), 'utf8');
const HOST_LIMIT = 6;

describe('docs/SCALE.md', () => {
  test('has the table that its figures give: `npm run simulate -- --scale`', () => {
    expect(page).toContain(scaleTable());
  });
});

describe('The cost model', () => {
  test.each(MIXES.map((kind) => [kind.name, kind] as const))(
    'halves all times but that of politeness with twice the machines: %s',
    (_, kind) => {
      const mix = mixOf(kind, 1e8);
      const { politeness, ...one } = secondsBy(mix, MACHINE, HOST_LIMIT);
      const two = secondsBy(mix, { ...MACHINE, count: 2 }, HOST_LIMIT);
      for (const [resource, seconds] of Object.entries(one))
        expect(two[resource as keyof typeof one]).toBeCloseTo(seconds / 2, 6);
      expect(two.politeness).toBe(politeness);
    },
  );

  test('says how many machines it takes until only the slowest host is left to wait for', () => {
    for (const kind of MIXES) {
      const mix = mixOf(kind, 1e9);
      const count = usefulMachines(mix, MACHINE, HOST_LIMIT);
      expect(longest(secondsBy(mix, { ...MACHINE, count }, HOST_LIMIT)).resource).toBe('politeness');
      if (count === 1) continue;
      const fewer = secondsBy(mix, { ...MACHINE, count: count - 1 }, HOST_LIMIT);
      expect(longest(fewer).resource).not.toBe('politeness');
    }
  });

  test('has a host with n rows, six at once and s seconds each take n * s / 6 seconds', () => {
    const mix = { ...mixOf(MIXES[0]!, 1e6), slowestHostRows: 6_000, slowestHostSeconds: 2 };
    expect(secondsBy(mix, MACHINE, HOST_LIMIT).politeness).toBe(2_000);
  });
});
