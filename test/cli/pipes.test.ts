import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jpegOf } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, get, type Outcome, start, startGet, until } from './support/command.js';
import { peakMemory } from './support/memory.js';
import { ONE_SENTENCE } from './support/printed.js';

const TEXT = typed(Buffer.alloc(2_000_000, 'all the text there is\n'), 'text/plain');
const PICTURE = typed(jpegOf(2_000_000), 'image/jpeg');

/** Runs a pipeline in a shell; its status is that of `sluice`, in which "$SLUICE" "$@" stands for `get` and its URL. */
async function pipeline(commands: string, url: string): Promise<Outcome> {
  const sluice = `${process.execPath} ${CLI} get`;
  const script = `set -o pipefail; ${commands.replace('sluice get', sluice)}`;
  return await start('bash', ['-c', script, 'bash', url], { cwd: scratchDirectory() }).ended;
}

describe('get ends quietly with 23 when the reader of its output goes away', () => {
  test.each([
    ['a text', 'sluice get "$1" | head -c 10', TEXT],
    ['a picture', 'sluice get "$1" -o - | head -c 10', PICTURE],
    // More lines than a pipe holds: otherwise all may be written before the reader is gone.
    ['a trace', 'sluice get "$1" -o /dev/null --trace --recv-size 64 | head -c 10', PICTURE],
    ['a trace as JSON', 'sluice get "$1" -o /dev/null --trace --json --recv-size 512 | head -c 10', PICTURE],
  ])('%s', async (_, commands, reply) => {
    const server = await rawServer(answering(reply));
    const { status, stdout, stderr } = await pipeline(commands, server.url('/x'));
    expect([status, stdout.length, stderr]).toEqual([23, 10, '']);
  });

  test('a receipt that is not read to its end', async () => {
    const server = await rawServer(answering(PICTURE));
    const { status, stdout, stderr } = await pipeline('sluice get "$1" -o x --json | true', server.url('/x'));
    // The receipt is one write: it may come before the reader is gone.
    expect([0, 23]).toContain(status);
    expect([stdout.toString(), stderr]).toEqual(['', '']);
  });

  test('standard error as well: no stack trace, and the body is whole', async () => {
    const server = await rawServer(answering(TEXT));
    const { status, stdout, stderr } = await pipeline(
      '{ sluice get "$1" -v 2>&1 >&3 | true; } 3>&1',
      server.url('/x'),
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toHaveLength(2_000_000);
  });
});

describe('get writes to a full disk: 23, and one sentence', () => {
  test.each([
    ['a text', [], TEXT],
    ['a picture', ['-o', '-'], PICTURE],
    ['a trace', ['-o', 'x', '--trace', '--recv-size', '512'], PICTURE],
    ['a receipt', ['-o', 'x', '--json'], PICTURE],
    ['a header', ['-o', 'x', '-i'], PICTURE],
  ])('%s', async (_, args, reply) => {
    const server = await rawServer(answering(reply));
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = await get([server.url('/x'), ...args], {
      cwd: scratchDirectory(),
      stdout: full,
    });
    closeSync(full);
    expect([status, stderr]).toEqual([
      23,
      'sluice: "standard output" could not be written: the disk is full.\n',
    ]);
    expect(stderr).toMatch(ONE_SENTENCE);
  });
});

test('get --trace whose lines nobody reads stops receiving: its memory does not grow', async () => {
  let sent = 0;
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const piece = Buffer.alloc(64 * 1024, 'x');
    while (!socket.destroyed) {
      await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
      sent += piece.length;
    }
  });
  const args = [server.url('/x'), '--trace', '--recv-size', '100', '-o', '/dev/null'];
  const running = startGet(args, { stdout: 'unread' });
  // What comes through fills the pipe and both ends' buffers, and no more.
  let before = -1;
  await until(() => sent > 0);
  while (sent !== before) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  expect(sent).toBeLessThan(30_000_000);
  expect(peakMemory(running.pid)).toBeLessThan(100_000_000);
  expect(running.child.exitCode).toBeNull();
});

test('get -o FIFO writes to whoever reads it', async () => {
  const folder = scratchDirectory();
  const fifo = join(folder, 'fifo');
  await start('mkfifo', [fifo]).ended;
  const server = await rawServer(answering(PICTURE));
  const reader = start('cat', [fifo]);
  const { status, stderr } = await get([server.url('/x'), '-o', fifo]);
  expect([status, stderr]).toEqual([0, '']);
  expect((await reader.ended).stdout.equals(jpegOf(2_000_000))).toBe(true);
});
