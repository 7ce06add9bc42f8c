/** Where a redirect may lead: the user means what he typed, not what a stranger's server answers. 127.0.0.2 plays a public address. */

import { describe, expect, test } from 'vitest';
import { retrieveOptions } from '../../src/cli/get-options.js';
import { settle } from '../../src/retrieval/options.js';
import { retrieve } from '../../src/retrieval/retrieve.js';
import { failureOf } from '../support/failure.js';
import { newPool } from '../support/new-pool.js';
import { ALSO_PRETENDED, PRETENDED, retrievePretending } from '../support/pretended.js';
import { answering, answeringOnce, rawServer } from '../support/raw-server.js';
import { redirect, reply } from '../support/replies.js';
import { resolving } from '../support/resolving.js';

const HELLO = reply('hello');

describe("retrieve() with addresses: 'redirects'", () => {
  const addresses = 'redirects' as const;

  test('connects to whatever the URL names, and follows from there to anywhere', async () => {
    const inside = await rawServer(answering(HELLO));
    const server = await rawServer(answering(redirect(inside.url())));
    const receipt = await retrieve(server.url(), { addresses, pool: newPool() });
    expect(receipt).toMatchObject({ status: 200, hops: 1, address: '127.0.0.1' });
  });

  test('refuses what a public address redirects to, at the next hop and at any later one', async () => {
    const inside = await rawServer(answering(HELLO));
    const last = await rawServer(answering(redirect(inside.url())), { host: ALSO_PRETENDED });
    const server = await rawServer(answering(redirect(last.url())), { host: PRETENDED });
    for (const [url, hops] of [
      [last.url(), 1],
      [server.url(), 2],
    ] as const) {
      const error = await failureOf(retrievePretending(url, { addresses, pool: newPool() }));
      expect(error).toMatchObject({ code: 'address-refused', exitCode: 113 });
      expect(error.message).toContain('a redirect from a public address must lead to public ones');
      expect(error.receipt.hops).toBe(hops);
    }
    expect(inside.sockets).toEqual([]);
  });

  test('refuses it also when an allowed special address lies between', async () => {
    const inside = await rawServer(answering(HELLO));
    const between = await rawServer(answering(redirect(inside.url())), { host: '127.0.0.3' });
    const server = await rawServer(answering(redirect(between.url())), { host: PRETENDED });
    const options = { addresses, allow: ['127.0.0.3'], pool: newPool() };
    const error = await failureOf(retrievePretending(server.url(), options));
    expect([error.code, error.receipt.hops]).toEqual(['address-refused', 2]);
    expect(inside.sockets).toEqual([]);
  });

  test('refuses it after a kept-alive connection as after a new one', async () => {
    const inside = await rawServer(answering(HELLO));
    const server = await rawServer(
      answering((request) => (request.startsWith('GET /in ') ? redirect(inside.url()) : HELLO)),
      { host: PRETENDED },
    );
    const options = { addresses, pool: newPool() };
    await retrievePretending(server.url(), options);
    expect((await failureOf(retrievePretending(server.url('/in'), options))).code).toBe('address-refused');
    expect(server.sockets).toHaveLength(1);
    expect(inside.sockets).toEqual([]);
  });

  test('refuses a name that redirects to itself and answers then with a special address', async () => {
    const server = await rawServer(answeringOnce(redirect('/in', '302 Found', [['Connection', 'close']])), {
      host: PRETENDED,
    });
    const inside = await rawServer(answering(HELLO), { port: server.port });
    const lookup = resolving([PRETENDED], ['127.0.0.1']);
    const work = retrievePretending(`http://h.test:${server.port}/`, { addresses, lookup, pool: newPool() });
    expect((await failureOf(work)).code).toBe('address-refused');
    expect(inside.sockets).toEqual([]);
  });

  test('is what sluice get retrieves with, and --public-only is not', async () => {
    const inside = await rawServer(answering(HELLO));
    const server = await rawServer(answering(redirect(inside.url())), { host: PRETENDED });
    const work = retrievePretending(server.url(), { ...retrieveOptions({}), pool: newPool() });
    expect((await failureOf(work)).message).toContain('a redirect from a public address');
    expect(settle(retrieveOptions({})).guard).toMatchObject({ addresses: 'redirects', exceptions: [] });
    expect(settle(retrieveOptions({ publicOnly: true })).guard).toMatchObject({ addresses: 'public' });
    expect(inside.sockets).toEqual([]);
  });

  test.each([25, 22, 6667])('refuses a redirect to port %i, whoever redirects', async (port) => {
    const server = await rawServer(answering(redirect(`http://127.0.0.1:${port}/`)));
    const error = await failureOf(retrieve(server.url(), { addresses, pool: newPool() }));
    expect(error).toMatchObject({ code: 'address-refused', phase: 'connect' });
    expect(error.message).toMatch(
      new RegExp(
        `^127\\.0\\.0\\.1:${port} is refused: .* port ${port} is for (smtp|ssh|ircu), not for HTTP;`,
      ),
    );
  });
});
