import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SpeedFloor } from '../../src/retrieval/speed-floor.js';
import { failureOf } from '../support/failure.js';
import { jpegOf } from '../support/pictures.js';
import { rawServer, type Script } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';

describe('SpeedFloor', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  function floor(rate: number, overMs: number) {
    const slow: number[] = [];
    const made = new SpeedFloor({ rate, overMs }, performance.now(), (mean) => void slow.push(mean));
    return { made, slow };
  }

  test('tells the mean once it was below the floor for so long, and only once', () => {
    const { made, slow } = floor(1000, 4000);
    for (let ms = 0; ms < 10_000; ms += 500) {
      made.received(400);
      vi.advanceTimersByTime(500);
      if (ms < 3500) expect(slow).toEqual([]);
    }
    expect(slow).toEqual([800]);
  });

  test('puts up with a stall that the mean makes up for', () => {
    const { made, slow } = floor(1000, 4000);
    for (let i = 0; i < 10; i++) {
      made.received(8000);
      vi.advanceTimersByTime(3500);
    }
    expect(slow).toEqual([]);
    made.stop();
  });

  test('forgets what came long ago', () => {
    const { made, slow } = floor(1000, 4000);
    made.received(1e9);
    vi.advanceTimersByTime(4000);
    expect(slow).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(slow).toHaveLength(1);
  });

  test('does not count the time in which we did not ask', () => {
    const { made, slow } = floor(1000, 4000);
    for (let i = 0; i < 20; i++) {
      made.received(1000);
      made.suspend(performance.now());
      vi.advanceTimersByTime(5000);
      made.resume(performance.now());
      vi.advanceTimersByTime(500);
    }
    expect(slow).toEqual([]);
    made.stop();
  });
});

describe('retrieve() with minSpeed', () => {
  const PICTURE = jpegOf(100_000);
  const dripping: Script = async ({ socket, request }) => {
    await request();
    const bytes = typed(PICTURE, 'image/jpeg');
    for (let at = 0; at < bytes.length && !socket.destroyed; at += 10) {
      socket.write(bytes.subarray(at, at === 0 ? 2000 : at + 10));
      if (at === 0) at += 1990;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  test('ends a drip that the idle time-out never would', async () => {
    const server = await rawServer(dripping);
    const minSpeed = { rate: 100_000, overMs: 300 };
    const error = await failureOf(retrieve(server.url(), { minSpeed, timeouts: { idle: 5000 } }));
    expect(error).toMatchObject({ code: 'timeout-speed', phase: 'receive', exitCode: 28 });
    expect(error.message).toMatch(
      /^The server sent \d+ bytes a second over 0\.3 s in which we asked, below the limit of 100000, after \d+ of 100000 bytes of the body\.$/,
    );
  });

  test('does not blame the server for our own pauses', async () => {
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(typed(PICTURE, 'image/jpeg'));
    });
    const minSpeed = { rate: 200_000, overMs: 200 };
    const { bytes } = await retrieve(server.url(), { minSpeed, delay: 40, recvSize: 5120 });
    expect(PICTURE.equals(bytes)).toBe(true);
  });
});
