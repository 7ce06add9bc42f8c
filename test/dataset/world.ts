/**
 * A world of hosts on loopback, each with an address and a name of its own, and URLs whose fates are known beforehand. What becomes of a URL stands in its
 * path: `/KIND/NUMBER`, so that a fate can be read in any failure's message.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { OutcomeCode } from '../../src/dataset/outcome.js';
import { dnsServer } from '../support/dns-server.js';
import { picture, SMALL_JPEG } from '../support/pictures.js';

/** What is answered to `/KIND/NUMBER`, `times` being how often that was asked for before. */
type Answer = (response: ServerResponse, number: number, times: number, port: number) => unknown;

interface Kind {
  /** Null: it succeeds. */
  readonly code: OutcomeCode | null;
  /** Of so many in a thousand rows. */
  readonly share: number;
  readonly answer?: Answer;
  /** The line of the list, where it is not the URL of the host and the path. */
  readonly line?: (number: number, host: WorldHost) => string;
}

interface WorldHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** The longest body that a run on this world should take, and the longest time: `--max-size`, `--timeout` in seconds. */
export const WORLD_MAX_BYTES = 100_000;
export const WORLD_TIMEOUT_S = 3;

const PLACEHOLDER = jpegNumber(-1);
const PNG = picture('png-rgb-70x46.png');
const SLOW_MS = 300;

const KINDS = {
  good: { code: null, share: 470, answer: (response, number) => send(response, jpegNumber(number)) },
  png: { code: null, share: 50, answer: (response) => send(response, PNG) },
  repeated: {
    code: null,
    share: 50,
    // Ten rows share a URL.
    line: (number, { name, port }) => `http://${name}:${port}/good/${number - (number % 10_000)}`,
  },
  placeholder: { code: null, share: 20, answer: (response) => send(response, PLACEHOLDER) },
  late: {
    code: null,
    share: 20,
    answer: async (response, number) => {
      await sleep(SLOW_MS);
      send(response, jpegNumber(number));
    },
  },
  redirected: {
    code: null,
    share: 30,
    answer: (response, number) => redirect(response, `/redirected-2/${number}`),
  },
  'other-bot': {
    code: null,
    share: 10,
    answer: (response, number) =>
      send(response, jpegNumber(number), { 'X-Robots-Tag': 'otherbot: noindex, noimageindex' }),
  },
  busy: {
    code: null,
    share: 10,
    answer: (response, number, times) =>
      times === 0
        ? response.writeHead(429, { 'Retry-After': '1' }).end()
        : send(response, jpegNumber(number)),
  },
  missing: { code: 'http-status', share: 60, answer: (response) => response.writeHead(404).end('no') },
  forbidden: { code: 'http-status', share: 30, answer: (response) => response.writeHead(403).end('no') },
  silent: { code: 'timeout-total', share: 4, answer: () => undefined },
  stalled: {
    code: 'timeout-total',
    share: 4,
    answer: (response, number) => {
      const bytes = jpegNumber(number);
      response.writeHead(200, jpegHead(bytes)).write(bytes.subarray(0, 200));
    },
  },
  endless: { code: 'too-large', share: 10, answer: endless },
  announced: {
    code: 'too-large',
    share: 10,
    answer: (response) => response.writeHead(200, { 'Content-Length': String(1e9) }).write(SMALL_JPEG),
  },
  cut: {
    code: 'cut-short',
    share: 20,
    answer: (response, number) => {
      const bytes = jpegNumber(number);
      response.writeHead(200, jpegHead(bytes)).write(bytes.subarray(0, bytes.length / 2));
      response.socket?.destroySoon();
    },
  },
  truncated: {
    code: 'image-incomplete',
    share: 20,
    answer: (response, number) => send(response, jpegNumber(number).subarray(0, 300)),
  },
  html: {
    code: 'not-an-image',
    share: 40,
    answer: (response) => send(response, Buffer.from('<!doctype html><p>Photo unavailable</p>')),
  },
  empty: { code: 'not-an-image', share: 10, answer: (response) => send(response, Buffer.alloc(0)) },
  corrupt: {
    code: 'image-incomplete',
    share: 20,
    answer: (response) => send(response, Buffer.concat([PNG.subarray(0, 40), Buffer.alloc(200)])),
  },
  loop: {
    code: 'redirect-limit',
    share: 6,
    answer: (response, number) => redirect(response, `/loop/${number}`),
  },
  'to-ftp': {
    code: 'scheme-unsupported',
    share: 6,
    answer: (response) => redirect(response, 'ftp://127.0.0.1/x.jpg'),
  },
  'to-private': {
    code: 'address-refused',
    share: 6,
    answer: (response) => redirect(response, 'http://10.1.2.3/x.jpg'),
  },
  private: { code: 'address-refused', share: 4, line: (number) => `http://10.1.2.3/private/${number}` },
  refused: {
    code: 'connection-refused',
    share: 10,
    line: (number, { port }) => `http://127.9.9.9:${port}/refused/${number}`,
  },
  unknown: { code: 'name-not-resolved', share: 20, line: (number) => `http://n${number}.invalid/unknown` },
  noai: {
    code: 'opt-out',
    share: 20,
    answer: (response, number) => send(response, jpegNumber(number), { 'X-Robots-Tag': 'noai, noimageai' }),
  },
  scheme: { code: 'scheme-unsupported', share: 10, line: (number) => `ftp://127.0.0.1/scheme/${number}` },
  'no-url': { code: 'url-malformed', share: 20, line: (number) => `no url, number ${number}` },
  'no-text': { code: 'line-malformed', share: 10, line: (number) => `http://127.0.0.1/\0/${number}` },
} satisfies Record<string, Kind>;

