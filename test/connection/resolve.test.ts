import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, familiesInTurn, resolveHost } from '../../src/connection/resolve.js';
import { errorOf } from '../support/failure.js';

const four = (n: number): Address => ({ address: `192.0.2.${n}`, family: 4 });
const six = (n: number): Address => ({ address: `2001:db8::${n}`, family: 6 });

describe('familiesInTurn()', () => {
  test('alternates the families, beginning with the first (RFC 8305 section 4)', () => {
    expect(familiesInTurn([six(1), six(2), six(3), four(1), four(2)])).toEqual([
      six(1),
      four(1),
      six(2),
      four(2),
      six(3),
    ]);
    expect(familiesInTurn([four(1), six(1), six(2), six(3)])).toEqual([four(1), six(1), six(2), six(3)]);
    expect(familiesInTurn([four(1), four(2)])).toEqual([four(1), four(2)]);
    expect(familiesInTurn([])).toEqual([]);
  });

  test('keeps every address once, and the order within each family', () => {
    const address = fc.tuple(fc.boolean(), fc.nat({ max: 200 })).map(([v6, n]) => (v6 ? six(n) : four(n)));
    const property = fc.property(fc.array(address, { maxLength: 12 }), (addresses) => {
      const turned = familiesInTurn(addresses);
      expect(turned[0]).toEqual(addresses[0]);
      for (const family of [4, 6]) {
        const only = (list: Address[]) => list.filter((entry) => entry.family === family);
        expect(only(turned)).toEqual(only(addresses));
      }
      const fewer = Math.min(...[4, 6].map((family) => addresses.filter((a) => a.family === family).length));
      for (let i = 1; i < 2 * fewer; i++) expect(turned[i]?.family).not.toBe(turned[i - 1]?.family);
    });
    fc.assert(property, { numRuns: 200 });
  });
});

describe('resolveHost()', () => {
  test('takes an address for itself and asks nobody', async () => {
    const nobody = () => Promise.reject(new Error('asked'));
    expect(await resolveHost('127.0.0.1', 80, nobody)).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(await resolveHost('::1', 80, nobody)).toEqual([{ address: '::1', family: 6 }]);
  });

  test('resolves localhost by the system', async () => {
    const addresses = await resolveHost('localhost', 80);
    expect(addresses.length).toBeGreaterThan(0);
    for (const { address } of addresses) expect(['127.0.0.1', '::1']).toContain(address);
  });

  test('throws name-not-resolved when there is no address, or the lookup fails', async () => {
    const none = await errorOf(resolveHost('h.test', 80, () => Promise.resolve([])));
    expect(none).toMatchObject({ code: 'name-not-resolved', exitCode: 6, phase: 'resolve' });
    expect(none.message).toBe('The host name h.test could not be resolved: it has no address.');
    const notFound = Object.assign(new Error('getaddrinfo ENOTFOUND h.test'), { code: 'ENOTFOUND' });
    const unknown = await errorOf(resolveHost('h.test', 80, () => Promise.reject(notFound)));
    expect(unknown.message).toContain('no such name is known');
    expect(unknown.cause).toBe(notFound);
    expect(unknown.publicMessage).not.toContain('h.test');
  });
});
