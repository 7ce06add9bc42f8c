import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../src/flow/trace.js';
import { VERSION } from '../../src/version.js';
import { certificateFor } from '../support/certificates.js';
import { errorOf, failureOf } from '../support/failure.js';
import { freePort } from '../support/free-port.js';
import { silentAddress } from '../support/full-backlog.js';
import { joiningRelay } from '../support/joining.js';
import { proxyServer } from '../support/proxy-server.js';
import { answering, closed, pour, rawServer, type Script } from '../support/raw-server.js';
import { redirect, typed } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';
import { until } from '../support/until.js';

const host = certificateFor('DNS:pictures.test');
const HELLO = typed('hello', 'text/plain');

/** Asks nobody: what a proxy is to resolve must not be resolved here. */
const lookup = (name: string) => Promise.reject(new Error(`${name} was looked up`));

/** The URL of a server by a name that only the proxy resolves. */
function named(server: { url(path?: string): string }, path?: string): string {
  return server.url(path).replace('127.0.0.1', 'pictures.test');
}

describe('retrieve() through a proxy, http', () => {
  test('sends the request in absolute-form, and resolves nothing (RFC 9112 section 3.2.2)', async () => {
    const server = await rawServer(answering(HELLO));
    const proxy = await proxyServer();
    const url = named(server, '/a b?c=d#e');
    const receipt = await retrieve(url, { proxy: proxy.url, lookup });
    expect(receipt).toMatchObject({ bodyBytes: 5, address: '127.0.0.1', proxy: proxy.url });
    const [request] = proxy.requests;
    expect(request?.split('\r\n').slice(0, 2)).toEqual([
      `GET http://pictures.test:${server.port}/a%20b?c=d HTTP/1.1`,
      `Host: pictures.test:${server.port}`,
    ]);
    expect(request).not.toMatch(/^Proxy-/im);
    expect(server.requests[0]).toMatch(/^GET \/a%20b\?c=d HTTP\/1\.1\r\n/);
  });

  test('says to the proxy who we are, in the first request and in no other place', async () => {
    const server = await rawServer(answering(HELLO));
    const proxy = await proxyServer({ credentials: 'me@home:open sesame' });
    const events: TraceEvent[] = [];
    const receipt = await retrieve(named(server), {
      proxy: proxy.urlFor('me@home', 'open sesame'),
      trace: (event) => events.push(event),
    });
    expect(proxy.requests).toHaveLength(1);
    expect(server.requests[0]).not.toMatch(/proxy-authorization/i);
    const shown = `http://***@127.0.0.1:${proxy.port}`;
    expect(receipt.proxy).toBe(shown);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'connected', address: '127.0.0.1', port: proxy.port, proxy: shown }),
    );
    const told = JSON.stringify([events, receipt]);
    for (const secret of ['sesame', btoa('me@home:open sesame')]) expect(told).not.toContain(secret);
    expect(told).toContain('Proxy-Authorization: ***');
  });

  test('uses the connection again, for this origin alone', async () => {
    const servers = [await rawServer(answering(HELLO)), await rawServer(answering(HELLO))] as const;
    const proxy = await proxyServer();
    for (const server of [servers[0], servers[0], servers[1]])
      await retrieve(named(server), { proxy: proxy.url });
    expect(proxy.requests).toHaveLength(3);
    expect(proxy.sockets).toHaveLength(2);
  });

  test('throws http-status that names the proxy when it wants credentials', async () => {
    const server = await rawServer(answering(HELLO));
    const proxy = await proxyServer({ credentials: 'me:secret' });
    const error = await failureOf(retrieve(named(server), { proxy: proxy.urlFor('me', 'wrong') }));
    expect(error).toMatchObject({ code: 'http-status', exitCode: 22 });
    expect(error.message).toBe(
      `The proxy http://***@127.0.0.1:${proxy.port} wants credentials: status 407 "Proxy Authentication Required".`,
    );
    expect(server.requests).toEqual([]);
  });
});

