import { expect, test } from 'vitest';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { jpegOf } from '../support/pictures.js';
import { answering, type Pouring, pour, rawServer } from '../support/raw-server.js';
import { head, typed } from '../support/replies.js';
import { get } from './support/command.js';
import { send, sendWithGaps } from './support/pacing.js';
import { jsonLines } from './support/printed.js';

async function receiptOf(url: string, ...args: string[]): Promise<Receipt> {
  const { status, stdout, stderr } = await get([url, '-o', '/dev/null', '--json', ...args]);
  expect([status, stderr]).toEqual([0, '']);
  const [receipt] = jsonLines<Receipt>(stdout);
  if (receipt === undefined) throw new Error('there is no receipt');
  return receipt;
}

test('get --json: 17 MB at 5120 bytes a receive with pauses of 2 ms is limited by the receiver, and the server was made to pause', async () => {
  const bytes = 17_000_000;
  let pouring: Pouring | undefined;
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await send(socket, head({ fields: [['Content-Length', String(bytes)]] }));
    pouring = pour(socket, bytes);
    await pouring.done;
  });
  const receipt = await receiptOf(server.url('/poster'), '--recv-size', '5120', '--delay', '0.002');
  expect(pouring?.written).toBe(bytes);
  // At least 3320 pauses of 2 ms; the server had sent all in a moment if it could.
  expect(receipt.flow.pausedMs).toBeGreaterThan(6_000);
  expect(pouring?.stalledMs).toBeGreaterThan(2_000);
  expect(receipt.flow.limit).toBe('receiver');
  expect(receipt.flow.kernelQueueMax).toBeGreaterThan(5120);
  const { count, full, max } = receipt.receives;
  expect(max).toBe(5120);
  // A receive is short where the queue had run dry before TCP's window opened again.
  expect(full / count).toBeGreaterThan(0.8);
}, 40_000);

test('get --json: a server that sends 4096 bytes every 25 ms is the limit itself', async () => {
  const reply = typed(jpegOf(40 * 4096), 'image/jpeg');
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await sendWithGaps(socket, reply, 4096, 25);
  });
  const { flow, timing } = await receiptOf(server.url('/cover.jpg'));
  expect(flow.limit).toBe('sender');
  expect(flow.waitingMs).toBeGreaterThan(timing.total / 2);
});

test('get --json: a transfer that is over at once says nothing of a limit', async () => {
  const server = await rawServer(answering(typed(jpegOf(4_000), 'image/jpeg')));
  expect((await receiptOf(server.url('/cover.jpg'))).flow.limit).toBe('unknown');
});

test('get --flow prints where the time went, a row each, and the limit with its evidence', async () => {
  const reply = typed(jpegOf(20 * 4096), 'image/jpeg');
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await sendWithGaps(socket, reply, 4096, 15);
  });
  const { status, stdout, stderr } = await get([server.url('/cover.jpg'), '--flow', '-o', '/dev/null']);
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.toString().split('\n');
  expect(lines[0]).toBe('Flow');
  const rows = ['resolve', 'connect', 'TLS', 'first byte', 'waiting', 'paused', 'receiving', 'total'];
  expect(lines.slice(1, 9).map((line) => line.slice(2, 12).trim())).toEqual(rows);
  expect(lines.at(-2)).toMatch(/^Limit: sender\. The bytes came late: .*\.$/);
  expect(lines.at(-1)).toBe('');
});

test('get --flow of a text that goes to standard output is printed on standard error', async () => {
  const server = await rawServer(answering(typed('a text', 'text/plain')));
  const { status, stdout, stderr } = await get([server.url('/romeo.txt'), '--flow']);
  expect([status, stdout.toString()]).toEqual([0, 'a text']);
  expect(stderr).toMatch(/^Flow\n[\s\S]*\nLimit: unknown\. .*\.\n$/);
});
