import * as zlib from 'node:zlib';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decoderFor } from '../../src/body/content-coding.js';
import type { Taken } from '../../src/body/sink.js';
import { SluiceError } from '../../src/errors.js';
import { errorOf } from '../support/failure.js';

/** Undoes `codings` of `coded`, written in pieces of `pieceBytes` out of one buffer that is used again, as the wire's is. */
async function undo(codings: readonly string[], coded: Buffer, pieceBytes = coded.length): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const stage = await decoderFor(codings, (data) => {
    pieces.push(Buffer.from(data));
    return undefined;
  });
  const buffer = Buffer.alloc(pieceBytes);
  for (let at = 0; at < coded.length; at += pieceBytes) {
    const length = coded.copy(buffer, 0, at, at + pieceBytes);
    await stage.write(buffer.subarray(0, length));
    buffer.fill(0xaa);
  }
  await stage.end();
  return Buffer.concat(pieces);
}

const CODERS: Record<string, (data: Buffer) => Buffer> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: (data) => brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
};
if ('zstdCompressSync' in zlib) CODERS.zstd = zlib.zstdCompressSync as (data: Buffer) => Buffer;

const TEXT = Buffer.from('a sluice is a gate that sets how fast water runs; '.repeat(4000));

describe('decoderFor()', () => {
  test.each(Object.keys(CODERS))('undoes %s in pieces of any size', async (coding) => {
    const coded = CODERS[coding]!(TEXT);
    for (const pieceBytes of [coded.length, 1000, 7, 1]) {
      expect((await undo([coding], coded, pieceBytes)).equals(TEXT)).toBe(true);
    }
  });

  test('undoes "deflate" that is bare deflate data without the zlib format', async () => {
    expect((await undo(['deflate'], deflateRawSync(TEXT), 100)).equals(TEXT)).toBe(true);
  });

  test('undoes two codings in the reverse order of the field', async () => {
    const coded = CODERS.br!(gzipSync(TEXT));
    expect((await undo(['gzip', 'br'], coded, 50)).equals(TEXT)).toBe(true);
  });

  test('takes a gzip body of several members (RFC 1952 section 2.2)', async () => {
    const coded = Buffer.concat([gzipSync('one '), gzipSync('two')]);
    expect(String(await undo(['gzip'], coded, 3))).toBe('one two');
  });

  test('gives back any bytes that were coded by any coding', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.constantFrom(...Object.keys(CODERS)),
      fc.integer({ min: 1, max: 500 }),
      async (bytes, coding, pieceBytes) => {
        const body = Buffer.from(bytes);
        expect((await undo([coding], CODERS[coding]!(body), pieceBytes)).equals(body)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test.each(Object.keys(CODERS))(
    'ends, one way or another, when bytes follow the end of %s',
    async (coding) => {
      const coded = Buffer.concat([CODERS[coding]!(TEXT), Buffer.from('these bytes belong to nothing')]);
      for (const pieceBytes of [coded.length, 64]) {
        const outcome = await undo([coding], coded, pieceBytes).catch((error: unknown) => error);
        if (outcome instanceof Buffer) expect(outcome.equals(TEXT)).toBe(true);
        else expect(outcome).toMatchObject({ code: 'coding-failed' });
      }
    },
  );

  test.each(Object.keys(CODERS))('throws coding-failed when %s is cut', async (coding) => {
    const coded = CODERS[coding]!(TEXT);
    const error = await errorOf(undo([coding], coded.subarray(0, coded.length >> 1), 100));
    expect(error).toMatchObject({ code: 'coding-failed', exitCode: 61 });
    expect(error.message).toContain(coding);
  });

  test.each(Object.keys(CODERS))('throws coding-failed when %s is damaged', async (coding) => {
    const coded = Buffer.from(CODERS[coding]!(TEXT));
    coded.fill(0x5a, coded.length >> 2);
    expect(await errorOf(undo([coding], coded, 100))).toMatchObject({ code: 'coding-failed' });
  });

  test('throws coding-failed for a coding that is not known, and for more than two', async () => {
    const next = () => undefined;
    expect((await errorOf(decoderFor(['snappy'], next))).message).toContain('"snappy"');
    expect(await errorOf(decoderFor(['gzip', 'gzip', 'gzip'], next))).toMatchObject({ exitCode: 61 });
  });

  test('lets one piece at a time through while the next stage takes it', async () => {
    let taking = 0;
    let most = 0;
    const pieces: Buffer[] = [];
    const next = (data: Buffer): Taken => {
      taking++;
      most = Math.max(most, taking);
      return new Promise((resolve) => {
        setTimeout(() => {
          pieces.push(Buffer.from(data));
          taking--;
          resolve();
        }, 1);
      });
    };
    const stage = await decoderFor(['gzip'], next);
    await stage.write(gzipSync(TEXT));
    await stage.end();
    expect(most).toBe(1);
    expect(taking).toBe(0);
    expect(Buffer.concat(pieces).equals(TEXT)).toBe(true);
  });

  test("does not blame the coding for the next stage's own failure", async () => {
    const broken = new Error('the sink is broken');
    for (const next of [
      () => {
        throw broken;
      },
      () => Promise.reject(broken),
    ]) {
      const stage = await decoderFor(['gzip'], next);
      const work = (async () => {
        await stage.write(gzipSync(TEXT));
        await stage.end();
      })();
      await expect(work).rejects.toBe(broken);
    }
  });

  test("passes on the next stage's SluiceError as it is", async () => {
    const tooLarge = new SluiceError('too-large', 'The body is too large.');
    const stage = await decoderFor(['br', 'gzip'], () => {
      throw tooLarge;
    });
    const work = (async () => {
      await stage.write(gzipSync(CODERS.br!(TEXT)));
      await stage.end();
    })();
    await expect(work).rejects.toBe(tooLarge);
  });
});
