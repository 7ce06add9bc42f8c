import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { badPortService } from '../../src/retrieval/bad-port.js';

const { badPorts } = createRequire(import.meta.url)('undici/lib/web/fetch/constants.js') as {
  badPorts: readonly string[];
};

test("badPortService() knows the Fetch standard's bad ports, as undici has them, and no other", () => {
  const ours = Array.from({ length: 65_536 }, (_, port) => port).filter(
    (port) => badPortService(port) !== undefined,
  );
  // Port 0 was added to the standard later.
  expect(ours.filter((port) => port !== 0)).toEqual(badPorts.map(Number));
  for (const port of [80, 443, 8000, 8080, 8443, 3000]) expect(badPortService(port)).toBeUndefined();
});

test('badPortService() names the service', () => {
  expect([22, 25, 6667, 10_080].map(badPortService)).toEqual(['ssh', 'smtp', 'ircu', 'amanda']);
});
