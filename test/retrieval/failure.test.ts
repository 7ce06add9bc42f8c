import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ERROR_TABLE, SluiceError } from '../../src/errors.js';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import { failureOf } from '../support/failure.js';
import { jpegOf } from '../support/pictures.js';
import { answering, answeringOnce, rawServer, type Script } from '../support/raw-server.js';
import { chunked, head, reply, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly options?: RetrieveOptions;
  readonly code: SluiceError['code'];
  readonly exitCode: number;
  readonly message: RegExp;
  readonly receipt?: object;
}

const LENGTH_100 = head({ fields: [['Content-Length', '100']] });

const CASES: Case[] = [
  {
    name: 'a connection that is closed without a reply',
    script: answeringOnce(''),
    code: 'reply-empty',
    exitCode: 52,
    message: /without a reply/,
    receipt: { status: null, wireBytes: 0, attempts: 1 },
  },
  {
    name: 'a body that is shorter than its Content-Length',
    script: answeringOnce(`${LENGTH_100}only these`),
    code: 'cut-short',
    exitCode: 18,
    message: /after 10 bytes of the body, of 100/,
    receipt: { status: 200, bodyBytes: 10, wireBytes: LENGTH_100.length + 10 },
  },
  {
    name: 'a chunked body without its last chunk',
    script: answeringOnce(chunked(['some text']).subarray(0, -5)),
    code: 'cut-short',
    exitCode: 18,
    message: /after 9 bytes of a chunked body: the last chunk never came/,
    receipt: { status: 200, bodyBytes: 9 },
  },
  {
    name: 'a header that is cut',
    script: answeringOnce('HTTP/1.1 200 OK\r\nContent-'),
    code: 'cut-short',
    exitCode: 18,
    message: /after 25 bytes, before the end of the header/,
    receipt: { status: null, wireBytes: 25 },
  },
  {
    name: 'a reset in the middle of the body',
    script: async ({ socket, request }) => {
      await request();
      socket.write(`${LENGTH_100}only these`);
      setTimeout(() => socket.resetAndDestroy(), 60);
    },
    code: 'connection-reset',
    exitCode: 56,
    message: /reset the connection after \d+ bytes/,
    receipt: { status: 200, bodyBytes: 10, wireBytes: LENGTH_100.length + 10 },
  },
  {
    name: 'another protocol',
    script: ({ socket }) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'),
    code: 'reply-malformed',
    exitCode: 8,
    message: /it begins with "S", not with "HTTP\/1\.x"/,
    receipt: { status: null },
  },
  {
    name: 'a chunk size that is none',
    script: answeringOnce(`${head({ fields: [['Transfer-Encoding', 'chunked']] })}5\r\nhello\r\nzz\r\n`),
    code: 'reply-malformed',
    exitCode: 8,
    message: /"zz" is no chunk size/,
    receipt: { status: 200, bodyBytes: 5 },
  },
  {
    name: 'conflicting lengths',
    script: answeringOnce(
      head({
        fields: [
          ['Content-Length', '5'],
          ['Content-Length', '6'],
        ],
      }),
    ),
    code: 'reply-malformed',
    exitCode: 8,
    message: /Content-Length is both "5" and "6"/,
  },
  {
    name: 'status 404',
    script: answering(reply('no such picture', { status: '404 Not \x1bFound' })),
    code: 'http-status',
    exitCode: 22,
    message: /answered with status 404 "Not \\x1bFound"/,
    receipt: { status: 404, bodyBytes: 0 },
  },
  {
    name: 'status 500 whose body never ends',
    script: async ({ socket, request }) => {
      await request();
      socket.write(head({ status: '500 Oh', fields: [['Content-Length', '70000']] }));
    },
    code: 'http-status',
    exitCode: 22,
    message: /status 500/,
    receipt: { status: 500 },
  },
  {
    name: 'a Content-Length above the limit',
    script: answeringOnce(reply('x'.repeat(101))),
    options: { maxBytes: 100 },
    code: 'too-large',
    exitCode: 63,
    message: /The body announces 101 bytes or more, above the limit of 100/,
    receipt: { status: 200, bodyBytes: 0 },
  },
  {
    name: 'a body that grows above the limit',
    script: answeringOnce(chunked(['x'.repeat(60), 'x'.repeat(60)])),
    options: { maxBytes: 100 },
    code: 'too-large',
    exitCode: 63,
    message: /The body has 120 bytes or more, above the limit of 100/,
    receipt: { bodyBytes: 120 },
  },
  {
    name: 'a content coding that is not known, with its body later than its head',
    script: async ({ socket, request }) => {
      await request();
      socket.write(
        head({
          fields: [
            ['Content-Encoding', 'snappy'],
            ['Content-Length', '5'],
          ],
        }),
      );
      setTimeout(() => socket.write('hello'), 60);
    },
    code: 'coding-failed',
    exitCode: 61,
    message: /The content coding "snappy" is not known here/,
    receipt: { status: 200, bodyBytes: 0 },
  },
  {
    name: 'gzip that is damaged',
    script: answeringOnce(typed('this is no gzip', 'text/plain', [['Content-Encoding', 'gzip']])),
    code: 'coding-failed',
    exitCode: 61,
    message: /The content coding gzip could not be undone: incorrect header check/,
  },
  {
    name: 'gzip that is cut, in a reply that is whole',
    script: answeringOnce(
      typed(gzipSync('x'.repeat(10_000)).subarray(0, 30), 'text/plain', [['Content-Encoding', 'gzip']]),
    ),
    code: 'coding-failed',
    exitCode: 61,
    message: /unexpected end of file/,
  },
];

