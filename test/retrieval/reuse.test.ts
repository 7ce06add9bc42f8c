/** Which connections are kept for the next request, and which are not. */

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionPool } from '../../src/connection/pool.js';
import { certificateFor } from '../support/certificates.js';
import { failureOf } from '../support/failure.js';
import { answering, answeringOnce, closed, rawServer } from '../support/raw-server.js';
import { allBytes } from '../support/reading.js';
import { chunked, head, reply } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';

function newPool(): ConnectionPool {
  const pool = new ConnectionPool();
  onTestFinished(() => pool.close());
  return pool;
}

const HELLO = reply('hello');
const certificate = certificateFor('IP:127.0.0.1');

describe('retrieve() on kept-alive connections', () => {
  test.each([
    ['with Content-Length', HELLO],
    ['chunked, with trailers', Buffer.from(`${String(chunked(['hello'])).slice(0, -2)}Trailer: x\r\n\r\n`)],
    ['without a body', Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')],
    [
      'of HTTP/1.0 that says keep-alive',
      reply('hello', { version: 'HTTP/1.0', fields: [['Connection', 'keep-alive']] }),
    ],
    ['after interim responses', Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'), HELLO])],
    ['with an error status and a small body', reply('no', { status: '404 Not Found' })],
  ])('uses the connection again after a response %s', async (_, bytes) => {
    const server = await rawServer(answering(bytes));
    const pool = newPool();
    for (let i = 0; i < 3; i++) await retrieve(server.url(`/${i}`), { pool }).catch(failureOf404);
    expect(server.sockets).toHaveLength(1);
    expect(server.requests.map((request) => request.split(' ')[1])).toEqual(['/0', '/1', '/2']);
  });

  test('says in receipt and trace that nothing had to be opened', async () => {
    const server = await rawServer(answering(HELLO), { tls: certificate });
    const options = { pool: newPool(), ca: certificate.cert };
    const first = await retrieve(server.url(), options);
    const reused: boolean[] = [];
    const second = await retrieve(server.url(), {
      ...options,
      trace: (event) => event.type === 'connected' && reused.push(event.reused),
    });
    expect(first.timing.tls).toBeGreaterThan(0);
    expect(second.timing).toMatchObject({ resolve: 0, connect: 0, tls: 0 });
    expect(second.attempts).toBe(1);
    expect(reused).toEqual([true]);
    expect(server.sockets).toHaveLength(1);
  });

  test.each<[string, Buffer]>([
    ['Connection: close', reply('hello', { fields: [['Connection', 'close']] })],
    ['Connection: foo, Close', reply('hello', { fields: [['Connection', 'foo, Close']] })],
    ['HTTP/1.0', reply('hello', { version: 'HTTP/1.0' })],
    ['bytes after its end', Buffer.concat([HELLO, Buffer.from('x')])],
    ['a second response nobody asked for', Buffer.concat([HELLO, HELLO])],
    [
      'an error status and a body that is too long to pass over',
      reply('x'.repeat(1_000_000), { status: '500 Oh' }),
    ],
  ])('opens a new connection after a response with %s', async (_, bytes) => {
    const server = await rawServer(answering(bytes));
    const pool = newPool();
    await retrieve(server.url(), { pool }).catch(failureOf404);
    await closed(server.sockets[0]!);
    await retrieve(server.url(), { pool }).catch(failureOf404);
    expect(server.sockets).toHaveLength(2);
  });

  test('opens a new connection when a TLS record came after the response while its last bytes were not taken', async () => {
    const server = await rawServer(
      async ({ socket, request }) => {
        while ((await request()) !== undefined) {
          // Two records in one segment: both are decrypted in one go.
          socket.cork();
          socket.write(HELLO);
          socket.write(HELLO);
          socket.uncork();
        }
      },
      { tls: certificate },
    );
    const options = { pool: newPool(), ca: certificate.cert, to: 'stream' as const };
    for (let i = 0; i < 2; i++) {
      const { body, receipt } = await retrieve(server.url(), options);
      await sleep(20);
      expect(String(await allBytes(body))).toBe('hello');
      expect((await receipt).attempts).toBe(1);
    }
    expect(server.sockets).toHaveLength(2);
  });

  test('opens a new connection after a close-delimited body', async () => {
    const server = await rawServer(answeringOnce(`${head()}hello`));
    const pool = newPool();
    for (let i = 0; i < 2; i++) {
      expect(String(Buffer.from((await retrieve(server.url(), { pool })).bytes))).toBe('hello');
    }
    expect(server.sockets).toHaveLength(2);
  });

  test('opens a new connection after a failure in the middle of a body', async () => {
    const server = await rawServer(answering(reply('x'.repeat(5000))));
    const pool = newPool();
    expect((await failureOf(retrieve(server.url(), { pool, maxBytes: 100 }))).code).toBe('too-large');
    await closed(server.sockets[0]!);
    await retrieve(server.url(), { pool });
    expect(server.sockets).toHaveLength(2);
  });

  test('does not share a connection of another lookup', async () => {
    const server = await rawServer(answering(HELLO));
    const pool = newPool();
    const url = `http://h.test:${server.port}/`;
    const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 as const }]);
    await retrieve(url, { pool, lookup });
    const refuses = () => Promise.reject(new Error('not that one'));
    expect((await failureOf(retrieve(url, { pool, lookup: refuses }))).code).toBe('name-not-resolved');
    await retrieve(url, { pool, lookup });
    expect(server.sockets).toHaveLength(1);
  });
});

