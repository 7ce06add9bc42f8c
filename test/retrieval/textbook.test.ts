/** The textbook's program, step by step (S1 to S8), on real sockets. */

import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Recording } from '../../src/flow/recording.js';
import type { TraceEvent } from '../../src/flow/trace.js';
import { jpegOf } from '../support/pictures.js';
import { answeringOnce, pour, type RawServer, rawServer } from '../support/raw-server.js';
import { nextText } from '../support/reading.js';
import { head } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';

const COVER = jpegOf(230_210);
const HEAD = head({
  fields: [
    ['Date', 'Mon, 06 Apr 2026 10:00:00 GMT'],
    ['Server', 'Apache'],
    ['Content-Length', String(COVER.length)],
    ['Connection', 'close'],
    ['Content-Type', 'image/jpeg'],
  ],
});

/** A server that sends a reply in writes of its own size, with time between, as the textbook's does. */
function pacedServer(reply: Buffer, writeBytes: number, everyMs: number): Promise<RawServer> {
  return rawServer(async ({ socket, request }) => {
    if ((await request()) === undefined) return;
    for (let at = 0; at < reply.length && !socket.destroyed; at += writeBytes) {
      socket.write(reply.subarray(at, at + writeBytes));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    socket.end();
  });
}

type Receive = Extract<TraceEvent, { type: 'receive' | 'record' }>;

function receivesOf(events: readonly TraceEvent[]): Receive[] {
  return events.filter((event): event is Receive => event.type === 'receive');
}

describe('retrieve() as the textbook does', () => {
  test('S1: asks for the picture with GET and receives until the server closes (HTTP/1.0)', async () => {
    const reply = Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n'), COVER]);
    const server = await rawServer(answeringOnce(reply));
    const receipt = await retrieve(server.url('/cover3.jpg'), { httpVersion: '1.0' });
    expect(server.requests[0]).toMatch(/^GET \/cover3\.jpg HTTP\/1\.0\r\nHost: 127\.0\.0\.1:\d+\r\n/);
    expect(receipt).toMatchObject({ httpVersion: '1.0', status: 200, wireBytes: reply.length });
    expect(COVER.equals(receipt.bytes)).toBe(true);
  });

  test('S2: receives at most 5120 bytes at a time, each told with the running total', async () => {
    const reply = Buffer.concat([Buffer.from(HEAD), COVER]);
    const server = await pacedServer(reply, 3200, 0);
    const events: TraceEvent[] = [];
    const recording = new Recording();
    const receipt = await retrieve(server.url(), {
      recvSize: 5120,
      trace: (event) => events.push(event),
      observer: recording,
    });
    const receives = receivesOf(events);
    let total = 0;
    for (const { length, total: told } of receives) {
      expect(length).toBeLessThanOrEqual(5120);
      expect(length).toBeGreaterThan(0);
      total += length;
      expect(told).toBe(total);
    }
    expect(total).toBe(reply.length);
    expect(receipt.receives.count).toBe(receives.length);
    expect(receipt.receives.max).toBeLessThanOrEqual(5120);
    const lengths: number[] = [];
    const nothing = () => undefined;
    const observer = { asked: nothing, stop: nothing, resume: nothing, queue: nothing, ended: nothing };
    recording.replay({ ...observer, receive: (length) => void lengths.push(length) });
    expect(lengths).toEqual(receives.map(({ length }) => length));
  });

  test('S3: finds the blank line and tells the length and text of the header before it', async () => {
    const server = await rawServer(answeringOnce(Buffer.concat([Buffer.from(HEAD), COVER])));
    const events: TraceEvent[] = [];
    const receipt = await retrieve(server.url(), { trace: (event) => events.push(event) });
    expect(receipt.headerBytes).toBe(HEAD.length - 4);
    const [told] = events.filter((event) => event.type === 'head');
    expect(told?.lines.join('\r\n')).toBe(HEAD.slice(0, -4));
    expect(told?.headerBytes).toBe(HEAD.length - 4);
    expect(receipt.fields.map(([name]) => name)).toEqual([
      'Date',
      'Server',
      'Content-Length',
      'Connection',
      'Content-Type',
    ]);
  });

  test('S4: saves what follows the blank line, byte-identical', async () => {
    const server = await rawServer(answeringOnce(Buffer.concat([Buffer.from(HEAD), COVER])));
    const file = join(scratchDirectory(), 'stuff.jpg');
    const receipt = await retrieve(server.url(), { to: { file }, recvSize: 5120, sha256: true });
    expect(COVER.equals(readFileSync(file))).toBe(true);
    expect(receipt).toMatchObject({
      file,
      bodyBytes: COVER.length,
      mediaType: 'image/jpeg',
      width: 70,
      height: 46,
    });
    expect(receipt.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('S5: passes on a text as it arrives', async () => {
    const lines = ['But soft what light through yonder window breaks\n', 'It is the east\n'] as const;
    let sendSecond: (() => void) | undefined;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(`HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n${lines[0]}`);
      sendSecond = () => void socket.end(lines[1]);
    });
    const response = await retrieve(server.url('/romeo.txt'), { to: 'stream' });
    const reader = response.body.getReader();
    // The server sends the second line only after the first was read.
    expect(await nextText(reader)).toBe(lines[0]);
    sendSecond?.();
    expect(await nextText(reader)).toBe(lines[1]);
    expect(await nextText(reader)).toBeUndefined();
    expect((await response.receipt).contentType).toBe('text/plain');
  });

  test('S6: with a pause after each receive, every receive but the first and the last is full', async () => {
    const reply = Buffer.concat([Buffer.from(HEAD), COVER]);
    // The server stays ahead by some 40 KB. Further ahead the kernel's window would close, and on loopback, where one segment
    // may have 64 KB, it opens again only when the queue has nearly run dry: one receive in the middle is short then.
    const ahead = 40 * 1024;
    let sent = ahead;
    let peer: Socket | undefined;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      peer = socket;
      socket.write(reply.subarray(0, ahead));
    });
    const events: TraceEvent[] = [];
    const receipt = await retrieve(server.url(), {
      recvSize: 5120,
      delay: 15,
      trace: (event) => {
        events.push(event);
        if (event.type !== 'receive' || sent >= reply.length) return;
        peer?.write(reply.subarray(sent, sent + 5120));
        sent += 5120;
      },
    });
    const lengths = receivesOf(events).map(({ length }) => length);
    expect(lengths.length).toBeGreaterThanOrEqual(Math.ceil(reply.length / 5120));
    for (const length of lengths.slice(1, -1)) expect(length).toBe(5120);
    expect(receipt.receives.full).toBeGreaterThanOrEqual(lengths.length - 2);
    expect(receipt.flow.pausedMs).toBeGreaterThan((lengths.length - 2) * 14);
    const flow = events.map(({ type }) => type).filter((type) => /^(receive|stop|resume)$/.test(type));
    expect(flow.slice(0, 6)).toEqual(['receive', 'stop', 'resume', 'receive', 'stop', 'resume']);
  });

  test('S7: with a picture larger than the buffers, our pauses make the server stand still', async () => {
    const total = 17 * 1024 * 1024;
    let pouring: ReturnType<typeof pour> | undefined;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n`,
      );
      pouring = pour(socket, total);
    });
    let fullest = 0;
    // On a busy machine a look at the queue is dear, and there are so few that all of them may fall on moments when it was nearly dry.
    for (let tries = 0; tries < 4 && fullest <= 20_480; tries++) {
      const receipt = await retrieve(server.url(), {
        recvSize: 20_480,
        delay: 1,
        kernelQueue: true,
        to: { file: '/dev/null' },
      });
      expect(receipt.bodyBytes).toBe(total);
      expect(pouring?.stalledMs).toBeGreaterThan(receipt.timing.total / 4);
      expect(receipt.flow.limit).toBe('receiver');
      expect(receipt.flow.evidence).toMatch(/The server was kept waiting: we paused .*the set delay/);
      fullest = Math.max(fullest, receipt.flow.kernelQueueMax ?? 0);
    }
    expect(fullest).toBeGreaterThan(20_480);
  });

  test('S8: Content-Type says what came', async () => {
    const server = await rawServer(answeringOnce(Buffer.concat([Buffer.from(HEAD), COVER])));
    expect((await retrieve(server.url())).contentType).toBe('image/jpeg');
  });
});
