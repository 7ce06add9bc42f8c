import { describe, expect, it } from 'vitest';
import {
  bytes,
  MAX_GATHERED,
  StructureError,
  scanTo,
  skip,
  Walk,
  type Walker,
} from '../../src/image/walk.js';

function pushEach(walk: Walk, body: readonly number[], size: number): void {
  for (let at = 0; at < body.length; at += size) walk.push(Uint8Array.from(body.slice(at, at + size)));
}

describe('Walk', () => {
  it.each([1, 2, 3, 7])('answers demands with the bytes in turn, in chunks of %i', (size) => {
    const seen: number[][] = [];
    function* walker(): Walker {
      seen.push([...(yield* bytes(2))]);
      yield* skip(1);
      yield* skip(0);
      seen.push([...(yield* bytes(0))]);
      yield* scanTo((chunk, from) => chunk.indexOf(9, from) + 1 || -1);
      seen.push([...(yield* bytes(1))]);
    }
    const walk = new Walk(walker);
    pushEach(walk, [1, 2, 3, 4, 9, 5, 6], size);
    expect(seen).toEqual([[1, 2], [], [5]]);
    expect([walk.whole, walk.position]).toEqual([true, 6]);
  });

  it('is not whole while a demand is open, at its last byte too', () => {
    const walk = new Walk(() => skip(3));
    pushEach(walk, [1, 2], 1);
    expect([walk.whole, walk.position]).toEqual([false, 2]);
  });

  it('answers with an array of its own kind when it is fed Buffers, so that slice copies', () => {
    const chunk = Buffer.from([1, 2]);
    let copy = new Uint8Array(0);
    function* walker(): Walker {
      copy = (yield* bytes(2)).slice();
    }
    new Walk(walker).push(chunk);
    chunk.fill(0);
    expect([...copy]).toEqual([1, 2]);
  });

  it('keeps the failure of a walker that throws StructureError, and stops', () => {
    function* walker(walk: Walk): Walker {
      yield* skip(1);
      throw new StructureError(`wrong at byte ${walk.position}`);
    }
    const walk = new Walk(walker);
    pushEach(walk, [1, 2, 3], 3);
    expect([walk.failure?.message, walk.whole, walk.position]).toEqual(['wrong at byte 1', false, 1]);
  });

  it('refuses to gather more than MAX_GATHERED, but skips more', () => {
    function* gathers(): Walker {
      yield* bytes(MAX_GATHERED + 1);
    }
    expect(new Walk(gathers).failure?.message).toContain(`${MAX_GATHERED + 1} bytes at byte 0`);
    expect(new Walk(() => skip(MAX_GATHERED + 1)).failure).toBeUndefined();
  });

  it('lets an error pass that is no StructureError: it is a fault of the walker', () => {
    // biome-ignore lint/correctness/useYield: a walker that fails at once
    function* walker(): Walker {
      throw new RangeError('a bug');
    }
    expect(() => new Walk(walker)).toThrow(RangeError);
  });
});
