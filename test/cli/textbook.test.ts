import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { jpegOf } from '../support/pictures.js';
import { type RawServer, rawServer } from '../support/raw-server.js';
import { head } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get, start, startGet, until } from './support/command.js';
import { send, sendAhead, sendInStep } from './support/pacing.js';
import { traceLines } from './support/printed.js';
import { requirePython } from './support/python.js';

const TEXTBOOK = fileURLToPath(new URL('textbook.py', import.meta.url));
/** What the textbook's server sent at a time: two receives of at most 5120 bytes, the second of 3200. */
const SEND_BYTES = 8320;

beforeAll(requirePython);

/** A server that sends as the textbook's did, so that the sizes of the receives are always the same. */
function pacedServer(reply: Buffer): Promise<RawServer> {
  return rawServer(async ({ socket, request }) => {
    await request();
    await sendInStep(socket, reply, SEND_BYTES);
    socket.end();
  });
}

function replyOf(body: Buffer, type: string, ...more: [string, string][]): Buffer {
  const fields: [string, string][] = [
    ['Date', 'Sat, 01 Aug 2026 10:00:00 GMT'],
    ['Server', 'Apache/2.4.52 (Ubuntu)'],
    ['Last-Modified', 'Mon, 15 May 2017 12:27:40 GMT'],
    ['ETag', '"38342-54f8f2e5b6277"'],
    ...more,
    ['Content-Type', type],
  ];
  return Buffer.concat([Buffer.from(head({ fields }), 'latin1'), body]);
}

describe('get --trace beside a plain socket program on the same paced server', () => {
  const picture = jpegOf(230_210);
  const length: [string, string] = ['Content-Length', String(picture.length)];
  const replies = {
    'a length': replyOf(picture, 'image/jpeg', length),
    'the end of the connection': replyOf(picture, 'image/jpeg', ['Connection', 'close']),
  };

  test.each(Object.entries(replies))('prints the same and saves the same, framed by %s', async (_, reply) => {
    const folder = scratchDirectory();
    const server = await pacedServer(reply);
    const options = ['--http', '1.0', '--recv-size', '5120', '--trace', '-o', 'sluice.jpg'];
    const [python, sluice] = await Promise.all([
      start('python3', [TEXTBOOK, '127.0.0.1', String(server.port), '/cover.jpg', 'python.jpg'], {
        cwd: folder,
      }).ended,
      get([server.url('/cover.jpg'), ...options], { cwd: folder }),
    ]);
    expect([python.status, python.stderr, sluice.status, sluice.stderr]).toEqual([0, '', 0, '']);
    const printed = sluice.stdout.toString();
    // Python prints the header with its CR LF; so its lines are compared without.
    expect(printed).toBe(python.stdout.toString().replaceAll('\r\n', '\n'));
    expect(printed.split('\n').slice(0, 4)).toEqual(['5120 5120', '3200 8320', '5120 13440', '3200 16640']);
    expect(traceLines(printed).at(-1)?.[1]).toBe(reply.length);
    expect(printed).toContain(`Header length ${reply.length - picture.length - 4}\nHTTP/1.1 200 OK\n`);
    expect(readFileSync(join(folder, 'sluice.jpg')).equals(picture)).toBe(true);
    expect(readFileSync(join(folder, 'python.jpg')).equals(picture)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['python.jpg', 'sluice.jpg']);
  });

  test('copies the text that the socket program saves', async () => {
    const folder = scratchDirectory();
    const text = Buffer.from('But soft what light through yonder window breaks\n'.repeat(400));
    const server = await pacedServer(replyOf(text, 'text/plain'));
    const [python, sluice] = await Promise.all([
      start('python3', [TEXTBOOK, '127.0.0.1', String(server.port), '/romeo.txt', 'python.txt'], {
        cwd: folder,
      }).ended,
      get([server.url('/romeo.txt'), '--http', '1.0', '--recv-size', '5120', '--trace'], { cwd: folder }),
    ]);
    expect([python.status, sluice.status]).toEqual([0, 0]);
    expect(sluice.stdout.equals(readFileSync(join(folder, 'python.txt')))).toBe(true);
    expect(sluice.stderr).toBe(python.stdout.toString().replaceAll('\r\n', '\n'));
    expect(readdirSync(folder)).toEqual(['python.txt']);
  });
});

test('get --recv-size 5120 --delay 0.05 --trace: every line but the first and last starts with 5120', async () => {
  const folder = scratchDirectory();
  const picture = jpegOf(230_210);
  const reply = replyOf(picture, 'image/jpeg', ['Content-Length', String(picture.length)]);
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await sendAhead(socket, reply, SEND_BYTES, 30_000);
  });
  const options = ['--recv-size', '5120', '--delay', '0.05', '--trace'];
  const { status, stdout, stderr } = await get([server.url('/cover.jpg'), ...options], { cwd: folder });
  expect([status, stderr]).toEqual([0, '']);
  const lines = traceLines(stdout);
  expect(lines.length).toBeGreaterThanOrEqual(Math.ceil(reply.length / 5120));
  expect(lines.slice(1, -1).map(([length]) => length)).toEqual(lines.slice(1, -1).map(() => 5120));
  let total = 0;
  expect(lines.map(([, told]) => told)).toEqual(lines.map(([length]) => (total += length)));
  expect(total).toBe(reply.length);
  const header = reply.subarray(0, reply.length - picture.length - 4).toString();
  const rest = stdout.toString().split('\n').slice(lines.length);
  expect(rest).toEqual([`Header length ${header.length}`, ...header.split('\r\n'), '']);
  expect(readFileSync(join(folder, 'cover.jpg')).equals(picture)).toBe(true);
});

test('get copies text to standard output as it arrives, long before the server has sent all', async () => {
  const folder = scratchDirectory();
  let sendRest!: () => void;
  const rest = new Promise<void>((resolve) => {
    sendRest = resolve;
  });
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await send(
      socket,
      `${head({ fields: [['Content-Type', 'text/plain; charset=utf-8']] })}the first line\n`,
    );
    await rest;
    socket.end('and the last');
  });
  const running = startGet([server.url('/romeo.txt')], { cwd: folder });
  // The server says nothing more until this has come out.
  await until(() => running.stdout.toString() === 'the first line\n');
  sendRest();
  const { status, stdout, stderr } = await running.ended;
  expect([status, stdout.toString(), stderr]).toEqual([0, 'the first line\nand the last', '']);
  expect(readdirSync(folder)).toEqual([]);
});

test('get --trace prints its lines as they come', async () => {
  const picture = jpegOf(9_000);
  let sendRest!: () => void;
  const rest = new Promise<void>((resolve) => {
    sendRest = resolve;
  });
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await send(socket, head({ fields: [['Content-Length', String(picture.length)]] }));
    await send(socket, picture.subarray(0, 100));
    await rest;
    socket.write(picture.subarray(100));
  });
  const running = startGet([server.url('/cover.jpg'), '--trace', '-o', '/dev/null']);
  await until(() => traceLines(running.stdout).length > 0);
  sendRest();
  expect((await running.ended).status).toBe(0);
});
