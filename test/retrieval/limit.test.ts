/** Who was the limit, on real transfers. */

import { describe, expect, test } from 'vitest';
import { answering, pour, rawServer, type Script } from '../support/raw-server.js';
import { reply } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';

/** 4096 bytes every 25 ms, 20 times. */
const slowServer: Script = async ({ socket, request }) => {
  await request();
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${20 * 4096}\r\n\r\n`);
  for (let i = 0; i < 20 && !socket.destroyed; i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    socket.write(Buffer.alloc(4096, 0x41));
  }
};

describe('flow.limit of retrieve()', () => {
  test.each([0, 10])(
    'is the sender when it sends 4096 bytes every 25 ms, with a delay of ours of %i ms',
    async (delay) => {
      const server = await rawServer(slowServer);
      const receipt = await retrieve(server.url(), { delay, kernelQueue: true });
      expect(receipt.flow.limit).toBe('sender');
      expect(receipt.flow.evidence).toMatch(/came late|still to come/);
      expect(receipt.flow.waitingMs + receipt.flow.pausedMs + receipt.flow.receivingMs).toBeLessThanOrEqual(
        receipt.timing.total + 1,
      );
    },
  );

  test('is the sender when it answers late', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      setTimeout(() => socket.write(reply('late')), 150);
    });
    const receipt = await retrieve(server.url());
    expect(receipt.flow).toMatchObject({ limit: 'sender', evidence: expect.stringMatching(/answered late/) });
    expect(receipt.timing.firstByte).toBeGreaterThan(140);
  });

  test('is unknown for a transfer that is over at once', async () => {
    const server = await rawServer(answering(reply('quick')));
    const receipt = await retrieve(server.url());
    expect(receipt.flow).toMatchObject({
      limit: 'unknown',
      evidence: expect.stringMatching(/too short to say/),
    });
  });

  test('is the receiver when a slow reader of the stream holds the server up', async () => {
    const total = 12 * 1024 * 1024;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
      pour(socket, total);
    });
    const { body, receipt } = await retrieve(server.url(), { to: 'stream', kernelQueue: true });
    const reader = body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    const { flow } = await receipt;
    expect(flow.limit).toBe('receiver');
    expect(flow.evidence).toMatch(/whoever took the body/);
  });
});
