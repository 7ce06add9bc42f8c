import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionPool } from '../../src/connection/pool.js';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import { certificateFor } from '../support/certificates.js';
import { failureOf } from '../support/failure.js';
import { answering, answeringOnce, pour, type RawServer, rawServer } from '../support/raw-server.js';
import { head, redirect, reply } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';

const ARRIVED = reply('arrived');

/** Leads from / to `location`, and answers anything else. */
function leading(location: string, status = '302 Found'): Promise<RawServer> {
  return rawServer(
    answering((request) => (request.startsWith('GET / ') ? redirect(location, status) : ARRIVED)),
  );
}

function pathsOf(server: RawServer): (string | undefined)[] {
  return server.requests.map((request) => request.split(' ')[1]);
}

const certificate = certificateFor('IP:127.0.0.1', 'DNS:one.test', 'DNS:two.test');

/** The values of a request's field. */
function valuesOf(request: string | undefined, name: string): string[] {
  const lines = request?.split('\r\n') ?? [];
  return lines
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 2));
}

describe('retrieve() follows redirects', () => {
  test.each([
    '301 Moved Permanently',
    '302 Found',
    '303 See Other',
    '307 Temporary Redirect',
    '308 Permanent Redirect',
  ])('of status %s', async (status) => {
    const server = await leading('/there', status);
    const receipt = await retrieve(server.url());
    expect(receipt).toMatchObject({
      status: 200,
      hops: 1,
      finalUrl: server.url('/there'),
      url: server.url(),
    });
    expect(Buffer.from(receipt.bytes).toString()).toBe('arrived');
    expect(server.sockets).toHaveLength(1);
  });

  test.each<[string, (authority: string) => string, string]>([
    ['an absolute path', () => '/a/b?c=d', '/a/b?c=d'],
    ['a relative path', () => 'b', '/b'],
    ['dot segments', () => '/a/../b/./c', '/b/c'],
    ['only a query', () => '?page=2', '/?page=2'],
    ['no scheme', (authority) => `//${authority}/x`, '/x'],
    ['the whole URL', (authority) => `http://${authority}/y`, '/y'],
    ['a fragment', () => '/z#part', '/z'],
    ['raw UTF-8', () => Buffer.from('/sch\u00f6n').toString('latin1'), '/sch%C3%B6n'],
    ['raw Latin-1', () => '/sch\u00f6n', '/sch%C3%B6n'],
    ['a space', () => '/a b', '/a%20b'],
  ])('to a Location with %s', async (_, locationAt, path) => {
    const server = await rawServer(
      answering((request) =>
        request.startsWith('GET / ') ? redirect(locationAt(server.authority)) : ARRIVED,
      ),
    );
    const receipt = await retrieve(server.url());
    expect(receipt.hops).toBe(1);
    expect(pathsOf(server)).toEqual(['/', path]);
  });

  test('inherits the fragment unless the Location has one (RFC 9110 section 10.2.2)', async () => {
    const server = await leading('/there');
    expect((await retrieve(`${server.url()}#part`)).finalUrl).toBe(`${server.url('/there')}#part`);
    const other = await leading('/there#own');
    expect((await retrieve(`${other.url()}#part`)).finalUrl).toBe(`${other.url('/there')}#own`);
  });

  test('gives up after ten, or as many as it is told', async () => {
    const server = await rawServer(answering(redirect('/again')));
    const error = await failureOf(retrieve(server.url()));
    expect(error).toMatchObject({ code: 'redirect-limit', exitCode: 47, phase: 'redirect' });
    expect(error.message).toContain('more than 10 times');
    expect(server.requests).toHaveLength(11);
    expect(error.receipt).toMatchObject({ hops: 10, status: 302, bodyBytes: 0 });
    const shorter = await failureOf(retrieve(server.url(), { maxRedirects: 2 }));
    expect(shorter.receipt.hops).toBe(2);
    expect(server.requests).toHaveLength(14);
  });

  test('follows exactly as many as the limit', async () => {
    const server = await rawServer(
      answering((request) => {
        const n = Number(/^GET \/(\d+)/.exec(request)?.[1]);
        return n === 3 ? ARRIVED : redirect(`/${n + 1}`);
      }),
    );
    expect((await retrieve(server.url('/0'), { maxRedirects: 3 })).hops).toBe(3);
  });

  test('takes the redirect itself as the response with maxRedirects 0', async () => {
    const server = await rawServer(
      answering(reply('moved', { status: '302 Found', fields: [['Location', '/x']] })),
    );
    const receipt = await retrieve(server.url(), { maxRedirects: 0 });
    expect(receipt).toMatchObject({ status: 302, hops: 0, bodyBytes: 5, finalUrl: server.url() });
    expect(server.requests).toHaveLength(1);
  });

  test('takes a redirect without Location, and a 300, as the response', async () => {
    for (const status of ['302 Found', '300 Multiple Choices']) {
      const server = await rawServer(answering(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
      expect((await retrieve(server.url())).status).toBe(Number(status.slice(0, 3)));
    }
  });

  test('takes a 304 as the response to a condition, makes no file of it, and refuses one that nobody asked for', async () => {
    const server = await rawServer(answering('HTTP/1.1 304 Not Modified\r\n\r\n'));
    const file = join(scratchDirectory(), 'cover.jpg');
    const headers = { 'If-None-Match': '"one"' };
    expect(await retrieve(server.url(), { headers, to: { file } })).toMatchObject({
      status: 304,
      file: null,
    });
    expect(existsSync(file)).toBe(false);
    expect(await failureOf(retrieve(server.url()))).toMatchObject({ code: 'reply-malformed' });
  });

  test.each([
    'ftp://127.0.0.1/x',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:alert(1)',
    'HTTPX://h/',
  ])('refuses the scheme of %s', async (location) => {
    const server = await leading(location);
    const error = await failureOf(retrieve(server.url()));
    expect(error).toMatchObject({ code: 'scheme-unsupported', exitCode: 1, phase: 'redirect' });
    expect(error.receipt).toMatchObject({ hops: 0, status: 302, finalUrl: server.url() });
  });

  test('refuses a Location that is no URL', async () => {
    const server = await leading('http://[::1/');
    expect(await failureOf(retrieve(server.url()))).toMatchObject({ code: 'redirect-refused', exitCode: 47 });
  });

  test('tells of the hop that failed nothing that the hop before it said', async () => {
    const gone = await rawServer(() => undefined);
    await gone.close();
    const server = await leading(gone.url('/x'));
    const error = await failureOf(retrieve(server.url()));
    expect(error.code).toBe('connection-refused');
    expect(error.receipt).toMatchObject({
      hops: 1,
      finalUrl: gone.url('/x'),
      status: null,
      fields: [],
      wireBytes: 0,
      attempts: 0,
      address: null,
    });
  });
});

describe('retrieve() at a redirect with a body', () => {
  test('does not wait for a body that is huge, endless or never comes', async () => {
    const location = { fields: [['Location', '/there']] as const, status: '302 Found' };
    const bodies: [string, (socket: import('node:net').Socket) => void][] = [
      [
        head({ ...location, fields: [...location.fields, ['Content-Length', String(2 ** 40)]] }),
        (s) => pour(s, 2 ** 40),
      ],
      [head(location), (s) => pour(s, 2 ** 40)],
      [head({ ...location, fields: [...location.fields, ['Content-Length', '1000']] }), () => undefined],
      [
        head({ ...location, fields: [...location.fields, ['Content-Length', '60000']] }),
        (socket) => {
          const drip = setInterval(() => socket.write('x'), 20);
          socket.on('close', () => clearInterval(drip));
        },
      ],
    ];
    for (const [text, send] of bodies) {
      const server = await rawServer(async ({ socket, request }) => {
        const asked = await request();
        if (asked?.startsWith('GET /there')) socket.end(ARRIVED);
        else if (asked !== undefined) {
          socket.write(text);
          send(socket);
        }
      });
      const pool = new ConnectionPool();
      onTestFinished(() => pool.close());
      const receipt = await retrieve(server.url(), { pool });
      expect(receipt).toMatchObject({ status: 200, hops: 1, bodyBytes: 7 });
      expect(receipt.timing.total).toBeLessThan(2500);
    }
  });

  test('does not mind how that body ends', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      const asked = await request();
      if (asked?.startsWith('GET /there')) socket.end(ARRIVED);
      else if (asked !== undefined)
        socket.end(
          `${head({
            status: '301 Moved',
            fields: [
              ['Location', '/there'],
              ['Transfer-Encoding', 'chunked'],
            ],
          })}nonsense`,
        );
    });
    expect((await retrieve(server.url())).status).toBe(200);
  });
});

