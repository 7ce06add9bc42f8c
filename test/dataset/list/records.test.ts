import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from '../../../src/dataset/list/lines.js';
import { RecordAssembler } from '../../../src/dataset/list/records.js';

function recordsOf(text: string, delimiter: ',' | '\t' = ','): (readonly string[] | string)[] {
  const lines = new LineSplitter();
  const assembler = new RecordAssembler(delimiter);
  return [
    ...assembler.push(lines.push(Buffer.from(text))),
    ...assembler.push(lines.end()),
    ...assembler.end(),
  ].map(({ fields, problem }) => problem ?? fields);
}

/** Texts of the characters that matter, and of others. */
const field = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', ',', '\t', '\n', '\r\n', ' ', 'a'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 8,
});

describe('RecordAssembler', () => {
  test('reads what csv-parse reads of any fields that are quoted as need be', () => {
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',' as const, '\t' as const),
        fc.constantFrom('\n', '\r\n'),
        (rows, delimiter, end) => {
          fc.pre(rows.flat().every((text) => !text.includes('\0')));
          const needsQuotes = /["\n\r]/;
          const text = rows
            .map((fields) =>
              fields
                .map((value) =>
                  needsQuotes.test(value) || value.includes(delimiter)
                    ? `"${value.replaceAll('"', '""')}"`
                    : value,
                )
                .join(delimiter),
            )
            .map((line) => line + end)
            .join('');
          expect(recordsOf(text, delimiter)).toEqual(rows);
          expect(parse(text, { delimiter, relax_column_count: true, record_delimiter: end })).toEqual(rows);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('loses no line of any text: each is a record, blank, within one, or a problem', () => {
    const soup = fc.string({ unit: fc.constantFrom('"', '"', ',', '\n', '\r', 'a'), maxLength: 40 });
    fc.assert(
      fc.property(soup, (text) => {
        const lines = text.split('\n');
        const assembler = new RecordAssembler(',');
        const pieces = lines.map((line, index) => ({ place: index + 1, text: line, problem: null }));
        const records = [...assembler.push(pieces), ...assembler.end()];
        // Each record begins where the one before it ended: what lies between is blank, or lies in a quoted field.
        const places = records.map(({ place }) => place);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        for (const [index, { place, problem }] of records.entries()) {
          const next = places[index + 1] ?? lines.length + 1;
          const between = lines.slice(place, next - 1);
          if (problem !== null) expect(between.join('').replaceAll('\r', '')).toBe('');
        }
      }),
      { numRuns: 2000 },
    );
  });
});
