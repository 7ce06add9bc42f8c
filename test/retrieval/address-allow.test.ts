/** Exceptions to who may be connected to, and the ports that need one. */

import { describe, expect, test } from 'vitest';
import { originOf } from '../../src/connection/origin.js';
import type { Address } from '../../src/connection/resolve.js';
import { firstGuard, PUBLIC_ONLY } from '../../src/retrieval/address-guard.js';
import { addressRange } from '../../src/retrieval/address-policy.js';
import { settle } from '../../src/retrieval/options.js';
import { retrieve } from '../../src/retrieval/retrieve.js';
import { failureOf } from '../support/failure.js';
import { newPool } from '../support/new-pool.js';
import { PRETENDED, pretendedRange, retrievePretending } from '../support/pretended.js';
import { answering, rawServer } from '../support/raw-server.js';
import { redirect, reply } from '../support/replies.js';
import { resolving } from '../support/resolving.js';

const HELLO = reply('hello');

describe('allow', () => {
  test.each([
    [['127.0.0.1'], '127.0.0.1'],
    [['127.0.0.1'], 'localhost'],
    [['127.0.0.1'], '2130706433'],
    [['127.0.0.0/8'], '127.0.0.1'],
    [['LOCALHOST'], 'localhost'],
    [['127.0.0.1:PORT'], '127.0.0.1'],
    [['localhost:PORT'], 'localhost'],
    [['10.0.0.0/8', '127.0.0.0/8:PORT'], '127.0.0.1'],
    [['::ffff:127.0.0.1'], '127.0.0.1'],
  ])('%j lets retrieve() connect to %s', async (allow, host) => {
    const server = await rawServer(answering(HELLO));
    const entries = allow.map((entry) => entry.replace('PORT', String(server.port)));
    const receipt = await retrieve(`http://${host}:${server.port}/`, { allow: entries, pool: newPool() });
    expect(receipt).toMatchObject({ status: 200, address: '127.0.0.1' });
  });

  test.each([
    [['127.0.0.2'], '127.0.0.1'],
    [['127.0.0.1:1'], '127.0.0.1'],
    [['127.0.0.0/30:1', 'localhost:2'], 'localhost'],
    [['localhost'], '127.0.0.1'],
    [['h.test'], 'localhost'],
    [['::1', '[::1]:80'], '127.0.0.1'],
    [[], '127.0.0.1'],
  ])('%j does not let it connect to %s', async (allow, host) => {
    const server = await rawServer(answering(HELLO));
    const error = await failureOf(retrieve(`http://${host}:${server.port}/`, { allow }));
    expect(error.code).toBe('address-refused');
    expect(server.sockets).toEqual([]);
  });

  test('a host is allowed at every address that it resolves to, and no other host there', async () => {
    const server = await rawServer(answering(HELLO));
    const lookup = resolving(['127.0.0.1']);
    const options = { lookup, allow: ['inside.test'], pool: newPool() };
    expect((await retrieve(`http://inside.test:${server.port}/`, options)).status).toBe(200);
    const other = await failureOf(retrieve(`http://other.test:${server.port}/`, options));
    expect(other.code).toBe('address-refused');
  });

  test('holds at a redirect as well', async () => {
    const inside = await rawServer(answering(HELLO));
    const server = await rawServer(answering(redirect(inside.url())), { host: PRETENDED });
    for (const addresses of ['public', 'redirects'] as const) {
      const options = { addresses, allow: [inside.authority], pool: newPool() };
      expect(await retrievePretending(server.url(), options)).toMatchObject({ status: 200, hops: 1 });
    }
  });
});

describe('firstGuard()', () => {
  const at = (url: string) => originOf(new URL(url));
  const LOOPBACK: Address = { address: '127.0.0.1', family: 4 };
  const ANYBODY: Address = { address: '8.8.8.8', family: 4 };
  const exceptions = (...allow: string[]) => settle({ allow }).guard.exceptions;

  test('lets a typed port be, and refuses a bad one where a redirect or a stranger leads there', () => {
    const typed = firstGuard({ ...PUBLIC_ONLY, addresses: 'redirects' }, undefined)!;
    expect(typed.allows(at('http://h.test:25/'), ANYBODY)).toBe(true);
    expect(typed.afterRedirect('127.0.0.1').allows(at('http://h.test:25/'), ANYBODY)).toBe(false);
    expect(typed.afterRedirect('127.0.0.1').allows(at('http://h.test:80/'), LOOPBACK)).toBe(true);
    const strict = firstGuard(PUBLIC_ONLY, undefined)!;
    expect(strict.allows(at('http://h.test:25/'), ANYBODY)).toBe(false);
    expect(strict.allows(at('https://h.test/'), ANYBODY)).toBe(true);
  });

  test('allows a bad port where an exception names it, at an address that may be connected to', () => {
    const named = (...allow: string[]) =>
      firstGuard({ ...PUBLIC_ONLY, exceptions: exceptions(...allow) }, undefined)!;
    const smtp = at('http://h.test:25/');
    expect(named('h.test').allows(smtp, ANYBODY)).toBe(false);
    expect(named('h.test:25').allows(smtp, ANYBODY)).toBe(true);
    expect(named('8.8.8.0/24:25').allows(smtp, ANYBODY)).toBe(true);
    expect(named('8.8.8.8:26').allows(smtp, ANYBODY)).toBe(false);
    expect(named('h.test:25').allows(smtp, LOOPBACK)).toBe(true);
    expect(named('8.8.8.8:25', '127.0.0.1').allows(smtp, LOOPBACK)).toBe(false);
  });

  test('is none where nothing is to be refused and nobody to be told', () => {
    expect(firstGuard({ ...PUBLIC_ONLY, addresses: 'any' }, undefined)).toBeUndefined();
  });

  test('refuses by the range, of whatever policy', () => {
    const pretending = firstGuard({ ...PUBLIC_ONLY, rangeOf: pretendedRange }, undefined)!;
    const address: Address = { address: PRETENDED, family: 4 };
    expect(pretending.allows(at('http://h.test/'), address)).toBe(true);
    expect(addressRange(PRETENDED)).toBe('loopback');
  });
});
