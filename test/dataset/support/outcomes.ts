/** Rows of a list with what became of them. */

import fc from 'fast-check';
import type { Outcome, OutcomeCode, Picture } from '../../../src/dataset/outcome.js';
import type { Cell } from '../../../src/dataset/row.js';
import { ERROR_TABLE } from '../../../src/errors.js';

/** A row that succeeded, but for what is said otherwise. */
export function outcomeOf(index: number, differs: Partial<Outcome> = {}): Outcome {
  return {
    row: { index, url: `http://127.0.0.1/${index}.jpg`, caption: `Nr. ${index}`, columns: {} },
    status: 'success',
    code: null,
    phase: null,
    errorMessage: null,
    httpStatus: 200,
    attempts: 1,
    ms: 12.5,
    finalUrl: `http://127.0.0.1/${index}.jpg`,
    address: '127.0.0.1',
    mediaType: 'image/jpeg',
    width: 70,
    height: 46,
    originalWidth: 70,
    originalHeight: 46,
    bytes: bytesOf(index).length,
    sha256: 'ab'.repeat(32),
    ...differs,
  };
}

/** One that failed. */
export function failureOf(index: number, code: OutcomeCode = 'http-status'): Outcome {
  const none = { mediaType: null, width: null, height: null, originalWidth: null, originalHeight: null };
  const said = { errorMessage: `It failed with ${code}.`, phase: 'receive', httpStatus: 404 } as const;
  const status = code === 'resize-failed' ? 'failed_to_resize' : 'failed_to_download';
  return outcomeOf(index, { ...none, ...said, status, code, bytes: 0, sha256: null });
}

/** Bytes of a picture, of a length and a content that tell it from others; they begin as a JPEG does. */
export function bytesOf(index: number, length = 1 + ((index * 7919) % 5000)): Buffer {
  const bytes = Buffer.alloc(length + 8, index % 251);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  bytes.writeUInt32BE(index, 4);
  return bytes;
}

export function pictureOf(index: number): Picture {
  return { bytes: bytesOf(index), extension: 'jpg' };
}

/** Every third row failed, by turns in one of three ways. */
export function mixedOutcome(index: number): Outcome {
  if (index % 3 !== 0) return outcomeOf(index);
  const codes: OutcomeCode[] = ['http-status', 'timeout-total', 'resize-failed'];
  return failureOf(index, codes[(index / 3) % 3]!);
}

export function mixedPicture(index: number): Picture | undefined {
  return index % 3 === 0 ? undefined : pictureOf(index);
}

const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const TEXT = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl());
/** An integer zero has no sign. */
const NUMBER = fc.double().map((n) => (n === 0 ? 0 : n));

const CELLS: readonly fc.Arbitrary<Cell>[] = [
  TEXT,
  NUMBER,
  fc.integer(),
  INT64,
  fc.bigInt(),
  fc.boolean(),
  fc.oneof(TEXT, NUMBER, INT64, fc.boolean()),
];

const NAMES = fc.uniqueArray(
  fc.oneof(TEXT, fc.constantFrom('url', 'URL', 'key', 'jpg', '__proto__', 'a.b', '')),
  {
    maxLength: 4,
  },
);

/** Names of columns, and rows that have them, each column of one kind of values. */
export const anyRows: fc.Arbitrary<{
  readonly names: readonly string[];
  readonly outcomes: readonly Outcome[];
}> = NAMES.chain((names) =>
  fc.tuple(...names.map(() => fc.constantFrom(...CELLS))).chain((cells) =>
    fc.array(anyOutcome(names, cells), { minLength: 1, maxLength: 8 }).map((outcomes) => ({
      names,
      outcomes: outcomes.map((one, index) => ({ ...one, row: { ...one.row, index } })),
    })),
  ),
);

function anyOutcome(names: readonly string[], cells: readonly fc.Arbitrary<Cell>[]): fc.Arbitrary<Outcome> {
  const columns = fc
    .tuple(...cells.map((cell) => fc.option(cell)))
    .map((values) => Object.fromEntries(values.map((value, i) => [names[i]!, value])));
  const count = fc.nat();
  const pixels = fc.option(fc.nat());
  const codes = Object.keys(ERROR_TABLE) as OutcomeCode[];
  return fc.record({
    row: fc.record({ index: fc.constant(0), url: TEXT, caption: fc.option(TEXT), columns }),
    status: fc.constantFrom('success', 'failed_to_download', 'failed_to_resize'),
    code: fc.option(fc.constantFrom(...codes, 'line-malformed', 'opt-out', 'resize-failed')),
    phase: fc.option(fc.constantFrom('list', 'policy', 'encode', 'receive')),
    errorMessage: fc.option(TEXT),
    httpStatus: fc.option(fc.integer({ min: 100, max: 599 })),
    attempts: count,
    ms: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    finalUrl: fc.option(TEXT),
    address: fc.option(fc.ipV4()),
    mediaType: fc.option(TEXT),
    width: pixels,
    height: pixels,
    originalWidth: pixels,
    originalHeight: pixels,
    bytes: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    sha256: fc.option(
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
    ),
  });
}