describe('retrieve() with credentials at a redirect', () => {
  const secrets: RetrieveOptions = {
    user: 'me:secret',
    headers: [
      ['Cookie', 'session=secret'],
      ['X-Api-Key', 'secret'],
      ['X-Plain', 'plain'],
    ],
  };

  test('keeps them on the same origin', async () => {
    const server = await leading('/there');
    await retrieve(server.url(), secrets);
    for (const request of server.requests) {
      expect(valuesOf(request, 'authorization')).toEqual([
        `Basic ${Buffer.from('me:secret').toString('base64')}`,
      ]);
      expect(valuesOf(request, 'cookie')).toEqual(['session=secret']);
      expect(valuesOf(request, 'x-api-key')).toEqual(['secret']);
    }
  });

  test('drops them for another port, and does not take them up again on the way back', async () => {
    const away = await rawServer(answering((request) => redirect(`${home.url('/back')}?${request.length}`)));
    const home: RawServer = await rawServer(
      answering((request) => (request.startsWith('GET / ') ? redirect(away.url('/x')) : ARRIVED)),
    );
    await retrieve(home.url(), secrets);
    for (const request of [away.requests[0], home.requests[1]]) {
      expect(request).toBeDefined();
      expect(request).not.toMatch(/secret|Basic/);
      expect(valuesOf(request, 'x-plain')).toEqual(['plain']);
    }
  });

  test('drops them for another host and for another scheme', async () => {
    const server = await rawServer(
      answering((request) =>
        request.startsWith('GET / ') ? redirect(`https://two.test:${server.port}/x`) : ARRIVED,
      ),
      { tls: certificate },
    );
    const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 as const }]);
    const trust = { ca: certificate.cert, lookup };
    await retrieve(`https://one.test:${server.port}/`, { ...secrets, ...trust });
    expect(server.requests[0]).toMatch(/secret/);
    expect(server.requests[1]).not.toMatch(/secret|Basic/);

    const plain = await leading(server.url('/x'));
    await retrieve(plain.url(), { ...secrets, ...trust });
    expect(plain.requests[0]).toMatch(/secret/);
    expect(server.requests[2]).not.toMatch(/secret|Basic/);
  });

  test("drops the URL's own name and password, and takes none from a Location", async () => {
    const away = await rawServer(answering(ARRIVED));
    const server = await leading(away.url('/x').replace('//', '//eve:pw@'));
    const receipt = await retrieve(server.url().replace('//', '//me:secret@'));
    expect(valuesOf(server.requests[0], 'authorization')).toHaveLength(1);
    expect(valuesOf(away.requests[0], 'authorization')).toEqual([]);
    expect(JSON.stringify(receipt)).not.toMatch(/secret|eve|pw/);
  });

  test('drops a Host of the user for another origin', async () => {
    const away = await rawServer(answering(ARRIVED));
    const server = await leading(away.url('/x'));
    await retrieve(server.url(), { headers: { Host: 'inside.test' } });
    expect(valuesOf(server.requests[0], 'host')).toEqual(['inside.test']);
    expect(valuesOf(away.requests[0], 'host')).toEqual([away.authority]);
  });

  test('refuses to go from https to http with them, and goes without', async () => {
    const plain = await rawServer(answering(ARRIVED));
    const server = await rawServer(answering(redirect(plain.url('/x'))), { tls: certificate });
    const ca = certificate.cert;
    const error = await failureOf(retrieve(server.url(), { ...secrets, ca }));
    expect(error).toMatchObject({ code: 'redirect-refused', exitCode: 47, phase: 'redirect' });
    expect(error.receipt).toMatchObject({ hops: 0, finalUrl: server.url() });
    expect(plain.requests).toEqual([]);
    expect((await retrieve(server.url(), { ca, headers: { 'X-Plain': 'plain' } })).hops).toBe(1);
  });

  test('traces no secret', async () => {
    const server = await rawServer(answeringOnce(ARRIVED));
    const told: string[] = [];
    await retrieve(server.url().replace('//', '//me:secret@'), {
      headers: { Cookie: 'secret', 'X-Auth-Token': 'secret', 'Proxy-Authorization': 'secret' },
      trace: (event) => told.push(JSON.stringify(event)),
    });
    expect(server.requests[0]).toMatch(/X-Auth-Token: secret/);
    expect(told.join('\n')).not.toMatch(/secret|bWU6c2VjcmV0/);
    expect(told.join('\n')).toMatch(/X-Auth-Token: \*\*\*/);
  });
});
