/** Who is connected to: nobody on loopback, unless it is asked for. Where a test needs a public address, 127.0.0.2 plays it. */

import { describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../src/flow/trace.js';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import { retrieve } from '../../src/retrieval/retrieve.js';
import { failureOf } from '../support/failure.js';
import { newPool } from '../support/new-pool.js';
import { PRETENDED, retrievePretending } from '../support/pretended.js';
import { answering, answeringOnce, rawServer } from '../support/raw-server.js';
import { redirect, reply } from '../support/replies.js';
import { resolving } from '../support/resolving.js';

type Resolved = Extract<TraceEvent, { type: 'resolved' }>;

const HELLO = reply('hello');

/** Servers on the same port of several loopback addresses. */
async function serversOn(reply: Buffer | string, ...hosts: string[]) {
  const first = await rawServer(answering(reply), { host: hosts[0]! });
  const others = hosts.slice(1).map((host) => rawServer(answering(reply), { host, port: first.port }));
  return [first, ...(await Promise.all(others))];
}

describe('retrieve() as it is by default', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://%31%32%37.0.0.1:PORT/',
    'http://\uff11\uff12\uff17.0.0.1:PORT/',
    'http://127.9.9.9:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://0.0.0.0:PORT/',
    'http://0:PORT/',
    'http://localhost:PORT/',
    'http://LOCALHOST:PORT/',
  ])('refuses %s and connects to nobody', async (template) => {
    const server = await rawServer(answering(HELLO), { host: '0.0.0.0' });
    const url = template.replace('PORT', String(server.port));
    const error = await failureOf(retrieve(url));
    expect(error).toMatchObject({ code: 'address-refused', exitCode: 113, phase: 'connect' });
    expect(error.receipt).toMatchObject({ status: null, address: null, attempts: 0 });
    expect(server.sockets).toEqual([]);
    // Without the guard it would have been reached.
    await retrieve(url, { addresses: 'any', pool: newPool() });
    expect(server.sockets).toHaveLength(1);
  });

  test('refuses http://[::1]/ and connects to nobody', async () => {
    const server = await rawServer(answering(HELLO), { host: '::1' });
    expect((await failureOf(retrieve(server.url()))).code).toBe('address-refused');
    expect((await failureOf(retrieve(server.url().replace('::1', '0:0::0:1')))).code).toBe('address-refused');
    expect(server.sockets).toEqual([]);
  });

  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost/',
    'https://127.0.0.1/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://[::1]/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00::1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[2002:7f00:1::]/',
    'http://[::127.0.0.1]/',
    'http://8.8.8.8:25/',
  ])('refuses %s', async (url) => {
    expect((await failureOf(retrieve(url))).code).toBe('address-refused');
  });

  test.each([
    [['127.0.0.1']],
    [['127.0.0.1', '::1']],
    [['10.0.0.1', '169.254.169.254', 'fd00::1', 'fe80::1%eth0']],
    [['localhost']],
    [['0177.0.0.1']],
    [['::8.8.8.8']],
  ])('refuses a name that resolves to %s and connects to nobody', async (addresses) => {
    const server = await rawServer(answering(HELLO));
    const url = `http://h.test:${server.port}/`;
    const error = await failureOf(retrieve(url, { lookup: resolving(addresses) }));
    expect(error.code).toBe('address-refused');
    expect(server.sockets).toEqual([]);
  });

  test('names to the operator the host, its addresses and their ranges, and nothing of them to strangers', async () => {
    const lookup = resolving(['10.0.0.1', 'fd00::1']);
    const error = await failureOf(retrieve('http://h.test:8080/', { lookup }));
    expect(error.message).toBe(
      'h.test:8080 is refused: it leads to 10.0.0.1 (private), fd00::1 (unique-local), and only public addresses are connected to; allow (--allow) makes an exception.',
    );
    expect(error.cause).toMatchObject({ message: 'h.test:8080: 10.0.0.1 (private), fd00::1 (unique-local)' });
    expect(error.publicMessage).toBe('The host may not be connected to.');
  });

  test.each<[string, RetrieveOptions]>([
    ['addresses of no kind', { addresses: 'Public' as 'public' }],
    ['addresses null', { addresses: null as unknown as 'any' }],
    ['a wildcard', { allow: ['*.example.com'] }],
    ['a block with bits beyond its prefix', { allow: ['10.0.0.1/8'] }],
    ['a port beyond the last', { allow: ['example.com:65536'] }],
    ['what is no list', { allow: '127.0.0.1' as unknown as string[] }],
    ['what is no text', { allow: [undefined as unknown as string] }],
  ])('takes %s for no option', async (_, options) => {
    const server = await rawServer(answering(HELLO));
    const outcome = await retrieve(server.url(), options).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'option-invalid', exitCode: 2 });
    expect(server.sockets).toEqual([]);
  });
});