function failureOf404(error: unknown): void {
  expect(error).toMatchObject({ code: 'http-status' });
}

describe('retrieve() on a connection that has gone stale', () => {
  test('opens a new one when the server closed it while it was idle', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(HELLO);
      setTimeout(() => socket.end(), 20);
    });
    const pool = newPool();
    await retrieve(server.url(), { pool });
    await closed(server.sockets[0]!);
    await sleep(20);
    const receipt = await retrieve(server.url(), { pool });
    expect(receipt.attempts).toBe(1);
    expect(server.requests).toHaveLength(2);
  });

  test.each(['closes', 'resets'])(
    'sends the request again on a new one, exactly once, when the server %s it',
    async (how) => {
      const server = await rawServer(async ({ socket, request }, index) => {
        await request();
        socket.write(HELLO);
        if (index > 0 || (await request()) === undefined) return;
        if (how === 'closes') socket.end();
        else socket.resetAndDestroy();
      });
      const pool = newPool();
      await retrieve(server.url('/1'), { pool });
      const receipt = await retrieve(server.url('/2'), { pool });
      expect(receipt).toMatchObject({ attempts: 2, status: 200 });
      expect(receipt.bytes).toHaveLength(5);
      expect(server.requests.map((request) => request.split(' ')[1])).toEqual(['/1', '/2', '/2']);
      expect(server.sockets).toHaveLength(2);
    },
  );

  test('does not send it a third time, however many idle connections there are', async () => {
    let answer = true;
    const server = await rawServer(async ({ socket, request }) => {
      while ((await request()) !== undefined) {
        if (answer) socket.write(HELLO);
        else socket.end();
      }
    });
    const pool = newPool();
    await Promise.all([0, 1, 2, 3].map(() => retrieve(server.url(), { pool })));
    expect(server.sockets).toHaveLength(4);
    answer = false;
    const error = await failureOf(retrieve(server.url(), { pool }));
    expect(error).toMatchObject({ code: 'reply-empty', exitCode: 52 });
    expect(error.receipt.attempts).toBe(2);
    expect(server.requests).toHaveLength(6);
  });

  test('does not send it again once a byte of the reply came, nor on a new connection', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(HELLO);
      await request();
      socket.end('HTTP/1.1 200');
    });
    const pool = newPool();
    await retrieve(server.url(), { pool });
    const error = await failureOf(retrieve(server.url(), { pool }));
    expect(error).toMatchObject({ code: 'cut-short' });
    expect(error.receipt).toMatchObject({ attempts: 1, wireBytes: 12 });
    expect(server.requests).toHaveLength(2);
  });
});
