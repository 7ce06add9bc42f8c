import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Origin, type OriginOptions, startOrigin } from '../../src/lab/origin.js';
import { type Page, posterPage, textPage } from '../../src/lab/pages.js';
import { retrieve } from '../support/unguarded.js';
import { bodyOf, RawClient, requestFor } from './raw-client.js';

const TEXT_PAGE = textPage();
const TEXT = Buffer.from(TEXT_PAGE.read(0, TEXT_PAGE.length)).toString('latin1');
/** No pair of kernel buffers on loopback holds so much for a client that does not read. */
const LARGE = posterPage(24_000_000);

const running: Origin[] = [];
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await Promise.all(running.splice(0).map((origin) => origin.close()));
});

async function start(
  options: Omit<OriginOptions, 'pages'> = {},
  pages: Page[] = [TEXT_PAGE, LARGE],
): Promise<Origin> {
  const origin = await startOrigin({ pages, ...options });
  running.push(origin);
  return origin;
}

async function connectTo({ port }: Origin, reading = true): Promise<RawClient> {
  const client = await RawClient.to(port, reading);
  clients.push(client);
  return client;
}

async function ask(origin: Origin, request: string): Promise<string> {
  const client = await connectTo(origin);
  client.send(request);
  return client.untilClosed();
}

describe('startOrigin() framing', () => {
  it('answers HTTP/1.0 in its version, with a length, and closes', async () => {
    const text = await ask(await start(), requestFor('/sluice.txt', '1.0'));
    expect(text).toMatch(/^HTTP\/1\.0 200 OK\r\nDate: [^\r]+ GMT\r\nServer: sluice\//);
    expect(text).toContain(`\r\nContent-Length: ${TEXT.length}\r\nConnection: close\r\n`);
    expect(bodyOf(text)).toBe(TEXT);
  });

  it('framing "close" sends no length and closes, though the client asked to keep alive', async () => {
    const text = await ask(await start({ framing: 'close' }), requestFor('/sluice.txt', '1.1'));
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).not.toMatch(/content-length|transfer-encoding/i);
    expect(text).toContain('\r\nConnection: close\r\n');
    expect(bodyOf(text)).toBe(TEXT);
  });

  it('framing "chunked" sends chunks that fetch and retrieve() read', async () => {
    const page = posterPage(100_000);
    const origin = await start({ framing: 'chunked', sendSize: 777 }, [page]);
    const expected = Buffer.from(page.read(0, page.length));
    const response = await fetch(`${origin.url}/poster.bmp`);
    expect(response.headers.get('transfer-encoding')).toBe('chunked');
    expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true);
    const receipt = await retrieve(`${origin.url}/poster.bmp`);
    expect(expected.equals(receipt.bytes)).toBe(true);
  });

  it('framing "chunked" becomes "close" for HTTP/1.0, which knows no chunks', async () => {
    const text = await ask(await start({ framing: 'chunked' }), requestFor('/sluice.txt', '1.0'));
    expect(text).not.toMatch(/transfer-encoding/i);
    expect(bodyOf(text)).toBe(TEXT);
  });

  it('HEAD gets the header of GET and no body', async () => {
    const origin = await start();
    const get = await ask(origin, requestFor('/sluice.txt', '1.0'));
    const head = await ask(origin, requestFor('/sluice.txt', '1.0').replace('GET', 'HEAD'));
    const undated = (text: string) => text.replace(/Date: .*\r\n/, '');
    expect(undated(head)).toBe(undated(get.slice(0, get.length - TEXT.length)));
  });

  it('a page that does not exist gets 404, which names those that do, and the connection stays', async () => {
    const client = await connectTo(await start());
    client.send(requestFor('/nothing', '1.1'));
    await client.until(() => client.text.includes('/poster.bmp\n'));
    expect(client.text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    client.send(requestFor('/sluice.txt', '1.1', 'Connection: close'));
    expect(await client.untilClosed()).toContain(TEXT);
  });
});

