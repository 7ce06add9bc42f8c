import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../support/failure.js';
import { jpegOf, SMALL_JPEG } from '../support/pictures.js';
import { answering, answeringOnce, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';
import { until } from '../support/until.js';

describe('retrieve() to a file', () => {
  test('is FILE.part while the body comes, and FILE after it', async () => {
    const body = jpegOf(50_000);
    let sendRest: (() => void) | undefined;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(typed(body, 'image/jpeg').subarray(0, 30_000));
      sendRest = () =>
        void socket.write(body.subarray(30_000 - (typed(body, 'image/jpeg').length - body.length)));
    });
    const directory = scratchDirectory();
    const file = join(directory, 'cover.jpg');
    writeFileSync(file, 'older');
    const retrieving = retrieve(server.url(), { to: { file } });
    await until(() => existsSync(`${file}.part`));
    expect(readFileSync(file, 'latin1')).toBe('older');
    sendRest?.();
    await retrieving;
    expect(readdirSync(directory)).toEqual(['cover.jpg']);
    expect(body.equals(readFileSync(file))).toBe(true);
  });

  test.each([
    ['a directory', (directory: string) => directory],
    ['a missing directory', (directory: string) => join(directory, 'no', 'cover.jpg')],
    ['a name that is too long', (directory: string) => join(directory, 'x'.repeat(300))],
    ['a full device', () => '/dev/full'],
    ['/proc', () => '/proc/self/cover.jpg'],
  ])('throws write-failed for %s', async (_, fileIn) => {
    const server = await rawServer(answeringOnce(typed(SMALL_JPEG, 'image/jpeg')));
    const directory = scratchDirectory();
    const error = await failureOf(retrieve(server.url(), { to: { file: fileIn(directory) } }));
    expect(error).toMatchObject({ code: 'write-failed', exitCode: 23, phase: 'save' });
    expect(error.receipt).toMatchObject({ status: 200, file: null });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('lets the later of two retrievals to one FILE win, and the earlier fail; FILE is whole', async () => {
    const [first, second] = [jpegOf(40_000), jpegOf(60_000)];
    let sendFirst: (() => void) | undefined;
    const server = await rawServer(async ({ socket, request }) => {
      const asked = await request();
      if (asked?.startsWith('GET /2') === true) socket.end(typed(second, 'image/jpeg'));
      else {
        socket.write(typed(first, 'image/jpeg').subarray(0, 20_000));
        sendFirst = () => void socket.end(typed(first, 'image/jpeg').subarray(20_000));
      }
    });
    const directory = scratchDirectory();
    const file = join(directory, 'cover.jpg');
    const earlier = failureOf(retrieve(server.url('/1'), { to: { file } }));
    await until(() => existsSync(`${file}.part`));
    await retrieve(server.url('/2'), { to: { file } });
    sendFirst?.();
    expect(await earlier).toMatchObject({ code: 'write-failed' });
    expect(second.equals(readFileSync(file))).toBe(true);
    expect(readdirSync(directory)).toEqual(['cover.jpg']);
  });

  test('writes to a FIFO as its reader reads', async () => {
    const body = jpegOf(500_000);
    const server = await rawServer(answering(typed(body, 'image/jpeg')));
    const file = join(scratchDirectory(), 'fifo');
    execFileSync('mkfifo', [file]);
    const retrieving = retrieve(server.url(), { to: { file } });
    await sleep(50);
    const pieces: Buffer[] = [];
    for await (const piece of createReadStream(file)) pieces.push(piece as Buffer);
    expect(body.equals(Buffer.concat(pieces))).toBe(true);
    expect(await retrieving).toMatchObject({ file, bodyBytes: body.length });
    expect(lstatSync(file).isFIFO()).toBe(true);
  });

  test('writes to a device, also behind a link, and makes no file beside it', async () => {
    const server = await rawServer(answering(typed(SMALL_JPEG, 'image/jpeg')));
    const directory = scratchDirectory();
    const file = join(directory, 'null');
    symlinkSync('/dev/null', file);
    expect(await retrieve(server.url(), { to: { file } })).toMatchObject({ file });
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readdirSync(directory)).toEqual(['null']);
  });
});