describe('retrieve() rejects', () => {
  test.each(CASES)(
    'for $name: $code ($exitCode)',
    async ({ script, options, code, exitCode, message, receipt }) => {
      const server = await rawServer(script);
      const directory = scratchDirectory();
      const file = join(directory, 'stuff.jpg');
      writeFileSync(file, 'older');
      const error = await failureOf(retrieve(server.url('/path'), { ...options, to: { file } }));
      expect(error).toMatchObject({ code, exitCode, phase: ERROR_TABLE[code].phase });
      expect(error.message).toMatch(message);
      // Nothing of addresses and paths, nor control characters.
      expect(error.publicMessage).not.toMatch(/127|path|stuff|\d{4}/);
      expect(error.message).toMatch(/^[\x20-\x7e]+\.$/);
      expect(error.receipt).toMatchObject({
        url: server.url('/path'),
        finalUrl: server.url('/path'),
        address: '127.0.0.1',
        file: null,
        sha256: null,
        error: { code, exitCode, phase: error.phase, message: error.message },
        ...receipt,
      });
      expect(error.receipt.timing.total).toBeGreaterThan(0);
      expect(JSON.parse(JSON.stringify(error.receipt))).toEqual(error.receipt);
      expect(readdirSync(directory)).toEqual(['stuff.jpg']);
      expect(readFileSync(file, 'latin1')).toBe('older');
    },
  );

  test('a bomb at the limit, not at its end: 100 MB of zeros in 100 KB of gzip', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    const server = await rawServer(answeringOnce(typed(bomb, 'text/plain', [['Content-Encoding', 'gzip']])));
    const file = join(scratchDirectory(), 'zeros');
    let largest = 0;
    const watching = setInterval(() => {
      largest = Math.max(largest, process.memoryUsage().arrayBuffers);
    }, 1);
    const before = process.memoryUsage().arrayBuffers;
    const error = await failureOf(retrieve(server.url(), { to: { file }, maxBytes: 90_000_000 }));
    clearInterval(watching);
    expect(error).toMatchObject({ code: 'too-large', exitCode: 63 });
    expect(error.receipt.bodyBytes).toBeLessThan(91_000_000);
    // What was decoded is garbage at once, but it lies there until it is collected.
    expect(largest - before).toBeLessThan(64_000_000);
    expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
  });

  test.each([
    ['ftp://h.test/x', 'scheme-unsupported', 1],
    ['file:///etc/passwd', 'scheme-unsupported', 1],
    ['not a url', 'url-malformed', 3],
    ['http://', 'url-malformed', 3],
    ['http://h.test:99999/', 'url-malformed', 3],
    ['localhost:8080/x', 'url-malformed', 3],
    ['h.test/cover.jpg', 'url-malformed', 3],
    ['http://%zz@h.test/', 'url-malformed', 3],
    ['http://a:%ff@h.test/', 'url-malformed', 3],
  ])('the URL %s: %s', async (url, code, exitCode) => {
    const error = await failureOf(retrieve(url));
    expect(error).toMatchObject({ code, exitCode });
    expect(error.receipt).toMatchObject({ status: null, address: null, attempts: 0 });
  });

  test('a URL without a scheme with the URL that was meant', async () => {
    const error = await failureOf(retrieve('localhost:8080/x'));
    expect(error.message).toBe('"localhost:8080/x" is no URL; did you mean "http://localhost:8080/x"?');
  });

  test.each<[string, RetrieveOptions]>([
    ['recvSize 0', { recvSize: 0 }],
    ['recvSize 1.5', { recvSize: 1.5 }],
    ['recvSize of 1 GiB', { recvSize: 2 ** 30 }],
    ['a negative delay', { delay: -1 }],
    ['a delay that is no number', { delay: Number.NaN }],
    ['limitRate 0', { limitRate: 0 }],
    ['maxRedirects -1', { maxRedirects: -1 }],
    ['a time-out of 0', { timeouts: { idle: 0 } }],
    ['a time-out of 30 days', { timeouts: { total: 2 ** 31 } }],
  ])('%s: option-invalid', async (_, options) => {
    const outcome = await retrieve('http://127.0.0.1:1/', options).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(SluiceError);
    expect(outcome).toMatchObject({ code: 'option-invalid', exitCode: 2, phase: 'usage' });
  });

  test('a field that would begin another line: option-invalid', async () => {
    const server = await rawServer(answering(reply('x')));
    for (const headers of [{ 'X-A': 'a\r\nX-B: b' }, { 'X A': 'a' }, { 'X-A': '\u20ac' }, { '': 'a' }]) {
      const error = await failureOf(retrieve(server.url(), { headers: headers as Record<string, string> }));
      expect(error.code).toBe('option-invalid');
    }
    expect(server.requests).toEqual([]);
  });
});