describe('startOrigin() connections', () => {
  it.each([
    ['HTTP/1.1', requestFor('/sluice.txt', '1.1')],
    ['HTTP/1.0 with keep-alive', requestFor('/sluice.txt', '1.0', 'Connection: Keep-Alive')],
  ])('%s: answers one request after another', async (_, request) => {
    const client = await connectTo(await start());
    for (const wanted of [1, 2, 3]) {
      client.send(request);
      await client.until(() => client.text.split(TEXT).length === wanted + 1);
      expect(client.text).toContain('\r\nConnection: keep-alive\r\n');
    }
    expect(client.closed).toBe(false);
  });

  it('answers requests that come at once, and byte by byte, in their order', async () => {
    const origin = await start();
    const requests =
      requestFor('/sluice.txt', '1.1') +
      requestFor('/nothing', '1.1') +
      requestFor('/sluice.txt', '1.1', 'Connection: close');
    const atOnce = await ask(origin, requests);
    expect(atOnce.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
    const slow = await connectTo(origin);
    slow.socket.setNoDelay(true);
    for (const byte of requests) {
      slow.send(byte);
      await pause(0);
    }
    const undated = (text: string) => text.replace(/Date: .*\r\n/g, '');
    expect(undated(await slow.untilClosed())).toBe(undated(atOnce));
  });

  it('a client that ends its side after the request still gets the whole response', async () => {
    const client = await connectTo(await start({ sendSize: 100, pauseMs: 5 }));
    client.socket.end(requestFor('/sluice.txt', '1.1'), 'latin1');
    expect(bodyOf(await client.untilClosed())).toBe(TEXT);
  });

  it.each([
    [400, 'nonsense\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\n\r\n'],
    [501, 'DELETE /sluice.txt HTTP/1.1\r\nHost: a\r\n\r\n'],
    [505, 'GET / HTTP/3.0\r\nHost: a\r\n\r\n'],
    [431, `GET / HTTP/1.1\r\nX: ${'x'.repeat(60_000)}`],
  ])('a request that can not be read gets %d and the close', async (status, request) => {
    const origin = await start();
    const text = await ask(origin, request);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    expect(text).toContain('\r\nConnection: close\r\n');
    expect(origin.responses.at(-1)).toMatchObject({ method: null, path: null, status, outcome: 'complete' });
  });

  it.each([
    ['nothing', ''],
    ['half a request', 'GET / HT'],
  ])('a connection that sends %s is closed after the idle time', async (_, sent) => {
    const client = await connectTo(await start({ idleTimeoutMs: 60 }));
    client.send(sent);
    expect(await client.untilClosed()).toBe('');
  });

  it('a client that keeps its side open after the last response is dropped after the idle time', async () => {
    const { port } = await start({ idleTimeoutMs: 60 });
    const client = await RawClient.to(port, true, true);
    clients.push(client);
    client.send(requestFor('/sluice.txt', '1.0'));
    await client.until(() => client.text.endsWith(TEXT));
    // What comes after the drop is answered by a reset.
    const droppedYet = () => {
      client.send('x');
      return client.closed;
    };
    await expect.poll(droppedYet, { timeout: 5000 }).toBe(true);
  });

  it('a reset in the middle of a response breaks that one only', async () => {
    const origin = await start();
    const client = await connectTo(origin);
    client.send(requestFor('/poster.bmp', '1.1'));
    await client.until(() => client.received.length > 100_000);
    client.socket.resetAndDestroy();
    expect(bodyOf(await ask(origin, requestFor('/sluice.txt', '1.0')))).toBe(TEXT);
    await expect.poll(() => origin.responses[0]?.outcome).toBe('broken');
    expect(origin.responses[0]!.bytesSent).toBeLessThan(LARGE.length);
  });

  it('a reset while the server stands still or pauses ends the response', async () => {
    const origin = await start({}, [LARGE, { ...TEXT_PAGE, settings: { sendSize: 10, pauseMs: 60_000 } }]);
    for (const path of ['/poster.bmp', '/sluice.txt']) {
      const client = await connectTo(origin, false);
      client.send(requestFor(path, '1.1'));
      await expect.poll(() => origin.responses.at(-1)?.sends ?? 0).toBeGreaterThan(0);
      if (path === '/poster.bmp') await untilStill(origin);
      client.socket.resetAndDestroy();
      await expect.poll(() => origin.responses.at(-1)).toMatchObject({ path, outcome: 'broken' });
    }
  });
});

/** Waits until the server has sent nothing for 150 ms. */
async function untilStill(origin: Origin): Promise<void> {
  for (let before = -1; before !== origin.responses.at(-1)?.bytesSent; ) {
    before = origin.responses.at(-1)?.bytesSent ?? -1;
    await pause(150);
  }
}

describe('startOrigin() pace', () => {
  it('sends sendSize bytes at a time, a pause between them, and counts the sends', async () => {
    const origin = await start({ sendSize: 100, pauseMs: 20 });
    const client = await connectTo(origin);
    client.send(requestFor('/sluice.txt', '1.0'));
    const { length } = await client.untilClosed();
    const [sent] = origin.responses;
    const sends = Math.ceil(length / 100);
    expect(sent).toMatchObject({
      method: 'GET',
      path: '/sluice.txt',
      status: 200,
      bytesSent: length,
      sends,
      stalls: [],
    });
    // A timer may fire up to a millisecond early.
    expect(sent!.durationMs).toBeGreaterThanOrEqual((sends - 1) * 19);
    expect(client.spread).toBeGreaterThanOrEqual((sends - 1) * 10);
  });

  it("a page's own settings stand above the origin's", async () => {
    const page = { ...TEXT_PAGE, settings: { sendSize: 50, framing: 'close' } as const };
    const origin = await start({ sendSize: 5000 }, [page]);
    const text = await ask(origin, requestFor('/sluice.txt', '1.1'));
    expect(text).not.toContain('Content-Length');
    expect(origin.responses[0]?.sends).toBe(Math.ceil(text.length / 50));
  });

  it('headerDelayMs passes before the first byte', async () => {
    const origin = await start({ headerDelayMs: 80 });
    const began = performance.now();
    await ask(origin, requestFor('/sluice.txt', '1.0'));
    expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  });

  it('measures how long a client that does not read made it stand still', async () => {
    const origin = await start({ sendSize: 64 * 1024 });
    const client = await connectTo(origin, false);
    client.send(requestFor('/poster.bmp', '1.0'));
    await expect.poll(() => origin.responses.length).toBe(1);
    await untilStill(origin);
    const sent = origin.responses[0]!;
    const stoodAt = sent.bytesSent;
    expect(stoodAt).toBeLessThan(LARGE.length);
    await pause(200);
    expect(sent.bytesSent).toBe(stoodAt);
    client.read();
    await client.until(() => client.closed);
    expect(sent).toMatchObject({ outcome: 'complete', bytesSent: client.received.length });
    const stall = sent.stalls.find(({ atByte }) => atByte === stoodAt);
    expect(stall!.ms).toBeGreaterThanOrEqual(199);
    expect(stall!.fromMs + stall!.ms).toBeLessThanOrEqual(sent.durationMs!);
    expect(sent.stalledMs).toBeCloseTo(
      sent.stalls.reduce((sum, { ms }) => sum + ms, 0),
      6,
    );
  });

  it('a response that fits the buffers stalls nowhere, though nobody reads it', async () => {
    const origin = await start();
    const client = await connectTo(origin, false);
    client.send(requestFor('/sluice.txt', '1.0'));
    await expect.poll(() => origin.responses[0]?.outcome).toBe('complete');
    expect(origin.responses[0]).toMatchObject({ stalls: [], stalledMs: 0 });
  });
});

describe('startOrigin()', () => {
  it.each([
    [{ sendSize: 0 }, 'send size is 0'],
    [{ sendSize: 1.5 }, 'send size is 1.5'],
    [{ pauseMs: -1 }, 'pause is -1'],
    [{ headerDelayMs: 2 ** 31 }, 'pause is 2147483648'],
  ])('rejects %o as an invalid option', async (options, message) => {
    await expect(startOrigin({ pages: [], ...options })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining(message),
    });
  });

  it('rejects as listen() fails when the port is taken', async () => {
    const { port } = await start();
    await expect(startOrigin({ pages: [], port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('keeps the last 64 responses', async () => {
    const origin = await start();
    const client = await connectTo(origin);
    client.send(requestFor('/x', '1.1').repeat(70) + requestFor('/sluice.txt', '1.1', 'Connection: close'));
    await client.untilClosed();
    expect(origin.responses).toHaveLength(64);
    expect(origin.responses.at(-1)?.path).toBe('/sluice.txt');
  });

  it('close() ends connections that are being sent to, idle or unread, and frees the port', async () => {
    const origin = await startOrigin({ pages: [TEXT_PAGE, LARGE] });
    const [busy, idle] = [await connectTo(origin, false), await connectTo(origin)];
    busy.send(requestFor('/poster.bmp', '1.1'));
    await expect.poll(() => origin.responses[0]?.sends ?? 0).toBeGreaterThan(0);
    await origin.close();
    await idle.untilClosed();
    await expect.poll(() => origin.responses[0]?.outcome).toBe('broken');
    await expect(RawClient.to(origin.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
