import { describe, expect, test } from 'vitest';
import type { Timeouts } from '../../src/retrieval/options.js';
import { failureOf } from '../support/failure.js';
import { silentAddress } from '../support/full-backlog.js';
import { answeringOnce, closed, rawServer, type Script } from '../support/raw-server.js';
import { head, reply } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';

/** Sends `first`, then `again` every 20 ms. */
function dripping(first: string, again: string): Script {
  return async ({ socket, request }) => {
    await request();
    socket.write(first);
    if (again === '') return;
    const drip = setInterval(() => socket.write(again), 20);
    socket.on('close', () => clearInterval(drip));
  };
}

const LENGTH_1000 = head({ fields: [['Content-Length', '1000']] });

describe('retrieve() with time-outs', () => {
  test.each<[string, Script, Timeouts, object, RegExp]>([
    [
      'timeout-first-byte when no byte comes',
      dripping('', ''),
      { firstByte: 120 },
      { code: 'timeout-first-byte', phase: 'first-byte' },
      /did not finish its header within 0\.12 s: no byte came/,
    ],
    [
      'timeout-first-byte when the header drips',
      dripping('HTTP/1.1 200 OK\r\nX-Drip: ', 'x'),
      { firstByte: 150 },
      { code: 'timeout-first-byte', phase: 'first-byte' },
      /within 0\.15 s: \d+ bytes of its header came/,
    ],
    [
      'timeout-first-byte when only interim responses come',
      dripping('', 'HTTP/1.1 102 Processing\r\n\r\n'),
      { firstByte: 150 },
      { code: 'timeout-first-byte' },
      /bytes of its header came/,
    ],
    [
      'timeout-idle when the body stalls',
      dripping(`${LENGTH_1000}some`, ''),
      { idle: 120 },
      { code: 'timeout-idle', phase: 'receive' },
      /sent nothing for 0\.12 s while we asked, after 4 of 1000 bytes of the body/,
    ],
    [
      'timeout-total however steadily the body drips',
      dripping(LENGTH_1000, 'x'),
      { idle: 5000, total: 200 },
      { code: 'timeout-total' },
      /was not complete after 0\.2 s/,
    ],
  ])('throws %s', async (_, script, timeouts, error, message) => {
    const server = await rawServer(script);
    const began = performance.now();
    const failure = await failureOf(retrieve(server.url(), { timeouts }));
    expect(failure).toMatchObject({ ...error, exitCode: 28 });
    expect(failure.message).toMatch(message);
    expect(performance.now() - began).toBeLessThan(1500);
    expect(failure.receipt.error).toMatchObject({ ...error, exitCode: 28, message: failure.message });
    expect(failure.receipt.address).toBe('127.0.0.1');
    await closed(server.sockets[0]!);
  });

  test('throws timeout-connect and timeout-resolve, also when redirected there', async () => {
    const silent = await silentAddress();
    const there = `http://h.test:${silent.port}/`;
    const server = await rawServer(
      answeringOnce(`HTTP/1.1 302 Found\r\nLocation: ${there}\r\nContent-Length: 0\r\n\r\n`),
    );
    const timeouts = { connect: 120 };
    const connecting = await failureOf(
      retrieve(server.url(), { timeouts, lookup: () => Promise.resolve([silent.address]) }),
    );
    expect(connecting).toMatchObject({ code: 'timeout-connect', phase: 'connect', exitCode: 28 });
    expect(connecting.receipt).toMatchObject({ finalUrl: there, hops: 1, status: null });
    const resolving = await failureOf(
      retrieve(server.url(), { timeouts, lookup: () => new Promise(() => undefined) }),
    );
    expect(resolving).toMatchObject({ code: 'timeout-resolve', phase: 'resolve', exitCode: 28 });
    expect(resolving.message).toContain('0.12 s');
  });

  test('counts all of the retrieval for the total, connecting and resolving as well', async () => {
    const error = await failureOf(
      retrieve('http://h.test/', { timeouts: { total: 80 }, lookup: () => new Promise(() => undefined) }),
    );
    expect(error).toMatchObject({ code: 'timeout-total', exitCode: 28 });
  });

  test('does not take our own pauses for the silence of the server', async () => {
    const body = 'x'.repeat(400);
    const server = await rawServer(answeringOnce(reply(body)));
    const timeouts = { idle: 100, firstByte: 150 };
    const delayed = await retrieve(server.url(), { recvSize: 200, delay: 250, timeouts });
    expect(delayed.bodyBytes).toBe(400);
    expect(delayed.receives.count).toBeGreaterThanOrEqual(3);
  });

  test('does not take a slow reader for the silence of the server', async () => {
    const server = await rawServer(answeringOnce(reply('x'.repeat(400))));
    const { body, receipt } = await retrieve(server.url(), {
      to: 'stream',
      recvSize: 200,
      timeouts: { idle: 80, firstByte: 80 },
    });
    const reader = body.getReader();
    let bytes = 0;
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      bytes += read.value.length;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(bytes).toBe(400);
    expect((await receipt).bodyBytes).toBe(400);
  });

  test('counts the waits between our pauses', async () => {
    // Between two of our pauses of 30 ms the server is given 200 ms, and it uses them up.
    const server = await rawServer(dripping(`${LENGTH_1000}some`, ''));
    const error = await failureOf(retrieve(server.url(), { delay: 30, timeouts: { idle: 200 } }));
    expect(error.code).toBe('timeout-idle');
  });

  test('gives a dripping body all the time it needs', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(head({ fields: [['Content-Length', '8']] }));
      for (let i = 0; i < 8; i++) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        socket.write('x');
      }
    });
    const receipt = await retrieve(server.url(), { timeouts: { idle: 300, firstByte: 300 } });
    expect(receipt.bodyBytes).toBe(8);
    expect(receipt.timing.total).toBeGreaterThan(400);
  });
});