describe('retrieve() undoes content codings', () => {
  const body = jpegOf(50_000);
  const coded: [string, Buffer][] = [
    ['gzip', gzipSync(body)],
    ['X-Gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['gzip, br', brotliCompressSync(gzipSync(body))],
    ['identity', body],
  ];

  test.each(coded)('%s, and tells both lengths', async (coding, bytes) => {
    const server = await rawServer(answering(typed(bytes, 'image/jpeg', [['Content-Encoding', coding]])));
    const file = join(scratchDirectory(), 'stuff.jpg');
    const receipt = await retrieve(server.url(), { to: { file }, recvSize: 3000 });
    expect(readFileSync(file).equals(body)).toBe(true);
    expect(receipt).toMatchObject({ bodyBytes: body.length, width: 70, mediaType: 'image/jpeg' });
    expect(receipt.wireBytes).toBe(receipt.headerBytes + 4 + bytes.length);
  });

  test('passes over bytes that follow the coded data', async () => {
    for (const [coding, bytes] of coded.slice(0, 4)) {
      const padded = Buffer.concat([bytes, Buffer.alloc(2000)]);
      const server = await rawServer(answering(typed(padded, 'image/jpeg', [['Content-Encoding', coding]])));
      expect((await retrieve(server.url(), { recvSize: 3000 })).bodyBytes).toBe(body.length);
    }
  });

  test('an empty body of any coding is empty', async () => {
    const server = await rawServer(answering(typed('', 'text/plain', [['Content-Encoding', 'gzip']])));
    expect((await retrieve(server.url())).bodyBytes).toBe(0);
  });
});