describe('retrieve() through a proxy, https', () => {
  test('opens a tunnel, and checks the certificate for the name of the origin', async () => {
    const server = await rawServer(answering(HELLO), { tls: host });
    const proxy = await proxyServer();
    const receipt = await retrieve(named(server), { proxy: proxy.url, ca: host.cert, lookup });
    expect(receipt).toMatchObject({ bodyBytes: 5, address: '127.0.0.1', proxy: proxy.url });
    expect(receipt.timing.tls).toBeGreaterThan(0);
    expect(server.serverNames).toEqual(['pictures.test']);
    expect(server.requests[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
    const untrusted = await failureOf(retrieve(named(server, '/other'), { proxy: proxy.url }));
    expect(untrusted).toMatchObject({ code: 'certificate-rejected', exitCode: 60 });
    expect(untrusted.message).toContain(`pictures.test:${server.port}`);
    const otherName = server.url('/').replace('127.0.0.1', 'other.test');
    const wrong = await failureOf(retrieve(otherName, { proxy: proxy.url, ca: host.cert }));
    expect(wrong).toMatchObject({ code: 'certificate-rejected', exitCode: 60 });
  });

  test('checks the certificate for the address where the origin has no name', async () => {
    const proxy = await proxyServer();
    for (const [names, code] of [
      ['IP:127.0.0.1', undefined],
      ['DNS:localhost,DNS:proxy.test', 'certificate-rejected'],
    ] as const) {
      const tls = certificateFor(names);
      const server = await rawServer(answering(HELLO), { tls });
      const retrieving = retrieve(server.url(), { proxy: proxy.url, ca: tls.cert });
      if (code === undefined) expect((await retrieving).bodyBytes).toBe(5);
      else expect(await failureOf(retrieving)).toMatchObject({ code });
      expect(server.serverNames.filter((name) => name !== false)).toEqual([]);
    }
  });

  test('says in CONNECT nothing of what is for the origin', async () => {
    const server = await rawServer(answering(HELLO), { tls: host });
    const proxy = await proxyServer({ credentials: 'me:secret' });
    await retrieve(named(server, '/private').replace('//', '//user:password@'), {
      proxy: proxy.urlFor('me', 'secret'),
      ca: host.cert,
      headers: { Cookie: 'session=1', 'X-Api-Key': 'key', 'User-Agent': 'somebody/1', Host: 'inner.test' },
    });
    const authority = `pictures.test:${server.port}`;
    expect(proxy.requests).toEqual([
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: sluice/${VERSION}\r\n` +
        `Proxy-Authorization: Basic ${btoa('me:secret')}\r\n\r\n`,
    ]);
    const [request] = server.requests;
    expect(request).toContain(`\r\nAuthorization: Basic ${btoa('user:password')}\r\n`);
    expect(request).toContain('\r\nCookie: session=1\r\n');
    expect(request).not.toMatch(/^Proxy-/im);
  });

  test('uses the tunnel again, and not for whoever has another proxy, other credentials or none', async () => {
    const server = await rawServer(answering(HELLO), { tls: host });
    const proxy = await proxyServer();
    const url = named(server);
    const lookUp = () => Promise.resolve([{ address: '127.0.0.1', family: 4 as const }]);
    for (let i = 0; i < 3; i++) {
      const receipt = await retrieve(url, { proxy: proxy.url, ca: host.cert, lookup: lookUp });
      expect(receipt.timing.connect > 0).toBe(i === 0);
    }
    expect(proxy.requests).toHaveLength(1);
    await retrieve(url, { proxy: proxy.urlFor('me', 'x'), ca: host.cert, lookup: lookUp });
    expect(proxy.requests).toHaveLength(2);
    await retrieve(url, { ca: host.cert, lookup: lookUp });
    expect([proxy.requests.length, server.sockets.length]).toEqual([2, 3]);
  });

  test('opens another tunnel when the server has closed the one that was kept', async () => {
    const server = await rawServer(
      async ({ socket, request }) => {
        if ((await request()) !== undefined) socket.end(HELLO);
      },
      { tls: host },
    );
    const proxy = await proxyServer();
    for (const path of ['/1', '/2']) {
      const receipt = await retrieve(named(server, path), { proxy: proxy.url, ca: host.cert });
      expect(receipt.bodyBytes).toBe(5);
    }
    expect(proxy.requests).toHaveLength(2);
  });

  test('goes through a proxy that itself is reached by TLS', async () => {
    const itself = certificateFor('IP:127.0.0.1');
    const proxy = await proxyServer({ tls: itself, credentials: 'me:secret' });
    const ca = host.cert + itself.cert;
    const secure = await rawServer(answering(HELLO), { tls: host });
    const plain = await rawServer(answering(HELLO));
    for (const server of [secure, plain, secure]) {
      const receipt = await retrieve(named(server), { proxy: proxy.urlFor('me', 'secret'), ca, lookup });
      expect(receipt).toMatchObject({ bodyBytes: 5, proxy: `https://***@127.0.0.1:${proxy.port}` });
    }
    expect(proxy.requests.map((request) => request.split(' ')[0])).toEqual(['CONNECT', 'GET']);
    // Nor does `insecure` open the proxy to anyone: its credentials would go to whoever answers.
    const error = await failureOf(
      retrieve(named(plain, '/2'), { proxy: proxy.urlFor('me', 'other'), insecure: true }),
    );
    expect(error).toMatchObject({ code: 'certificate-rejected', exitCode: 60 });
    expect(error.message).toMatch(
      /^The proxy https:\/\/\*\*\*@127\.0\.0\.1:\d+ could not be reached: the certificate of /,
    );
  });

  test('shows the client certificate to the origin through the tunnel', async () => {
    const client = certificateFor('DNS:client.test');
    const wants = { requestCert: true, rejectUnauthorized: true, ca: client.cert };
    const server = await rawServer(answering(HELLO), { tls: { ...host, ...wants } });
    const proxy = await proxyServer();
    const options = { proxy: proxy.url, ca: host.cert };
    expect((await retrieve(named(server), { ...options, ...client })).bodyBytes).toBe(5);
    const error = await failureOf(retrieve(named(server), options));
    expect(error).toMatchObject({ code: 'tls-failed', exitCode: 35 });
    const broken = await errorOf(retrieve(named(server), { ...options, cert: client.cert, key: host.key }));
    expect(broken).toMatchObject({ code: 'option-invalid', exitCode: 2 });
    await closed(proxy.sockets.at(-1)!);
  });
});

describe('retrieve() through a tunnel receives', () => {
  test('at most recvSize bytes at once, to the last byte', async () => {
    const text = 'what comes through a tunnel is whole; '.repeat(2000);
    const server = await rawServer(answering(typed(text, 'text/plain')), { tls: host });
    const proxy = await proxyServer();
    const receipt = await retrieve(named(server), {
      proxy: proxy.url,
      ca: host.cert,
      recvSize: 5120,
      delay: 1,
    });
    expect(Buffer.from(receipt.bytes).toString()).toBe(text);
    expect(receipt.receives.max).toBe(5120);
    expect(receipt.receives.full).toBeGreaterThan(5);
  });

  test.each(['http', 'https'])(
    'from an %s proxy: a reader that takes nothing stops the server, and then gets all of 30 MB',
    async (scheme) => {
      const total = 30_000_000;
      const itself = certificateFor('IP:127.0.0.1');
      const proxy = await proxyServer(scheme === 'https' ? { tls: itself } : {});
      let written = () => 0;
      const server = await rawServer(
        async ({ socket, request }) => {
          await request();
          socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${total}\r\n\r\n`);
          const pouring = pour(socket, total);
          written = () => pouring.written;
        },
        { tls: host },
      );
      const ca = host.cert + itself.cert;
      const response = await retrieve(named(server), { proxy: proxy.url, ca, to: 'stream' });
      const before = process.memoryUsage().arrayBuffers;
      let still = -1;
      await until(async () => {
        const now = written();
        if (now > 0 && now === still) return true;
        still = now;
        await sleep(150);
        return false;
      });
      // Two pairs of the kernel's buffers lie between, and what the proxy holds.
      expect(written()).toBeLessThan(total * 0.9);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
      let bytes = 0;
      const reader = response.body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length;
      expect(bytes).toBe(total);
      expect((await response.receipt).flow.pausedMs).toBeGreaterThan(100);
    },
  );

  test('cut-short when the proxy closes the tunnel in the middle of a body', async () => {
    const server = await rawServer(
      async ({ socket, request }) => {
        await request();
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      },
      { tls: host },
    );
    const proxy = await proxyServer();
    const retrieving = retrieve(named(server), { proxy: proxy.url, ca: host.cert, to: 'stream' });
    const { body, receipt } = await retrieving;
    const reader = body.getReader();
    await reader.read();
    proxy.sockets[0]!.destroySoon();
    expect(await failureOf(receipt)).toMatchObject({ code: 'cut-short', exitCode: 18 });
    await expect(reader.read()).rejects.toThrow();
  });

  test('nothing more after an abort, and the tunnel is closed', async () => {
    const server = await rawServer(
      ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        pour(socket, 50_000_000);
      },
      { tls: host },
    );
    const proxy = await proxyServer();
    const controller = new AbortController();
    const retrieving = retrieve(named(server), {
      proxy: proxy.url,
      ca: host.cert,
      to: { file: '/dev/null' },
      delay: 20,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 150);
    expect(await failureOf(retrieving)).toMatchObject({ code: 'aborted' });
    await closed(proxy.sockets[0]!);
  });
});

describe('retrieve() through a proxy that does not do its part', () => {
  /** Asks an https URL through a proxy that says what `script` says; the failure. */
  async function failing(script: Script, connect = 5000, credentials = '') {
    const proxy = await rawServer(script);
    const error = await failureOf(
      retrieve('https://pictures.test/', {
        proxy: `http://${credentials}${proxy.authority}`,
        timeouts: { connect },
        lookup,
      }),
    );
    expect(error.receipt).toMatchObject({
      address: null,
      status: null,
      proxy: expect.stringContaining('127.0.0.1'),
    });
    expect(error.publicMessage).not.toMatch(/\d/);
    await closed(proxy.sockets[0]!);
    return { ...error, message: error.message.replace(proxy.authority, 'PROXY') };
  }

  const said = 'The proxy http://PROXY did not open a tunnel to pictures.test:443';
  const refused = { code: 'proxy-refused', phase: 'connect', exitCode: 56 };

  test.each([
    ['HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n', 'it answered with status 403 "Forbidden"'],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', 'it answered with status 502 "Bad Gateway"'],
    ['HTTP/1.1 407 Who?\r\n\r\n', 'it wants credentials (status 407 "Who?")'],
    ['HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\n\r\n', 'it answered with status 302 "Found"'],
    [
      'SSH-2.0-OpenSSH_9.2\r\n',
      'the reply is not valid HTTP/1.x: at byte 0, it begins with "S", not with "HTTP/1.x"',
    ],
    [
      'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
      'it sent more right behind its answer, or closed the connection',
    ],
  ])('%j: proxy-refused', async (answer, why) => {
    const error = await failing(async ({ socket, request }) => {
      if ((await request()) !== undefined) socket.write(answer);
    });
    expect(error).toMatchObject({ ...refused, message: `${said}: ${why}.` });
  });

  test('wrong credentials: proxy-refused that says so and does not show them', async () => {
    const script = answering('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const error = await failing(script, 5000, 'me:secret@');
    expect(error).toMatchObject(refused);
    expect(error.message).toBe(
      'The proxy http://***@PROXY did not open a tunnel to pictures.test:443: ' +
        'it did not accept the credentials (status 407 "Proxy Authentication Required").',
    );
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['closes', (socket) => void socket.end(), 'it closed the connection without a whole answer'],
    [
      'closes within its answer',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\nVia: x'),
      'it closed the connection without a whole answer',
    ],
    [
      'resets',
      (socket) => void socket.resetAndDestroy(),
      'the connection broke before a whole answer: read ECONNRESET',
    ],
  ])('one that %s: proxy-refused', async (_, act, why) => {
    const error = await failing(async ({ socket, request }) => {
      if ((await request()) !== undefined) act(socket);
    });
    expect(error).toMatchObject({ ...refused, message: `${said}: ${why}.` });
  });

  const dripping: Script = ({ socket }) => {
    const drip = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
    socket.on('close', () => clearInterval(drip));
  };

  test.each<[string, Script]>([
    ['is silent', () => undefined],
    ['drips', dripping],
  ])('one that %s: timeout-connect that names it', async (_, script) => {
    const error = await failing(script, 150);
    expect(error).toMatchObject({ code: 'timeout-connect', phase: 'connect', exitCode: 28 });
    expect(error.message).toBe(`${said} within 0.15 s for connecting.`);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['speaks no TLS', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['closes', (socket) => void socket.end()],
    ['resets', (socket) => void socket.resetAndDestroy()],
  ])('one that %s where TLS begins: tls-failed', async (_, act) => {
    const error = await failing(async ({ socket, request }) => {
      await request();
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => act(socket));
    });
    expect(error).toMatchObject({ code: 'tls-failed', phase: 'tls', exitCode: 35 });
    expect(error.message).toMatch(/^TLS with pictures\.test:443 failed: .+\.$/);
  });

  test('one that sends records of its own with its 200: proxy-refused', async () => {
    const itself = certificateFor('IP:127.0.0.1');
    const proxy = await rawServer(
      async ({ socket, request }) => {
        await request();
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
      },
      { tls: itself },
    );
    const relay = await joiningRelay(proxy);
    const options = { proxy: `https://${relay.authority}`, ca: itself.cert };
    const error = await failureOf(retrieve('https://pictures.test/', options));
    expect(error).toMatchObject(refused);
    expect(error.message).toMatch(/: it sent more right behind its answer, or closed the connection\.$/);
  });

  test('one that is not there: proxy-failed, for http and https', async () => {
    const port = await freePort();
    for (const url of ['http://pictures.test/', 'https://pictures.test/']) {
      const error = await failureOf(retrieve(url, { proxy: `http://me:secret@127.0.0.1:${port}`, lookup }));
      expect(error).toMatchObject({ code: 'proxy-failed', phase: 'connect', exitCode: 7 });
      expect(error.message).toBe(
        `The proxy http://***@127.0.0.1:${port} could not be reached: no connection could be made to 127.0.0.1:${port} (refused).`,
      );
      expect(error.receipt.error?.message).not.toContain('secret');
    }
  });

  test('one whose name is not known: proxy-failed in the phase resolve', async () => {
    const notFound = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    const error = await failureOf(
      retrieve('http://pictures.test/', { proxy: 'proxy.test', lookup: notFound }),
    );
    expect(error).toMatchObject({ code: 'proxy-failed', phase: 'resolve', exitCode: 7 });
    expect(error.message).toBe(
      'The proxy http://proxy.test:80 could not be reached: the host name proxy.test could not be resolved: no such name is known.',
    );
  });

  test('one that does not answer to connecting: timeout-connect that names it', async () => {
    const silent = await silentAddress();
    const proxy = `http://proxy.test:${silent.port}`;
    const options = { proxy, lookup: () => Promise.resolve([silent.address]), timeouts: { connect: 150 } };
    const error = await failureOf(retrieve('https://pictures.test/', options));
    expect(error).toMatchObject({ code: 'timeout-connect', exitCode: 28 });
    expect(error.message).toMatch(
      /^The proxy http:\/\/proxy\.test:\d+ could not be reached: connecting to .* took longer than 0\.15 s: no answer came\.$/,
    );
  });
});

describe('retrieve() with a rule for proxies', () => {
  test('asks it for each hop: from a host behind the proxy to one that is not', async () => {
    const direct = await rawServer(answering(HELLO));
    const proxied = await rawServer(answering(redirect(direct.url('/there'))));
    const proxy = await proxyServer({ credentials: 'me:secret' });
    const asked: string[] = [];
    const receipt = await retrieve(named(proxied, '/here'), {
      proxy: (url) => {
        asked.push(url.href);
        return url.hostname === 'pictures.test' ? proxy.urlFor('me', 'secret') : undefined;
      },
    });
    expect(asked).toEqual([named(proxied, '/here'), direct.url('/there')]);
    expect(receipt).toMatchObject({ bodyBytes: 5, proxy: null, hops: 1 });
    expect(proxy.requests).toHaveLength(1);
    expect(direct.requests[0]).toMatch(/^GET \/there HTTP\/1\.1\r\n/);
    expect(direct.requests[0]).not.toMatch(/proxy/i);
  });

  test.each([
    [
      'socks5://127.0.0.1:1080',
      'The scheme "socks5" of the proxy is not supported: only http and https are.',
    ],
    ['http://', 'The proxy "http://" is no URL.'],
    ['http://me:secret@proxy:port', 'The proxy "http://***@proxy:port" is no URL.'],
    ['me:se@cret@proxy:port', 'The proxy "http://***@proxy:port" is no URL.'],
    [
      'http://%ff@proxy',
      'The name or password of the proxy is not percent-encoded UTF-8; write a bare % as %25.',
    ],
  ])('refuses %j, from a string and from a rule', async (proxy, message) => {
    for (const option of [proxy, () => proxy]) {
      const error = await errorOf(retrieve('http://127.0.0.1:1/', { proxy: option }));
      expect(error).toMatchObject({ code: 'option-invalid', exitCode: 2, message });
    }
  });

  test("takes the scheme's port where none is named, and http where no scheme is", async () => {
    const shown = async (proxy: string) => {
      const lookup = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
      return (await failureOf(retrieve('http://pictures.test/', { proxy, lookup }))).receipt.proxy;
    };
    expect(await shown('proxy.test')).toBe('http://proxy.test:80');
    expect(await shown('https://proxy.test/')).toBe('https://proxy.test:443');
    expect(await shown('name@proxy.test:3128')).toBe('http://***@proxy.test:3128');
  });

  test('goes straight to the host with an empty one', async () => {
    const server = await rawServer(answering(HELLO));
    for (const proxy of ['', () => '']) expect((await retrieve(server.url(), { proxy })).proxy).toBeNull();
  });
});
