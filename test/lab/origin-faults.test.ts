import { afterEach, describe, expect, it } from 'vitest';
import { type Origin, type OriginOptions, startOrigin } from '../../src/lab/origin.js';
import { cutAt } from '../../src/lab/paced-send.js';
import { coverPage, textPage } from '../../src/lab/pages.js';
import { retrieve } from '../support/unguarded.js';
import { bodyOf, RawClient, requestFor } from './raw-client.js';

const TEXT_PAGE = textPage();
const TEXT = Buffer.from(TEXT_PAGE.read(0, TEXT_PAGE.length)).toString('latin1');

const running: Origin[] = [];
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await Promise.all(running.splice(0).map((origin) => origin.close()));
});

async function start(options: Omit<OriginOptions, 'pages'> = {}): Promise<Origin> {
  const origin = await startOrigin({ pages: [TEXT_PAGE, await coverPage()], ...options });
  running.push(origin);
  return origin;
}

async function clientOf({ port }: Origin): Promise<RawClient> {
  const client = await RawClient.to(port);
  clients.push(client);
  return client;
}

async function ask(origin: Origin, ...fields: string[]): Promise<string> {
  const client = await clientOf(origin);
  client.send(requestFor('/cover.jpg', '1.1', 'Connection: close', ...fields));
  return client.untilClosed();
}

describe('cutAt()', () => {
  it('cuts sends where a place lies within, and nowhere else', () => {
    const sends = [Buffer.from('abcd'), Buffer.from('efgh')];
    const cut = (...places: (number | undefined)[]) => [...cutAt(sends, places)].map(String);
    expect(cut(undefined)).toEqual(['abcd', 'efgh']);
    expect(cut(0, 4, 8, 90)).toEqual(['abcd', 'efgh']);
    expect(cut(6, 1)).toEqual(['a', 'bcd', 'ef', 'gh']);
    expect(cut(2, 3)).toEqual(['ab', 'c', 'd', 'efgh']);
  });
});

describe('startOrigin() faults', () => {
  it('closes after dropAfter bytes of the response, exactly', async () => {
    const origin = await start({ dropAfter: 12_345 });
    expect((await ask(origin)).length).toBe(12_345);
    expect(origin.responses[0]).toMatchObject({ outcome: 'dropped', bytesSent: 12_345 });
    await expect(retrieve(`${origin.url}/cover.jpg`)).rejects.toMatchObject({ code: 'cut-short' });
  });

  it('stands still at a byte for as long as it is told', async () => {
    const origin = await start({ hold: { atByte: 5000, ms: 120 } });
    const client = await clientOf(origin);
    client.send(requestFor('/cover.jpg', '1.0'));
    await client.until(() => client.received.length >= 5000);
    expect(client.received.length).toBe(5000);
    await client.untilClosed();
    expect(origin.responses[0]).toMatchObject({ outcome: 'complete', stalls: [] });
    expect(origin.responses[0]!.durationMs).toBeGreaterThanOrEqual(119);
  });

  it('holds the mean rate', async () => {
    const origin = await start({ limitRate: 20_000, sendSize: 100 });
    const client = await clientOf(origin);
    client.send(requestFor('/sluice.txt', '1.0'));
    const { length } = await client.untilClosed();
    expect(origin.responses[0]!.durationMs).toBeGreaterThanOrEqual(((length - 100) / 20_000) * 1000 - 2);
  });

  it.each([
    ['length', 'cut-short'],
    ['chunked', 'cut-short'],
    ['close', 'connection-reset'],
  ] as const)('end "missing", framing "%s": the client can tell, %s', async (framing, code) => {
    const origin = await start({ framing, end: 'missing' });
    await expect(retrieve(`${origin.url}/cover.jpg`, { verify: 'none' })).rejects.toMatchObject({ code });
  });

  it('end "open": all is sent, and nothing more happens until the client closes', async () => {
    const origin = await start({ framing: 'close', end: 'open', idleTimeoutMs: 50 });
    const client = await clientOf(origin);
    client.send(requestFor('/sluice.txt', '1.1'));
    await client.until(() => client.text.endsWith(TEXT));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(client.closed).toBe(false);
    client.socket.end();
    await client.untilClosed();
  });

  it('httpVersion "1.0" answers a request of HTTP/1.1 in HTTP/1.0, without chunks', async () => {
    const text = await ask(await start({ httpVersion: '1.0', framing: 'chunked' }));
    expect(text).toMatch(/^HTTP\/1\.0 200 OK\r\n/);
    expect(text).not.toMatch(/transfer-encoding/i);
  });
});

describe('startOrigin() ranges', () => {
  it('answers a range with 206 and just these bytes; its If-Range is the strong entity tag', async () => {
    const origin = await start();
    const whole = await ask(origin);
    const tag = /\r\nETag: ("[^"]+")\r\n/.exec(whole)![1];
    const part = await ask(origin, 'Range: bytes=1000-1099', `If-Range: ${tag}`);
    expect(part).toMatch(/^HTTP\/1\.1 206 Partial Content\r\n/);
    expect(part).toContain(`\r\nContent-Range: bytes 1000-1099/${bodyOf(whole).length}\r\n`);
    expect(part).toContain('\r\nContent-Length: 100\r\n');
    expect(bodyOf(part)).toBe(bodyOf(whole).slice(1000, 1100));
    const stale = await ask(origin, 'Range: bytes=1000-1099', 'If-Range: "another"');
    expect(stale).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('answers a range beyond the end with 416 and the length', async () => {
    const text = await ask(await start(), 'Range: bytes=99999999-');
    expect(text).toMatch(/^HTTP\/1\.1 416 Range Not Satisfiable\r\n/);
    expect(text).toMatch(/\r\nContent-Range: bytes \*\/\d+\r\n/);
  });

  it('answers a range in chunks too', async () => {
    const text = await ask(await start({ framing: 'chunked' }), 'Range: bytes=-10');
    expect(text).toMatch(/^HTTP\/1\.1 206 /);
    expect(bodyOf(text)).toMatch(/^a\r\n.{10}\r\n0\r\n\r\n$/s);
  });
});
