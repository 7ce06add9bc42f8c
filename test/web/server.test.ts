import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXPERIMENTS } from '../../src/lab/experiments.js';
import { RUN_BOUNDS, type RunSettings } from '../../src/lab/run-settings.js';
import { peakMemory } from '../cli/support/memory.js';
import { until } from '../support/until.js';
import { TestLab } from './support/lab.js';

// Real runs take their time, and longer where others want the processor.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let lab: TestLab;
beforeAll(async () => {
  lab = await TestLab.start();
});
afterAll(async () => {
  expect(await lab.close()).toBe(130);
});

const FAST = EXPERIMENTS[0]!.settings;

function make(settings: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${lab.url}runs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof settings === 'string' ? settings : JSON.stringify(settings),
  });
}

async function idOf(settings: RunSettings): Promise<string> {
  const { id } = (await (await make(settings)).json()) as { id: string };
  return id;
}

/** The status of a request with these fields, which `fetch` would not send. */
function statusWith(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const { hostname, port } = new URL(lab.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe("the lab's server", () => {
  it('refuses another Host, as a name has that was made to lead here', async () => {
    const { port } = new URL(lab.url);
    expect(await statusWith('/', { Host: `127.0.0.1:${port}` })).toBe(200);
    expect(await statusWith('/', { Host: `localhost:${port}` })).toBe(200);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `[::1]:${port}`,
    ]) {
      expect(await statusWith('/', { Host: host }), host).toBe(421);
    }
  });

  it("refuses another site's page", async () => {
    const { port } = new URL(lab.url);
    for (const origin of ['http://evil.example', 'null', `https://127.0.0.1:${port}`, 'http://127.0.0.1:1']) {
      expect((await make(FAST, { Origin: origin })).status, origin).toBe(403);
    }
    expect((await make(FAST, { Origin: `http://127.0.0.1:${port}` })).status).toBe(201);
    // What a form of another site can send without asking first.
    expect((await make(FAST, { 'Content-Type': 'text/plain' })).status).toBe(415);
  });

  it('sends a policy that allows nothing but its own, on every page', async () => {
    for (const path of ['', 'pictures/cover.jpg', 'nothing']) {
      const { headers } = await fetch(lab.url + path);
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', '{}'],
    ['a huge picture', { ...FAST, source: { kind: 'poster', bytes: RUN_BOUNDS.posterBytes.most + 1 } }],
    ['an endless pause', { ...FAST, pause: 1e9 }],
    ['no receive', { ...FAST, recvSize: 0 }],
    ['half a byte', { ...FAST, sendSize: 0.5 }],
    ['a source that there is not', { ...FAST, source: { kind: 'file', path: '/etc/passwd' } }],
  ])('refuses settings with %s in one sentence', async (_, settings) => {
    const response = await make(settings);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ refused: expect.stringMatching(/\S/) });
  });

  it('refuses a request that is too long', async () => {
    expect((await make(`"${'x'.repeat(20_000)}"`)).status).toBe(413);
  });

  it('begins a run once, and forgets whoever asks for none', async () => {
    const id = await idOf(FAST);
    const first = await (await fetch(`${lab.url}runs/${id}/events`)).text();
    expect(first).toContain('event: batches');
    expect(first.trimEnd()).toMatch(/event: over\s*data:$/);
    expect((await fetch(`${lab.url}runs/${id}/events`)).status).toBe(204);
    expect((await fetch(`${lab.url}runs/none/events`)).status).toBe(204);
    const picture = await fetch(`${lab.url}runs/${id}/picture`);
    expect(picture.headers.get('content-type')).toBe('image/jpeg');
    const cover = Buffer.from(await (await fetch(`${lab.url}pictures/cover.jpg`)).arrayBuffer());
    expect(cover.equals(Buffer.from(await picture.arrayBuffer()))).toBe(true);
  });

  it('tells at most 30 messages a second', async () => {
    const id = await idOf({ ...FAST, pause: 20 });
    const began = performance.now();
    const text = await (await fetch(`${lab.url}runs/${id}/events`)).text();
    const seconds = (performance.now() - began) / 1000;
    expect(text.split('event: batches').length - 1).toBeLessThanOrEqual(30 * seconds + 1);
  });

  it('ends the run of a page that goes away, and lets the next in line begin', async () => {
    const threads = await lab.idleThreads();
    const gone = new AbortController();
    const slow: RunSettings = { ...FAST, pause: 10_000 };
    const ids = await Promise.all(Array.from({ length: 6 }, () => idOf(slow)));
    const responses = await Promise.all(
      ids.map((id) => fetch(`${lab.url}runs/${id}/events`, { signal: gone.signal })),
    );
    await until(() => lab.threads() >= threads + 8);
    // Four at once, two threads each; two wait.
    expect(lab.threads()).toBeLessThanOrEqual(threads + 8);
    const last = fetch(`${lab.url}runs/${await idOf(FAST)}/events`).then((response) => response.text());
    gone.abort();
    expect(await last).toContain('event: over');
    await until(() => lab.threads() <= threads);
    await Promise.all(responses.map((response) => response.text().catch(() => undefined)));
  });

  it('stays small, whatever is asked of it at once', async () => {
    const large: RunSettings = { ...FAST, source: { kind: 'poster', bytes: 32_000_000 }, recvSize: 65_536 };
    await Promise.all(
      Array.from({ length: 8 }, async () =>
        (await fetch(`${lab.url}runs/${await idOf(large)}/events`)).text(),
      ),
    );
    expect(peakMemory(lab.pid)).toBeLessThan(900_000_000);
  });
});
