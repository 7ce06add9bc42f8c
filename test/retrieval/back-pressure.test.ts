/** Who takes a body slowly slows the server down, by whatever way the slowness comes. */

import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { BodySink, Destination } from '../../src/body/sink.js';
import { certificateFor } from '../support/certificates.js';
import { failureOf } from '../support/failure.js';
import {
  answeringOnce,
  closed,
  type Pouring,
  pour,
  type RawServer,
  rawServer,
} from '../support/raw-server.js';
import { allBytes, nextText } from '../support/reading.js';
import { typed } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';

const MEBIBYTE = 1024 * 1024;
const TOTAL = 64 * MEBIBYTE;
/** Far above what the kernel's two buffers hold (4 MB to send, and what a receiver that never reads is given), far below the whole. */
const HELD = TOTAL / 4;

interface PouringServer extends RawServer {
  pouring: Pouring | undefined;
}

/** Answers with `total` bytes, written as the kernel takes them. */
async function pouringServer(total = TOTAL, tls?: { key: string; cert: string }): Promise<PouringServer> {
  const server: PouringServer = Object.assign(
    await rawServer(
      async ({ socket, request }) => {
        if ((await request()) === undefined) return;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${total}\r\n\r\n`);
        server.pouring = pour(socket, total);
      },
      tls === undefined ? {} : { tls },
    ),
    { pouring: undefined },
  );
  return server;
}

/** Waits until the server stands still, and tells how much it has written by then. */
async function writtenWhenStill(server: PouringServer): Promise<number> {
  let before = -1;
  for (let i = 0; i < 100; i++) {
    await sleep(100);
    const written = server.pouring?.written ?? 0;
    if (written > 0 && written === before) return written;
    before = written;
  }
  throw new Error('the server never stood still');
}

const certificate = certificateFor('IP:127.0.0.1');

describe("retrieve() to 'stream'", () => {
  test.each([
    ['http', undefined],
    ['https', certificate],
  ])('stops an %s server while the reader reads nothing, then gives all', async (_, tls) => {
    const server = await pouringServer(TOTAL, tls);
    const response = await retrieve(server.url(), {
      to: 'stream',
      ...(tls === undefined ? {} : { ca: tls.cert }),
    });
    const before = process.memoryUsage();
    const written = await writtenWhenStill(server);
    expect(written).toBeLessThan(HELD);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * MEBIBYTE);
    let bytes = 0;
    const reader = response.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length;
    expect(bytes).toBe(TOTAL);
    const receipt = await response.receipt;
    expect(receipt.bodyBytes).toBe(TOTAL);
    expect(receipt.flow.pausedMs).toBeGreaterThan(150);
  });

  test('gives every byte of a coded body to a slow reader', async () => {
    const text = Buffer.from('what a slow reader reads is whole; '.repeat(6000));
    const server = await rawServer(
      answeringOnce(typed(gzipSync(text), 'text/plain', [['Content-Encoding', 'gzip']])),
    );
    const response = await retrieve(server.url(), { to: 'stream' });
    const reader = response.body.getReader();
    const pieces: Uint8Array[] = [];
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      pieces.push(read.value);
      await sleep(3);
    }
    expect(pieces.length).toBeGreaterThan(3);
    expect(Buffer.concat(pieces).equals(text)).toBe(true);
    expect((await response.receipt).bodyBytes).toBe(text.length);
  });

  test('closes the connection when the stream is cancelled', async () => {
    const server = await pouringServer();
    const response = await retrieve(server.url(), { to: 'stream' });
    const reader = response.body.getReader();
    await nextText(reader);
    await reader.cancel('enough');
    await closed(server.sockets[0]!);
    expect(server.pouring?.written).toBeLessThan(HELD);
    const error = await failureOf(response.receipt);
    expect(error).toMatchObject({ code: 'aborted', exitCode: 130 });
    expect(error.receipt.bodyBytes).toBeGreaterThan(0);
  });

  test('resolves for an empty body, and rejects for an error status', async () => {
    const empty = await rawServer(answeringOnce(typed('', 'text/plain')));
    const response = await retrieve(empty.url(), { to: 'stream' });
    expect(await allBytes(response.body)).toHaveLength(0);
    const missing = await rawServer(answeringOnce('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
    expect(await failureOf(retrieve(missing.url(), { to: 'stream' }))).toMatchObject({ code: 'http-status' });
  });

  test('errors the stream when the body is cut short, after the bytes that came', async () => {
    const server = await rawServer(answeringOnce('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'));
    const response = await retrieve(server.url(), { to: 'stream' });
    const reader = response.body.getReader();
    expect(await nextText(reader)).toBe('only this');
    const error = await failureOf(nextText(reader));
    expect(error).toMatchObject({ code: 'cut-short', exitCode: 18 });
    expect(await failureOf(response.receipt)).toBe(error);
  });
});

describe("retrieve() to a destination of one's own", () => {
  test('stops the server while write() has not settled', async () => {
    const server = await pouringServer();
    let letGo: (() => void) | undefined;
    let bytes = 0;
    let committed = 0;
    const sink: BodySink = {
      write(data) {
        bytes += data.length;
        if (bytes > data.length) return undefined;
        return new Promise((resolve) => {
          letGo = resolve;
        });
      },
      commit: () => {
        committed++;
        return undefined;
      },
      abort: () => undefined,
    };
    const retrieving = retrieve(server.url(), { to: () => sink });
    expect(await writtenWhenStill(server)).toBeLessThan(HELD);
    expect(bytes).toBeLessThan(MEBIBYTE);
    letGo?.();
    expect((await retrieving).bodyBytes).toBe(TOTAL);
    expect([bytes, committed]).toEqual([TOTAL, 1]);
  });

  test('stops the server while the destination is chosen', async () => {
    const server = await pouringServer();
    let choose: ((sink: BodySink) => void) | undefined;
    const destination: Destination = () =>
      new Promise((resolve) => {
        choose = resolve;
      });
    const retrieving = retrieve(server.url(), { to: destination });
    expect(await writtenWhenStill(server)).toBeLessThan(HELD);
    let bytes = 0;
    choose?.({
      write: (data) => {
        bytes += data.length;
        return undefined;
      },
      commit: () => undefined,
      abort: () => undefined,
    });
    await retrieving;
    expect(bytes).toBe(TOTAL);
  });

  test("rejects with the sink's own error, after abort, and closes the connection", async () => {
    const broken = new Error('the sink is broken');
    const sinks: [string, Partial<BodySink>][] = [
      [
        'throws',
        {
          write: () => {
            throw broken;
          },
        },
      ],
      ['rejects', { write: () => Promise.reject(broken) }],
      [
        'throws at commit',
        {
          commit: () => {
            throw broken;
          },
        },
      ],
      ['rejects at commit', { commit: () => Promise.reject(broken) }],
    ];
    for (const [, methods] of sinks) {
      const aborts: Error[] = [];
      const server = await rawServer(answeringOnce(typed('some text', 'text/plain')));
      const sink: BodySink = {
        write: () => undefined,
        commit: () => undefined,
        abort: (error) => void aborts.push(error),
        ...methods,
      };
      await expect(retrieve(server.url(), { to: () => sink })).rejects.toBe(broken);
      expect(aborts).toEqual([broken]);
      await closed(server.sockets[0]!);
    }
    const server = await rawServer(answeringOnce(typed('some text', 'text/plain')));
    await expect(retrieve(server.url(), { to: () => Promise.reject(broken) })).rejects.toBe(broken);
  });
});

describe('retrieve() with limits on its own pace', () => {
  test.each(['http', 'https'])('holds the mean of limitRate within 15 percent (%s)', async (scheme) => {
    const rate = 400_000;
    const total = 600_000;
    const server = await pouringServer(total, scheme === 'https' ? certificate : undefined);
    const receipt = await retrieve(server.url(), {
      limitRate: rate,
      ca: certificate.cert,
      to: { file: '/dev/null' },
    });
    const seconds = (receipt.timing.total - receipt.timing.tls - receipt.timing.connect) / 1000;
    const mean = receipt.wireBytes / seconds;
    expect(seconds).toBeGreaterThan(1);
    expect(mean).toBeGreaterThan(rate * 0.85);
    expect(mean).toBeLessThan(rate * 1.15);
    expect(receipt.flow.limit).toBe('receiver');
  });

  test('stops the server by delay', async () => {
    const server = await pouringServer();
    const controller = new AbortController();
    const retrieving = retrieve(server.url(), {
      delay: 300,
      to: { file: '/dev/null' },
      signal: controller.signal,
    });
    await sleep(450);
    expect(server.pouring?.written).toBeLessThan(HELD);
    controller.abort();
    const error = await failureOf(retrieving);
    expect(error.receipt.receives.count).toBeLessThanOrEqual(3);
  });
});
