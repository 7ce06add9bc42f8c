/**
 * Every picture in fixtures/, by the same rules: a new one joins by lying in the folder. A name's extension is the
 * type's, and `-70x46` at its end the dimensions. No fixture has bytes after its end.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImageInspector } from '../../src/image/inspector.js';
import { sniff } from '../../src/image/signature.js';
import { inspect, type Outcome, outcomeOf } from './inspect.js';

const FOLDER = new URL('./fixtures/', import.meta.url);
const FIXTURES = readdirSync(FOLDER).sort();
/** So many cuts and splits of a picture are tried at most; a smaller one is tried at every byte. */
const TRIED = 1500;

function stepsOf(length: number): number[] {
  const step = Math.max(1, Math.ceil(length / TRIED));
  return Array.from({ length: Math.floor(length / step) }, (_, index) => index * step);
}

function everyByte(length: number): number[] {
  return Array.from({ length }, (_, index) => index + 1);
}

/** `toEqual` alone is too slow to be asked tens of thousands of times. */
function expectSame(outcome: Outcome, expected: Outcome): void {
  if (!isDeepStrictEqual(outcome, expected)) expect(outcome).toEqual(expected);
}

describe.each(FIXTURES)('ImageInspector on %s', (name) => {
  const body = new Uint8Array(readFileSync(new URL(name, FOLDER)));
  const whole = inspect(body);

  it('says that the picture is whole, and tells its type and dimensions', () => {
    const dimensions = /-(\d+)x(\d+)\.[a-z0-9]+$/.exec(name);
    expect(whole.verdict).toEqual({ outcome: 'whole' });
    const signature = sniff(body);
    expect(typeof signature === 'object' && signature.extension).toBe(name.split('.').pop());
    expect([whole.width, whole.height]).toEqual(
      dimensions ? [Number(dimensions[1]), Number(dimensions[2])] : [undefined, undefined],
    );
  });

  it('calls no strict cut whole, in whatever chunks it came', () => {
    const inspector = new ImageInspector();
    const tried = new Set(stepsOf(body.length));
    for (let length = 0; length < body.length; length++) {
      const { verdict } = outcomeOf(inspector);
      if (verdict.outcome !== (length === 0 ? 'not-an-image' : 'incomplete')) {
        expect.fail(`a cut to ${length} of ${body.length} bytes: ${JSON.stringify(verdict)}`);
      }
      if (tried.has(length)) expectSame(inspect(body.subarray(0, length)), outcomeOf(inspector));
      inspector.push(body.subarray(length, length + 1));
    }
    expect(outcomeOf(inspector)).toEqual(whole);
  });

  it('says the same at every split into two', () => {
    for (const split of stepsOf(body.length)) {
      expectSame(inspect(body, [split, body.length]), whole);
    }
  });

  it('stays whole with any tail', () => {
    const tails = [Uint8Array.of(0), Uint8Array.of(0xff, 0xd9), body, new Uint8Array(5000).fill(0xff)];
    for (const tail of tails) {
      const tailed = new Uint8Array([...body, ...tail]);
      expect(inspect(tailed)).toEqual({ ...whole, bytesSeen: tailed.length });
      expect(inspect(tailed, everyByte(tailed.length))).toEqual({ ...whole, bytesSeen: tailed.length });
    }
  });

  it('survives garbage after any beginning, and says the same at every split', () => {
    const garbage = fc.tuple(
      fc.nat(body.length),
      fc.uint8Array({ maxLength: 600 }),
      fc.array(fc.nat(body.length + 600), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(garbage, ([kept, rest, cuts]) => {
        const broken = new Uint8Array([...body.subarray(0, kept), ...rest]);
        const ends = [...cuts.map((cut) => Math.min(cut, broken.length)), broken.length].sort(
          (a, b) => a - b,
        );
        expectSame(inspect(broken, ends), inspect(broken));
      }),
      { numRuns: 60 },
    );
  });

  it('survives damaged bytes, and says the same byte by byte', () => {
    const damage = fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(damage, (changes) => {
        const damaged = body.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        const outcome = inspect(damaged);
        expectSame(inspect(damaged, everyByte(damaged.length)), outcome);
        if (outcome.verdict.outcome !== 'whole') expect(outcome.verdict.reason).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 30 },
    );
  });
});
