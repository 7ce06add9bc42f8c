/** A proxy connects in our place: what the guard of addresses can do then, and what it can't. */

import { describe, expect, test } from 'vitest';
import { retrieve } from '../../src/retrieval/retrieve.js';
import { certificateFor } from '../support/certificates.js';
import { errorOf, failureOf } from '../support/failure.js';
import { newPool } from '../support/new-pool.js';
import { proxyServer } from '../support/proxy-server.js';
import { answering, rawServer } from '../support/raw-server.js';
import { redirect, typed } from '../support/replies.js';

const HELLO = typed('hello', 'text/plain');

describe("retrieve() with a proxy and addresses: 'public'", () => {
  test('is refused, for the proxy connects in our place; without one nothing changes', async () => {
    for (const proxy of ['http://proxy.test', () => 'http://proxy.test']) {
      const error = await errorOf(retrieve('http://pictures.test/', { proxy }));
      expect(error).toMatchObject({ code: 'option-invalid', exitCode: 2 });
      expect(error.message).toMatch(/^The option proxy does not go with addresses "public": .*\.$/);
    }
    expect(await failureOf(retrieve('http://127.0.0.1/', { proxy: '' }))).toMatchObject({
      code: 'address-refused',
    });
  });
});

describe("retrieve() through a proxy with addresses: 'redirects'", () => {
  const addresses = 'redirects' as const;

  test('goes by way of a proxy at a special address, through redirects too', async () => {
    const proxy = await proxyServer();
    const to = await rawServer(answering(HELLO));
    const target = to.url('/x').replace('127.0.0.1', 'there.test');
    const from = await rawServer(answering(redirect(target)));
    const url = from.url().replace('127.0.0.1', 'here.test');
    const receipt = await retrieve(url, { proxy: proxy.url, addresses, pool: newPool() });
    expect(receipt).toMatchObject({ bodyBytes: 5, hops: 1, proxy: proxy.url });
  });

  test('refuses a special address that stands in a redirect, at the first hop not', async () => {
    const proxy = await proxyServer();
    const options = { proxy: proxy.url, addresses, pool: newPool() };
    const inside = await rawServer(answering(HELLO));
    const server = await rawServer(answering(redirect(inside.url())));
    const error = await failureOf(retrieve(server.url().replace('127.0.0.1', 'pictures.test'), options));
    expect(error).toMatchObject({ code: 'address-refused', exitCode: 113 });
    expect(inside.sockets).toEqual([]);
    expect((await retrieve(inside.url(), options)).bodyBytes).toBe(5);
    const again = await failureOf(retrieve(server.url().replace('127.0.0.1', 'pictures.test'), options));
    expect(again.code).toBe('address-refused');
    expect((await retrieve(server.url(), { ...options, allow: ['127.0.0.1'] })).bodyBytes).toBe(5);
  });

  test('refuses a redirect past the proxy to a special address: who answered behind it is not known', async () => {
    const proxy = await proxyServer();
    const inside = await rawServer(answering(HELLO));
    const server = await rawServer(answering(redirect(inside.url())));
    const url = server.url().replace('127.0.0.1', 'pictures.test');
    const rule = ({ hostname }: URL) => (hostname === 'pictures.test' ? proxy.url : undefined);
    const error = await failureOf(retrieve(url, { proxy: rule, addresses, pool: newPool() }));
    expect(error).toMatchObject({ code: 'address-refused', exitCode: 113 });
    expect(inside.sockets).toEqual([]);
  });
});

describe.each(['http', 'https'])(
  'a body that only the close ends, through a tunnel of an %s proxy',
  (scheme) => {
    const host = certificateFor('DNS:pictures.test');
    const itself = certificateFor('IP:127.0.0.1');

    test.each([
      ['whole after close_notify', undefined],
      ['cut-short where the proxy closes', 'cut-short'],
    ])('is %s', async (_, code) => {
      const proxy = await proxyServer(scheme === 'https' ? { tls: itself } : {});
      const server = await rawServer(
        async ({ socket, request }) => {
          await request();
          socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello');
          if (code === undefined) socket.end();
          else setTimeout(() => proxy.sockets[0]!.end(), 50);
        },
        { tls: host },
      );
      const url = server.url().replace('127.0.0.1', 'pictures.test');
      const retrieving = retrieve(url, {
        proxy: proxy.url,
        ca: host.cert + itself.cert,
        addresses: 'any',
        pool: newPool(),
      });
      if (code === undefined) expect((await retrieving).bodyBytes).toBe(5);
      else expect(await failureOf(retrieving)).toMatchObject({ code });
    });
  },
);
