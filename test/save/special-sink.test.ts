import { execFileSync } from 'node:child_process';
import { constants, mkdirSync, openSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSpecial } from '../../src/save/special-sink.js';
import { errorOf } from '../support/failure.js';
import { scratchDirectory } from '../support/scratch.js';

function fifo(): string {
  const path = join(scratchDirectory(), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

/** A reader of a FIFO, not reading yet. */
function readerOf(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const reader = new Socket({ fd, readable: true, writable: false });
  reader.pause();
  onTestFinished(() => void reader.destroy());
  return reader;
}

async function all(reader: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of reader) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

describe('openSpecial()', () => {
  test('writes to a device directly', async () => {
    const sink = await openSpecial('/dev/null');
    expect(sink.write(Buffer.alloc(1000))).toBeUndefined();
    expect(sink.commit()).toBeUndefined();
    expect(sink.file).toBe('/dev/null');
    sink.abort(new Error('too late'));
  });

  test('throws write-failed for a device that is full', async () => {
    const sink = await openSpecial('/dev/full');
    expect(() => sink.write(Buffer.from('x'))).toThrow(/the disk is full/);
    sink.abort(new Error('full'));
  });

  test('throws write-failed for a name that is not there, or is a directory or a socket', async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'd'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(directory, 'socket'), resolve));
    onTestFinished(() => void server.close());
    for (const name of ['none', 'd', 'socket']) {
      const error = await errorOf(openSpecial(join(directory, name)));
      expect(error).toMatchObject({ code: 'write-failed', exitCode: 23 });
    }
  });

  test('waits while a terminal takes nothing, until it does or abort is called', async () => {
    // Nobody reads from the other side of this new pseudoterminal: it takes what its buffer holds, then says EAGAIN.
    const sink = await openSpecial('/dev/ptmx');
    let waiting: Promise<void> | undefined;
    for (let i = 0; i < 1000 && waiting === undefined; i++) waiting = sink.write(Buffer.alloc(4096, 0x41));
    expect(waiting).toBeInstanceOf(Promise);
    await Promise.race([waiting, sleep(100)]);
    sink.abort(new Error('no more'));
    await expect(waiting).resolves.toBeUndefined();
  });

  test('writes to a FIFO no faster than it is read, byte-identical', async () => {
    const path = fifo();
    const reader = readerOf(path);
    const sink = await openSpecial(path);
    const body = Buffer.alloc(1_000_000);
    for (let i = 0; i < body.length; i++) body[i] = (i * 7) % 253;
    let taken = 0;
    const writing = (async () => {
      for (let at = 0; at < body.length; at += 10_000) {
        await sink.write(body.subarray(at, at + 10_000));
        taken = at + 10_000;
      }
      await sink.commit();
    })();
    await sleep(100);
    // A pipe holds 64 KiB (pipe(7)).
    expect(taken).toBeLessThan(200_000);
    const read = await all(reader);
    await writing;
    expect(read.equals(body)).toBe(true);
  });

  test('waits for a FIFO to have a reader', async () => {
    const path = fifo();
    const opening = openSpecial(path);
    expect(await Promise.race([opening, sleep(60, 'no reader')])).toBe('no reader');
    const reader = readerOf(path);
    const sink = await opening;
    await sink.write(Buffer.from('hello'));
    await sink.commit();
    expect(String(await all(reader))).toBe('hello');
  });

  test('ends the wait for a reader when the signal is aborted', async () => {
    const controller = new AbortController();
    const opening = openSpecial(fifo(), controller.signal);
    setTimeout(() => controller.abort(), 30);
    await expect(opening).rejects.toThrow();
  });

  test('throws write-failed when the reader of a FIFO has gone', async () => {
    const path = fifo();
    const reader = readerOf(path);
    const sink = await openSpecial(path);
    await sink.write(Buffer.from('hello'));
    reader.destroy();
    await new Promise((resolve) => reader.once('close', resolve));
    const writing = (async () => {
      for (let i = 0; i < 100; i++) await sink.write(Buffer.alloc(10_000));
    })();
    const error = await errorOf(writing);
    expect(error.message).toMatch(/the reader closed it/);
    sink.abort(error);
  });
});
