import { describe, expect, test } from 'vitest';
import { BackgroundSync } from '../../../src/dataset/shard/background-sync.js';

const MUCH = 64 * 1024 * 1024;

/** Syncs that end when they are told to. */
function byHand() {
  const begun: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const sync = new BackgroundSync(
    () => new Promise<void>((resolve, reject) => begun.push({ resolve, reject })),
  );
  return { sync, begun };
}

describe('BackgroundSync', () => {
  test('begins when much was written, beside the work, one at a time', async () => {
    const { sync, begun } = byHand();
    expect(sync.wrote(MUCH - 1)).toBeUndefined();
    expect(begun).toHaveLength(0);
    expect(sync.wrote(1)).toBeUndefined();
    expect(begun).toHaveLength(1);
    expect(sync.wrote(1)).toBeUndefined();
    expect(begun).toHaveLength(1);
    begun[0]!.resolve();
    await sync.settled();
    expect(sync.wrote(1)).toBeUndefined();
    expect(begun).toHaveLength(1);
  });

  test('makes the writer wait when as much was written again before the disk was done', async () => {
    const { sync, begun } = byHand();
    sync.wrote(MUCH);
    const waits = sync.wrote(MUCH);
    expect(waits).toBeInstanceOf(Promise);
    begun[0]!.resolve();
    await waits;
    expect(sync.wrote(0)).toBeUndefined();
    expect(begun).toHaveLength(2);
  });

  test('tells a failure to whoever writes next, and to whoever waits for the end', async () => {
    const { sync, begun } = byHand();
    sync.wrote(MUCH);
    begun[0]!.reject(new Error('the disk is broken'));
    await expect(sync.settled()).rejects.toThrow('the disk is broken');
    await expect(sync.wrote(1)).rejects.toThrow('the disk is broken');
  });
});