describe('retrieve() to public addresses only', () => {
  test('drops the refused addresses of a name and dials the others', async () => {
    const servers = await serversOn(HELLO, PRETENDED, '127.0.0.1', '127.0.0.3');
    const lookup = resolving(['127.0.0.1', '127.0.0.3', PRETENDED, '::1']);
    const receipt = await retrievePretending(`http://h.test:${servers[0]!.port}/`, {
      lookup,
      pool: newPool(),
    });
    expect(receipt).toMatchObject({ status: 200, address: PRETENDED });
    expect(servers.map(({ sockets }) => sockets.length)).toEqual([1, 0, 0]);
  });

  test('refuses a redirect from a public to a special address, and connects to nobody there', async () => {
    const inside = await rawServer(answering(HELLO));
    for (const location of [
      inside.url(),
      `http://localhost:${inside.port}/`,
      `http://2130706433:${inside.port}/`,
    ]) {
      const server = await rawServer(answeringOnce(redirect(location)), { host: PRETENDED });
      const error = await failureOf(retrievePretending(server.url(), { pool: newPool() }));
      expect(error.code).toBe('address-refused');
      expect(error.receipt).toMatchObject({ hops: 1, status: null, address: null });
    }
    expect(inside.sockets).toEqual([]);
  });

  test('connects to an address that was judged, though the name changes its answer between two look-ups', async () => {
    const [server, inside] = await serversOn(
      reply('hello', { fields: [['Connection', 'close']] }),
      PRETENDED,
      '127.0.0.1',
    );
    const lookup = resolving([PRETENDED], ['127.0.0.1']);
    const options = { lookup, pool: newPool() };
    const url = `http://h.test:${server!.port}/`;
    expect(await retrievePretending(url, options)).toMatchObject({ status: 200, address: PRETENDED });
    expect(lookup.count).toBe(1);
    expect((await failureOf(retrievePretending(url, options))).code).toBe('address-refused');
    expect(lookup.count).toBe(2);
    expect([server!.sockets.length, inside!.sockets.length]).toEqual([1, 0]);
  });

  test('refuses a name that has changed its answer when a kept-alive connection went stale', async () => {
    const server = await rawServer(
      async ({ socket, request }) => {
        await request();
        socket.write(HELLO);
        await request();
        socket.end();
      },
      { host: PRETENDED },
    );
    const inside = await rawServer(answering(HELLO), { port: server.port });
    const options = { lookup: resolving([PRETENDED], ['127.0.0.1']), pool: newPool() };
    const url = `http://h.test:${server.port}/`;
    await retrievePretending(url, options);
    expect((await failureOf(retrievePretending(url, options))).code).toBe('address-refused');
    expect(server.requests).toHaveLength(2);
    expect(inside.sockets).toEqual([]);
  });

  test('uses no kept-alive connection that a retrieval without a guard has opened to a special address', async () => {
    const server = await rawServer(answering(HELLO));
    const pool = newPool();
    await retrieve(server.url(), { pool, addresses: 'any' });
    expect((await failureOf(retrieve(server.url(), { pool }))).code).toBe('address-refused');
    expect(server.requests).toHaveLength(1);
    await retrieve(server.url(), { pool, allow: ['127.0.0.1'] });
    expect(server.requests).toHaveLength(2);
    expect(server.sockets).toHaveLength(1);
  });

  test('uses a kept-alive connection to a public address again', async () => {
    const server = await rawServer(answering(HELLO), { host: PRETENDED });
    const pool = newPool();
    for (let i = 0; i < 3; i++) await retrievePretending(server.url(), { pool });
    expect(server.sockets).toHaveLength(1);
  });
});

describe("the trace's event 'resolved'", () => {
  async function resolvedOf(url: string, options: RetrieveOptions): Promise<Resolved[]> {
    const events: TraceEvent[] = [];
    const trace = (event: TraceEvent) => void events.push(event);
    await retrievePretending(url, { pool: newPool(), ...options, trace }).catch(() => undefined);
    return events.filter((event) => event.type === 'resolved');
  }

  test('tells every address of the name, its range, and whether it is connected to', async () => {
    const server = await rawServer(answering(HELLO), { host: PRETENDED });
    const lookup = resolving(['10.0.0.1', PRETENDED]);
    const told = await resolvedOf(`http://h.test:${server.port}/`, { lookup });
    expect(told).toEqual([
      {
        type: 'resolved',
        at: expect.any(Number),
        host: 'h.test',
        port: server.port,
        addresses: [
          { address: '10.0.0.1', range: 'private', allowed: false },
          { address: PRETENDED, range: 'public', allowed: true },
        ],
      },
    ]);
  });

  test('is told of an address that stands for itself, of a refused one, and without a guard', async () => {
    const server = await rawServer(answering(HELLO));
    const address = { address: '127.0.0.1', range: 'loopback' };
    const of = async (options: RetrieveOptions) =>
      (await resolvedOf(server.url(), options)).map(({ host, addresses }) => [host, addresses]);
    expect(await of({})).toEqual([['127.0.0.1', [{ ...address, allowed: false }]]]);
    expect(await of({ addresses: 'any' })).toEqual([['127.0.0.1', [{ ...address, allowed: true }]]]);
    expect(await of({ addresses: 'redirects' })).toEqual([['127.0.0.1', [{ ...address, allowed: true }]]]);
    expect(await of({ allow: ['127.0.0.1'] })).toEqual([['127.0.0.1', [{ ...address, allowed: true }]]]);
  });

  test('is told where a connection is opened, not where one is used again', async () => {
    const server = await rawServer(answering(HELLO));
    const options: RetrieveOptions = { pool: newPool(), addresses: 'any' };
    expect(await resolvedOf(server.url(), options)).toHaveLength(1);
    expect(await resolvedOf(server.url(), options)).toHaveLength(0);
    expect(server.sockets).toHaveLength(1);
  });
});
