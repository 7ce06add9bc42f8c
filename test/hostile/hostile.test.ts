import { describe, expect, test } from 'vitest';
import { run } from './run.js';
import { SCENARIOS } from './scenarios.js';

const all = Object.values(SCENARIOS).flat();

describe.each(Object.entries(SCENARIOS))('get against a hostile server: %s', (_topic, scenarios) => {
  test.concurrent.each(scenarios.map((one) => [one.name, one] as const))('%s', async (_, scenario) => {
    expect((await run(scenario)).differences).toEqual([]);
  });
});

test('every scenario has a name of its own', () => {
  const names = all.map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});
