import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/errors.js';
import { DEFAULT_LIMITS, type HttpLimits } from '../../src/http/limits.js';
import { ResponseReader } from '../../src/http/response-reader.js';

const IGNORE = { onHead: () => {}, onBody: () => {}, onComplete: () => {} };
const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const { lineBytes, headBytes, fieldCount, interimCount, chunkLineBytes, chunkExtensionBytes } =
  DEFAULT_LIMITS;

interface Endless {
  readonly what: string;
  readonly start: string;
  /** Repeated for ever. */
  readonly part: string;
  /** Bytes after `start` by which the reader must have refused it. */
  readonly by: number;
}

const long = (length: number) => 'x'.repeat(length);
const ENDLESS: readonly Endless[] = [
  { what: 'a status line', start: HEAD.slice(0, 13), part: 'x', by: lineBytes },
  { what: 'a field line', start: `${HEAD}A: `, part: 'x', by: lineBytes },
  { what: 'a field name', start: HEAD, part: 'x', by: lineBytes },
  { what: 'white space', start: `${HEAD}A:`, part: ' ', by: lineBytes },
  { what: 'CR', start: `${HEAD}A:`, part: '\r', by: lineBytes },
  { what: 'NUL', start: `${HEAD}A:`, part: '\0', by: lineBytes },
  { what: 'short fields', start: HEAD, part: 'A:\n', by: 3 * fieldCount + 3 },
  { what: 'long fields', start: HEAD, part: `A: ${long(1020)}\n`, by: headBytes + 1024 },
  { what: 'short folds', start: `${HEAD}A:\n`, part: ' b\n', by: 3 * fieldCount + 3 },
  { what: 'empty folds', start: `${HEAD}A:\n`, part: ' \n', by: 2 * fieldCount + 2 },
  { what: 'long folds', start: `${HEAD}A:\n`, part: ` ${long(1022)}\n`, by: headBytes + 1024 },
  { what: 'interim responses', start: '', part: 'HTTP/1.1 102 \n\n', by: 15 * interimCount + 15 },
  { what: 'zeros of a chunk size', start: CHUNKED, part: '0', by: chunkLineBytes },
  { what: 'a chunk extension', start: `${CHUNKED}1;`, part: 'x', by: chunkLineBytes },
  {
    what: 'chunk extensions',
    start: CHUNKED,
    part: `1;${long(100)}\r\nx\r\n`,
    by: (chunkExtensionBytes / 100 + 2) * 107,
  },
  { what: 'a trailer line', start: `${CHUNKED}0\r\nA: `, part: 'x', by: lineBytes },
  { what: 'short trailers', start: `${CHUNKED}0\r\n`, part: 'A:\r\n', by: 4 * fieldCount + 4 },
  { what: 'long trailers', start: `${CHUNKED}0\r\n`, part: `A: ${long(1019)}\r\n`, by: headBytes + 1024 },
  { what: 'folds of a trailer', start: `${CHUNKED}0\r\nA:\r\n`, part: ' b\r\n', by: 4 * fieldCount + 4 },
];

/** Feeds the endless reply in pieces of `size`; gives the bytes taken after `start` when the reader refused. */
function refusedAfter({ start, part, by }: Endless, size: number): number {
  const reader = new ResponseReader('GET', IGNORE);
  reader.push(Buffer.from(start));
  const source = Buffer.from(part.repeat(Math.ceil((size + part.length) / part.length)));
  let taken = 0;
  while (taken < 2 * by + 2 * size) {
    const from = taken % part.length;
    taken += size;
    try {
      reader.push(source.subarray(from, from + size));
    } catch (error) {
      expect(error).toBeInstanceOf(SluiceError);
      expect(error).toMatchObject({ code: 'reply-malformed' });
      return taken;
    }
  }
  throw new Error(`not refused after ${taken} bytes`);
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes on the heap and in buffers after collection; the first round only marks the memory of buffers as free. */
function keptNow(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A reader that has been fed nine tenths of what it may take. */
function nearlyFull({ start, part, by }: Endless, size: number): ResponseReader {
  const reader = new ResponseReader('GET', IGNORE);
  reader.push(Buffer.from(start));
  const rest = Buffer.from(part.repeat(Math.floor((0.9 * by) / part.length)));
  for (let at = 0; at < rest.length; at += size) reader.push(rest.subarray(at, at + size));
  return reader;
}

describe('ResponseReader', () => {
  it.each(ENDLESS)('refuses endless $what within the limit, at any size of receive', (endless) => {
    for (const size of [1, 7, 1024, 5120]) {
      // One byte for a CR that may belong to the line's end, and another to see that it does not.
      expect(refusedAfter(endless, size), `${size}`).toBeLessThanOrEqual(endless.by + 2 + size);
    }
  });

  it.each([16, 5120])(
    'keeps of all these, in receives of %d bytes, no more than the limits and 64 KiB each',
    (size) => {
      const READERS = 16;
      // What the engine keeps of code that runs for the first time is not the readers'.
      for (const endless of ENDLESS) nearlyFull(endless, size);
      const before = keptNow();
      const readers = ENDLESS.flatMap((endless) =>
        Array.from({ length: READERS }, () => nearlyFull(endless, size)),
      );
      const kept = (keptNow() - before) / READERS;
      expect(readers.every((reader) => !reader.complete)).toBe(true);
      expect(kept).toBeLessThan(ENDLESS.reduce((sum, { by }) => sum + by + 64 * 1024, 0));
    },
  );

  it.each([
    ['length', `${HEAD}Content-Length: 999999999\r\n\r\n`],
    ['close', `${HEAD}\r\n`],
    ['chunked', `${CHUNKED}fffffff\r\n`],
  ])('keeps nothing of a body of 64 MiB (%s)', (_kind, head) => {
    const before = keptNow();
    const reader = new ResponseReader('GET', IGNORE);
    reader.push(Buffer.from(head));
    for (let i = 0; i < 1024; i++) reader.push(Buffer.alloc(64 * 1024));
    expect(keptNow() - before).toBeLessThan(1024 * 1024);
    expect(reader.offset).toBe(head.length + 64 * 1024 * 1024);
  });

  it('holds a head to limits that a caller sets', () => {
    const limits: HttpLimits = { ...DEFAULT_LIMITS, lineBytes: 100 };
    const reader = new ResponseReader('GET', IGNORE, limits);
    expect(() => reader.push(Buffer.from(`${HEAD}A: ${long(98)}`))).not.toThrow();
    expect(() => reader.push(Buffer.from('x'))).toThrow('a line is longer than 100 bytes');
  });
});
