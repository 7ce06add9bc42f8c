/** Any rows, with anything that may have become of them. */

import fc from 'fast-check';
import type { Outcome, OutcomeCode } from '../../../src/dataset/outcome.js';
import type { Cell } from '../../../src/dataset/row.js';
import { ERROR_TABLE } from '../../../src/errors.js';

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
