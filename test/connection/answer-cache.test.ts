import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { cachedLookup } from '../../src/connection/answer-cache.js';
import type { Address } from '../../src/connection/resolve.js';

const ONE: Address = { address: '192.0.2.1', family: 4 };

/** Lets a test set the time. */
function stoppedClock(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
}

describe('cachedLookup()', () => {
  test('asks once for all who want a name at the same time', async () => {
    const asked: string[] = [];
    let answer!: (addresses: Address[]) => void;
    const lookup = cachedLookup((host) => {
      asked.push(host);
      return new Promise((resolve) => {
        answer = (addresses) => resolve({ addresses, keepMs: 0 });
      });
    });
    const all = Array.from({ length: 50 }, () => lookup('a.test', 80));
    expect(asked).toEqual(['a.test']);
    answer([ONE]);
    for (const addresses of await Promise.all(all)) expect(addresses).toEqual([ONE]);
  });

  test('keeps an answer as long as it says, and each name apart', async () => {
    const wait = stoppedClock();
    const asked: string[] = [];
    const lookup = cachedLookup((host) => {
      asked.push(host);
      return Promise.resolve({ addresses: [ONE], keepMs: 1000 });
    });
    await lookup('a.test', 80);
    wait(999);
    await lookup('a.test', 443);
    await lookup('b.test', 80);
    expect(asked).toEqual(['a.test', 'b.test']);
    wait(1);
    await lookup('a.test', 80);
    await lookup('b.test', 80);
    expect(asked).toEqual(['a.test', 'b.test', 'a.test']);
  });

  test('keeps no answer that may not be kept', async () => {
    let asked = 0;
    const lookup = cachedLookup(() => {
      asked++;
      return Promise.resolve({ addresses: [ONE], keepMs: 0 });
    });
    await lookup('a.test', 80);
    await lookup('a.test', 80);
    expect(asked).toBe(2);
  });

  test('keeps a failure for half a second', async () => {
    const wait = stoppedClock();
    let asked = 0;
    const lookup = cachedLookup(() => {
      asked++;
      return Promise.reject(new Error(`failure ${asked}`));
    });
    await expect(lookup('a.test', 80)).rejects.toThrow('failure 1');
    wait(499);
    await expect(lookup('a.test', 80)).rejects.toThrow('failure 1');
    wait(1);
    await expect(lookup('a.test', 80)).rejects.toThrow('failure 2');
  });

  test('forgets the oldest beyond 4096 names', async () => {
    const asked: string[] = [];
    const lookup = cachedLookup((host) => {
      asked.push(host);
      return Promise.resolve({ addresses: [ONE], keepMs: 60_000 });
    });
    for (let i = 0; i <= 4096; i++) await lookup(`${i}.test`, 80);
    await lookup('1.test', 80);
    expect(asked).toHaveLength(4097);
    await lookup('0.test', 80);
    expect(asked).toHaveLength(4098);
  });
});
