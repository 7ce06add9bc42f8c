import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BodySink } from '../../src/body/sink.js';
import type { TraceEvent } from '../../src/flow/trace.js';
import { failureOf } from '../support/failure.js';
import { jpegOf } from '../support/pictures.js';
import { askedRange, part, type RangeServer, rangeServer } from '../support/range-server.js';
import { answering, rawServer } from '../support/raw-server.js';
import { allBytes } from '../support/reading.js';
import { chunked, redirect, reply, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';

const PICTURE = jpegOf(200_000);
const OTHER = jpegOf(150_000);
/** Patient enough to be a retry, and no more. */
const RETRY = { retries: 3, retryDelay: 1, sha256: true } as const;

function rangesOf(requests: readonly string[]): (number | undefined)[] {
  return requests.map((request) => askedRange(request)?.from);
}

describe('retrieve() with retries', () => {
  test('goes on where it was cut short, and gives the same bytes and digest as in one piece', async () => {
    const cuts = [50_000, 30_000, 0];
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => cuts[n] });
    const whole = await retrieve((await rangeServer({ body: PICTURE })).url(), { sha256: true });
    const receipt = await retrieve(server.url('/cover.jpg'), RETRY);
    expect(PICTURE.equals(receipt.bytes)).toBe(true);
    expect(rangesOf(server.requests)).toEqual([undefined, 50_000, 80_000, 80_000]);
    expect(askedRange(server.requests[1]!)?.ifRange).toBe('"one"');
    expect(receipt).toMatchObject({
      status: 206,
      attempts: 4,
      resumedFrom: 80_000,
      bodyBytes: PICTURE.length,
      mediaType: 'image/jpeg',
      width: 70,
      sha256: whole.sha256,
    });
  });

  test('tells of each retry what failed, when it goes on, and behind which byte', async () => {
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [1000][n] });
    const events: TraceEvent[] = [];
    await retrieve(server.url(), { ...RETRY, trace: (event) => void events.push(event) });
    const retries = events.filter(({ type }) => type === 'retry');
    expect(retries).toEqual([
      expect.objectContaining({ retry: 1, from: 1000, code: 'cut-short', delayMs: expect.any(Number) }),
    ]);
  });

  test('begins again where the server gave no strong validator', async () => {
    const server = await rangeServer({ body: PICTURE, etag: 'W/"one"', cutAfter: (n) => [50_000][n] });
    const { bytes, resumedFrom } = await retrieve(server.url(), RETRY);
    expect(PICTURE.equals(bytes)).toBe(true);
    expect([rangesOf(server.requests), resumedFrom]).toEqual([[undefined, undefined], 0]);
  });

  test('begins again where the body had a content coding', async () => {
    const { gzipSync } = await import('node:zlib');
    const coded = typed(gzipSync(PICTURE), 'image/jpeg', [
      ['Content-Encoding', 'gzip'],
      ['ETag', '"gz"'],
    ]);
    let n = 0;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.end(n++ === 0 ? coded.subarray(0, coded.length - 40) : coded);
    });
    const { bytes } = await retrieve(server.url(), RETRY);
    expect(PICTURE.equals(bytes)).toBe(true);
    expect(rangesOf(server.requests)).toEqual([undefined, undefined]);
  });

  const lies: [string, NonNullable<RangeServer['instead']>][] = [
    ['a 206 with another start', (_n, _r, range) => range && part(PICTURE, range.from - 1)],
    [
      'a 206 of another whole',
      (_n, _r, range) => range && part(Buffer.concat([PICTURE, PICTURE]), range.from, [['ETag', '"one"']]),
    ],
    [
      'a 206 with another validator',
      (_n, _r, range) => range && part(PICTURE, range.from, [['ETag', '"two"']]),
    ],
    [
      'a 206 with a coding',
      (_n, _r, range) => range && part(PICTURE, range.from, [['Content-Encoding', 'gzip']]),
    ],
    [
      'a 206 that stops before the end',
      (_n, _r, range) =>
        range &&
        reply(PICTURE.subarray(range.from, -10), {
          status: '206 Partial Content',
          fields: [['Content-Range', `bytes ${range.from}-${PICTURE.length - 11}/${PICTURE.length}`]],
        }),
    ],
    [
      'multipart/byteranges',
      (_n, _r, range) =>
        range &&
        reply('--x\r\n\r\n--x--\r\n', {
          status: '206 Partial Content',
          fields: [['Content-Type', 'multipart/byteranges; boundary=x']],
        }),
    ],
    [
      'a 206 without a Content-Range',
      (_n, _r, range) => range && reply(PICTURE.subarray(range.from), { status: '206 Partial Content' }),
    ],
    [
      'a 416 of another length',
      (_n, _r, range) =>
        range &&
        reply('', { status: '416 Range Not Satisfiable', fields: [['Content-Range', 'bytes */17']] }),
    ],
    [
      'a 416 that says nothing',
      (_n, _r, range) => range && reply('', { status: '416 Range Not Satisfiable' }),
    ],
  ];

  test.each(lies)('asks for the whole when the answer to a range is %s', async (_, instead) => {
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [50_000][n], instead });
    const { bytes, resumedFrom } = await retrieve(server.url(), RETRY);
    expect(PICTURE.equals(bytes)).toBe(true);
    expect(resumedFrom).toBe(0);
    expect(rangesOf(server.requests)).toEqual([undefined, 50_000, undefined]);
  });

  test('begins again with the new body when the server has another one by now', async () => {
    const server = await rangeServer({
      body: PICTURE,
      cutAfter: (n) => [50_000][n],
      instead: (n) => (n === 0 ? undefined : typed(OTHER, 'image/jpeg', [['ETag', '"two"']])),
    });
    const file = join(scratchDirectory(), 'cover.jpg');
    const receipt = await retrieve(server.url(), { ...RETRY, to: { file } });
    expect(OTHER.equals(readFileSync(file))).toBe(true);
    expect([receipt.bodyBytes, receipt.resumedFrom]).toEqual([OTHER.length, 0]);
  });

  test('is done when all was there and the server says that nothing is left (416)', async () => {
    // Framed by the close, and reset behind its last byte.
    const server = await rangeServer({
      body: PICTURE,
      instead: (n) => {
        if (n > 0) return undefined;
        const fields = 'ETag: "one"\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n';
        const size = PICTURE.length.toString(16);
        return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${fields}\r\n${size}\r\n`), PICTURE]);
      },
      cutAfter: (n) => (n === 0 ? 1_000_000 : undefined),
    });
    const { bytes, status, resumedFrom } = await retrieve(server.url(), RETRY);
    expect(PICTURE.equals(bytes)).toBe(true);
    expect([status, resumedFrom]).toEqual([416, PICTURE.length]);
  });

  test('refuses a 206 that brings more than it announced', async () => {
    const server = await rangeServer({
      body: PICTURE,
      cutAfter: (n) => [50_000][n],
      instead: (_n, _r, range) => {
        if (range === undefined) return undefined;
        const announced = part(PICTURE, range.from).toString('latin1').split('\r\n')[1]!;
        const head = chunked([Buffer.concat([PICTURE.subarray(range.from), Buffer.from('more')])]).toString(
          'latin1',
        );
        return Buffer.from(head.replace('200 OK\r\n', `206 Partial Content\r\n${announced}\r\n`), 'latin1');
      },
    });
    const error = await failureOf(retrieve(server.url(), RETRY));
    expect([error.code, error.message]).toEqual(['reply-malformed', expect.stringContaining('150000')]);
  });

  test('refuses a part that was not asked for', async () => {
    const server = await rawServer(answering(part(PICTURE, 0)));
    expect(await failureOf(retrieve(server.url(), RETRY))).toMatchObject({
      code: 'reply-malformed',
      exitCode: 8,
    });
  });

  test('leaves a range of the caller to the caller', async () => {
    const server = await rangeServer({ body: PICTURE });
    const headers = { Range: 'bytes=100-' };
    const { bytes, status } = await retrieve(server.url(), { ...RETRY, headers, verify: 'none' });
    expect([status, PICTURE.subarray(100).equals(bytes)]).toEqual([206, true]);
  });

  test('follows the redirects anew', async () => {
    const target = await rangeServer({ body: PICTURE, cutAfter: (n) => [50_000][n] });
    const server = await rawServer(answering(redirect(target.url('/real.jpg'))));
    const { bytes, hops, attempts } = await retrieve(server.url(), RETRY);
    expect([PICTURE.equals(bytes), hops, attempts]).toEqual([true, 1, 2]);
    expect(server.requests).toHaveLength(2);
  });

  test('gives a stream on, without a byte twice, where it was cut', async () => {
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [50_000, 20_000][n] });
    const { body, receipt } = await retrieve(server.url(), { ...RETRY, to: 'stream' });
    expect(PICTURE.equals(await allBytes(body))).toBe(true);
    expect((await receipt).resumedFrom).toBe(70_000);
  });

  test('fails as the connection did where a stream can neither go on nor begin again', async () => {
    const server = await rangeServer({
      body: PICTURE,
      cutAfter: (n) => [50_000][n],
      instead: (n) => (n === 0 ? undefined : typed(OTHER, 'image/jpeg')),
    });
    const { body, receipt } = await retrieve(server.url(), { ...RETRY, to: 'stream' });
    await expect(allBytes(body)).rejects.toMatchObject({ code: 'cut-short' });
    expect(await failureOf(receipt)).toMatchObject({ code: 'cut-short' });
  });

  test('goes on only when a slow sink has taken all that came before', async () => {
    const pieces: Buffer[] = [];
    const slow: BodySink = {
      async write(data) {
        const copy = Buffer.from(data);
        await new Promise((resolve) => setTimeout(resolve, 5));
        pieces.push(copy);
      },
      commit: () => undefined,
      abort: () => undefined,
    };
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [90_000, 60_000][n] });
    await retrieve(server.url(), { ...RETRY, to: () => slow });
    expect(PICTURE.equals(Buffer.concat(pieces))).toBe(true);
  });

  test('gives up after the last, with the last failure and what was learnt', async () => {
    const server = await rangeServer({ body: PICTURE, cutAfter: () => 100 });
    const directory = scratchDirectory();
    const to = { file: join(directory, 'cover.jpg') };
    const error = await failureOf(retrieve(server.url(), { ...RETRY, to }));
    expect(error).toMatchObject({ code: 'cut-short', receipt: { attempts: 4, bodyBytes: 400 } });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('ends at once when it is aborted while it waits', async () => {
    const server = await rawServer(
      answering(reply('', { status: '503 Busy', fields: [['Retry-After', '60']] })),
    );
    const controller = new AbortController();
    const trace = (event: TraceEvent) => {
      if (event.type === 'retry') controller.abort(new Error('enough'));
    };
    const error = await failureOf(retrieve(server.url(), { ...RETRY, signal: controller.signal, trace }));
    expect(error.code).toBe('aborted');
  });

  test('does not try again what would be the same another time', async () => {
    const server = await rawServer(answering(reply('gone', { status: '404 Not Found' })));
    expect(await failureOf(retrieve(server.url(), RETRY))).toMatchObject({ code: 'http-status' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('retrieve() to: { file, resume: true }', () => {
  test('goes on with what an interrupted run left, and takes away what lay beside it', async () => {
    const directory = scratchDirectory();
    const to = { file: join(directory, 'cover.jpg'), resume: true };
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [50_000, 40_000][n] });
    const url = server.url('/a.jpg');
    for (const bytes of [50_000, 90_000]) {
      const { receipt } = await failureOf(retrieve(url, { to }));
      expect(receipt).toMatchObject({ file: null, part: `${to.file}.part`, bodyBytes: bytes });
      expect(readdirSync(directory).sort()).toEqual(['cover.jpg.part', 'cover.jpg.part.json']);
    }
    const { sha256 } = await retrieve(url, { sha256: true });
    const receipt = await retrieve(url, { to, sha256: true });
    expect(receipt).toMatchObject({
      file: to.file,
      resumedFrom: 90_000,
      sha256,
      mediaType: 'image/jpeg',
      width: 70,
    });
    expect(PICTURE.equals(readFileSync(to.file))).toBe(true);
    expect(readdirSync(directory)).toEqual(['cover.jpg']);
    expect(rangesOf(server.requests)).toEqual([undefined, 50_000, undefined, 90_000]);
  });

  test('begins again for another URL, and where the server has another body', async () => {
    const directory = scratchDirectory();
    const to = { file: join(directory, 'cover.jpg'), resume: true };
    let etag = '"one"';
    const server = await rangeServer({
      body: PICTURE,
      cutAfter: (n) => (n % 2 === 0 ? 50_000 : undefined),
      instead: (_n, _r, range) =>
        range?.ifRange === etag
          ? undefined
          : typed(etag === '"one"' ? PICTURE : OTHER, 'image/jpeg', [['ETag', etag]]),
    });
    await failureOf(retrieve(server.url('/a.jpg'), { to }));
    expect(await retrieve(server.url('/b.jpg'), { to })).toMatchObject({ resumedFrom: 0 });
    await failureOf(retrieve(server.url('/a.jpg'), { to }));
    etag = '"two"';
    expect(await retrieve(server.url('/a.jpg'), { to })).toMatchObject({ resumedFrom: 0 });
    expect(OTHER.equals(readFileSync(to.file))).toBe(true);
    expect(readdirSync(directory)).toEqual(['cover.jpg']);
    expect(rangesOf(server.requests)).toEqual([undefined, undefined, undefined, 50_000]);
  });

  test('does not believe a part that is no picture', async () => {
    const directory = scratchDirectory();
    const to = { file: join(directory, 'cover.jpg'), resume: true };
    const page = Buffer.from('<!doctype html>'.repeat(1000));
    const server = await rangeServer({ body: page, contentType: 'text/html', cutAfter: (n) => [5000][n] });
    await failureOf(retrieve(server.url(), { to }));
    expect(existsSync(`${to.file}.part`)).toBe(true);
    const error = await failureOf(retrieve(server.url(), { to, expect: 'image' }));
    expect(error.code).toBe('not-an-image');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('holds the limit against what was there before', async () => {
    const to = { file: join(scratchDirectory(), 'cover.jpg'), resume: true };
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [150_000][n] });
    await failureOf(retrieve(server.url(), { to }));
    const error = await failureOf(retrieve(server.url(), { to, maxBytes: 160_000 }));
    expect(error.code).toBe('too-large');
  });
});

describe('retrieve() with a callback that throws', () => {
  test('rejects though it was nothing that was thrown, and leaves nothing', async () => {
    const directory = scratchDirectory();
    const server = await rangeServer({ body: PICTURE });
    const trace = ({ type }: { type: string }) => {
      if (type === 'head') throw undefined;
    };
    const work = retrieve(server.url(), { trace, to: { file: join(directory, 'cover.jpg') } });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['trace', 'observer'])('rejects with what %s threw, and leaves nothing', async (which) => {
    const directory = scratchDirectory();
    const server = await rangeServer({ body: PICTURE });
    const bug = new Error('a bug of the caller');
    const throwing = () => {
      throw bug;
    };
    const observer = {
      asked: () => undefined,
      receive: throwing,
      stop: throwing,
      resume: throwing,
      queue: throwing,
      ended: throwing,
    };
    const options = which === 'trace' ? { trace: throwing } : { observer };
    const work = retrieve(server.url(), { ...options, to: { file: join(directory, 'cover.jpg') } });
    await expect(work).rejects.toBe(bug);
    expect(readdirSync(directory)).toEqual([]);
  });
});
