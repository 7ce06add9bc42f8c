import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { jpegOf } from '../support/pictures.js';
import { answering, type RawServer, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get, type Running, startGet, until } from './support/command.js';
import { send } from './support/pacing.js';
import { jsonLines, ONE_SENTENCE } from './support/printed.js';
import { silentPort } from './support/silent-port.js';

const JPEG = jpegOf(400_000);
const REPLY = typed(JPEG, 'image/jpeg');
const TEXT_REPLY = typed(Buffer.alloc(3_000_000, 'text '), 'text/plain');

/** Sends the first `bytes` of `reply`, and then nothing more. */
function stoppingServer(bytes: number, reply = REPLY): Promise<RawServer> {
  return rawServer(async ({ socket, request }) => {
    await request();
    await send(socket, reply.subarray(0, bytes));
  });
}

async function partOf(folder: string): Promise<void> {
  const part = join(folder, 'cover.jpg.part');
  await until(() => existsSync(part) && statSync(part).size > 50_000);
}

/** Interrupts, and tells the status and how long the end took. */
async function interrupt(
  running: Running,
  signal: NodeJS.Signals,
): Promise<[status: number | null, ms: number]> {
  const began = performance.now();
  running.kill(signal);
  const { status } = await running.ended;
  return [status, performance.now() - began];
}

describe('get ends within a second of SIGINT with 130, and leaves no file', () => {
  /** Where an interruption can find it: what is started in `folder`, and when it is there. */
  const places: Record<string, (folder: string) => Promise<Running>> = {
    'in the middle of a body': async (folder) => {
      const server = await stoppingServer(200_000);
      const running = startGet([server.url('/cover.jpg')], { cwd: folder });
      await partOf(folder);
      return running;
    },
    'waiting for the first byte': async (folder) => {
      const server = await stoppingServer(0);
      const running = startGet([server.url('/cover.jpg')], { cwd: folder });
      await until(() => server.requests.length === 1);
      return running;
    },
    connecting: async (folder) => {
      const port = await silentPort();
      const running = startGet([`http://127.0.0.1:${port}/cover.jpg`], { cwd: folder });
      await until(() => connectsTo(port));
      return running;
    },
    resolving: async (folder) => {
      const lookup = fileURLToPath(new URL('support/slow-lookup.mjs', import.meta.url));
      const running = startGet(['http://silent.example/cover.jpg'], {
        cwd: folder,
        env: { NODE_OPTIONS: `--import=${lookup}` },
      });
      await until(() => running.stderr.includes('resolving silent.example'));
      return running;
    },
    'in the TLS handshake': async (folder) => {
      const server = await rawServer(() => undefined);
      const url = server.url('/cover.jpg').replace('http:', 'https:');
      const running = startGet([url], { cwd: folder });
      await until(() => server.sockets.length === 1);
      return running;
    },
    'paused by --delay': async (folder) => {
      const server = await rawServer(answering(REPLY));
      const args = [server.url('/cover.jpg'), '--recv-size', '100k', '--delay', '60'];
      const running = startGet(args, { cwd: folder });
      await partOf(folder);
      return running;
    },
    'paused by --limit-rate': async (folder) => {
      const server = await rawServer(answering(REPLY));
      const running = startGet([server.url('/cover.jpg'), '--limit-rate', '40k'], { cwd: folder });
      await until(() => existsSync(join(folder, 'cover.jpg.part')));
      return running;
    },
    'waiting for a reader of a FIFO': async (folder) => {
      execFileSync('mkfifo', [join(folder, 'fifo')]);
      const server = await stoppingServer(200_000);
      const running = startGet([server.url('/cover.jpg'), '-v', '-o', 'fifo'], { cwd: folder });
      await until(() => running.stderr.includes('< HTTP/1.1 200'));
      return running;
    },
    'writing to a pipe that nobody reads': async (folder) => {
      const server = await rawServer(answering(TEXT_REPLY));
      const running = startGet([server.url('/romeo.txt'), '-v'], { cwd: folder, stdout: 'unread' });
      await until(() => running.stderr.includes('< HTTP/1.1 200'));
      return running;
    },
    'printing a trace that nobody reads': async (folder) => {
      const server = await rawServer(answering(TEXT_REPLY));
      const args = [server.url('/romeo.txt'), '-v', '--trace', '--recv-size', '64', '-o', '/dev/null'];
      const running = startGet(args, { cwd: folder, stdout: 'unread' });
      await until(() => running.stderr.includes('< HTTP/1.1 200'));
      return running;
    },
  };

  test.each(Object.entries(places))('%s', async (_, startThere) => {
    const folder = scratchDirectory();
    const running = await startThere(folder);
    const [status, ms] = await interrupt(running, 'SIGINT');
    expect(status).toBe(130);
    expect(ms).toBeLessThan(1000);
    expect(readdirSync(folder).filter((name) => name !== 'fifo')).toEqual([]);
    expect(running.stderr.split('\n').filter((line) => /^ +at |Error/.test(line))).toEqual([]);
  });

  test('with one sentence, and a receipt that says so', async () => {
    const folder = scratchDirectory();
    const server = await stoppingServer(200_000);
    const running = startGet([server.url('/cover.jpg'), '--json'], { cwd: folder });
    await partOf(folder);
    running.kill('SIGINT');
    const { stdout, stderr } = await running.ended;
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(jsonLines<Receipt>(stdout)).toMatchObject([
      { file: null, error: { code: 'aborted', exitCode: 130 } },
    ]);
  });

  test('the URLs after it are not retrieved', async () => {
    const server = await stoppingServer(0);
    const running = startGet([server.url('/a'), server.url('/b')]);
    await until(() => server.requests.length === 1);
    expect((await interrupt(running, 'SIGINT'))[0]).toBe(130);
    expect(server.requests).toHaveLength(1);
  });

  test('an older file stays as it was', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'cover.jpg'), 'older');
    const server = await stoppingServer(200_000);
    const running = startGet([server.url('/x'), '-o', 'cover.jpg'], { cwd: folder });
    await partOf(folder);
    expect((await interrupt(running, 'SIGINT'))[0]).toBe(130);
    expect(readdirSync(folder)).toEqual(['cover.jpg']);
    expect(readFileSync(join(folder, 'cover.jpg'), 'latin1')).toBe('older');
  });
});