/** Kinds that redirects lead to, no row of their own. */
const FURTHER: Readonly<Record<string, Answer>> = {
  'redirected-2': (response, number, _times, port) =>
    redirect(response, `http://127.1.0.1:${port}/redirected-3/${number}`),
  'redirected-3': (response, number) => send(response, jpegNumber(number)),
};

export type KindName = keyof typeof KINDS;

/** A row of the list, and what becomes of it. */
export interface Fate {
  readonly kind: KindName;
  readonly line: string;
  readonly code: OutcomeCode | null;
}

export interface WorldOptions {
  readonly hosts?: number;
  readonly rows?: number;
  /** Only these. */
  readonly kinds?: readonly KindName[];
  /** Milliseconds before each answer. */
  readonly delayMs?: number;
}

export interface World {
  readonly fates: readonly Fate[];
  /** The list as text, a URL a line. */
  readonly list: string;
  /** `ADDRESS:PORT`, for `--dns-servers`. */
  readonly dns: string;
  /** How often each path was asked for. */
  readonly requests: ReadonlyMap<string, number>;
  /** Requests in all. */
  readonly asked: () => number;
  /** How many rows fail with each code. */
  readonly codes: Readonly<Record<string, number>>;
}

/** Makes a world; it is gone at the end of the test. */
export async function world(options: WorldOptions = {}): Promise<World> {
  const { hosts = 200, rows = 5000, kinds = Object.keys(KINDS) as KindName[], delayMs = 0 } = options;
  const requests = new Map<string, number>();
  let asked = 0;
  const places: WorldHost[] = [];
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!;
    const times = requests.get(path) ?? 0;
    requests.set(path, times + 1);
    asked++;
    const [, kind, number] = path.split('/');
    const answer = FURTHER[kind!] ?? (KINDS as Record<string, Kind>)[kind!]?.answer;
    if (delayMs > 0) await sleep(delayMs);
    if (answer === undefined) response.writeHead(404).end();
    else answer(response, Number(number), times, request.socket.localPort!);
  };
  let port = 0;
  for (let i = 0; i < hosts; i++) {
    const address = `127.1.${Math.floor(i / 250)}.${1 + (i % 250)}`;
    port = await listen(onRequest, port, address);
    places.push({ name: `h${i}.test`, address, port });
  }
  const addresses = new Map(places.map(({ name, address }) => [name, address]));
  const { address: dns } = await dnsServer((name) => {
    const address = addresses.get(name);
    return address === undefined ? 'NXDOMAIN' : [address];
  });
  const fates = fatesOf(rows, kinds, places);
  const codes: Record<string, number> = {};
  for (const { code } of fates) if (code !== null) codes[code] = (codes[code] ?? 0) + 1;
  const list = `${fates.map(({ line }) => line).join('\n')}\n`;
  return { fates, list, dns, requests, asked: () => asked, codes };
}

/** The kinds by their shares, well mixed, and each row at a host of its own choice: the same at every run. */
function fatesOf(rows: number, names: readonly KindName[], places: readonly WorldHost[]): Fate[] {
  const all = names.map((name): [KindName, Kind] => [name, KINDS[name]]);
  const sum = all.reduce((shares, [, { share }]) => shares + share, 0);
  const chosen: [KindName, Kind][] = [];
  for (const one of all) {
    const count = Math.round((one[1].share / sum) * rows);
    for (let i = 0; i < count; i++) chosen.push(one);
  }
  while (chosen.length < rows) chosen.push(all[0]!);
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [chosen[i], chosen[j]] = [chosen[j]!, chosen[i]!];
  }
  return chosen.slice(0, rows).map(([kind, { code, line }], index) => {
    const host = places[Math.floor(random() * places.length)]!;
    const written = line?.(index, host) ?? `http://${host.name}:${host.port}/${kind}/${index}`;
    return { kind, code, line: written };
  });
}

/** Listens at `port`, or at any with 0, until the end of the test. */
async function listen(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
  address: string,
): Promise<number> {
  const server = createServer(onRequest);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => (server as Server).close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

/** A JPEG whose bytes are of this number alone: a comment tells it. */
export function jpegNumber(number: number): Buffer {
  const comment = Buffer.from(`number ${number}`);
  const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([SMALL_JPEG.subarray(0, 2), head, comment, SMALL_JPEG.subarray(2)]);
}

function jpegHead(bytes: Buffer) {
  return { 'Content-Type': 'image/jpeg', 'Content-Length': String(bytes.length) };
}

function send(response: ServerResponse, bytes: Buffer, fields: Record<string, string> = {}): void {
  response.writeHead(200, { ...jpegHead(bytes), ...fields }).end(bytes);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { Location: location }).end();
}

/** A picture that has no end: comment after comment. */
function endless(response: ServerResponse): void {
  const comment = Buffer.alloc(60_000);
  comment.writeUInt16BE(0xfffe, 0);
  comment.writeUInt16BE(comment.length - 2, 2);
  response.writeHead(200, { 'Content-Type': 'image/jpeg' }).write(SMALL_JPEG.subarray(0, 2));
  const more = () => {
    if (!response.destroyed) response.write(comment, () => setImmediate(more));
  };
  more();
}