test('get ends at once on a second SIGINT', async () => {
  const server = await stoppingServer(200_000);
  const folder = scratchDirectory();
  const running = startGet([server.url('/cover.jpg')], { cwd: folder });
  await partOf(folder);
  running.kill('SIGINT');
  running.kill('SIGINT');
  expect((await running.ended).status).toBe(130);
  expect(existsSync(join(folder, 'cover.jpg'))).toBe(false);
});

test('get ends on SIGTERM with 143, and leaves no file', async () => {
  const server = await stoppingServer(200_000);
  const folder = scratchDirectory();
  const running = startGet([server.url('/cover.jpg')], { cwd: folder });
  await partOf(folder);
  expect((await interrupt(running, 'SIGTERM'))[0]).toBe(143);
  expect(readdirSync(folder)).toEqual([]);
});

describe('get killed while it saves leaves no file under its name, and succeeds when it is run again', () => {
  const whole = () => rawServer(answering(REPLY));

  test('with -o: over what was left', async () => {
    const folder = scratchDirectory();
    const running = startGet([(await stoppingServer(200_000)).url(), '-o', 'cover.jpg'], { cwd: folder });
    await partOf(folder);
    running.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    expect(readdirSync(folder)).toEqual(['cover.jpg.part']);
    const again = await get([(await whole()).url(), '-o', 'cover.jpg'], { cwd: folder });
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(readdirSync(folder)).toEqual(['cover.jpg']);
    expect(readFileSync(join(folder, 'cover.jpg')).equals(JPEG)).toBe(true);
  });

  test('with a name of its own: beside what was left', async () => {
    const folder = scratchDirectory();
    const running = startGet([(await stoppingServer(200_000)).url('/cover.jpg')], { cwd: folder });
    await partOf(folder);
    running.kill('SIGKILL');
    await running.ended;
    const again = await get([(await whole()).url('/cover.jpg'), '--json'], { cwd: folder });
    const [receipt] = jsonLines<Receipt>(again.stdout);
    expect(again.status).toBe(0);
    expect(readFileSync(join(folder, receipt!.file!)).equals(JPEG)).toBe(true);
  });
});

/** Whether somebody on this machine is in SYN_SENT (02) to this port. */
function connectsTo(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync('/proc/net/tcp', 'latin1').match(new RegExp(`:${hex} 02 `, 'g')) ?? [];
  // The backlog's own clients wait as well.
  return rows.length > 3;
}
