import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brief, listed, readIn, writtenFile } from './listed.js';

/** Any text that a line of UTF-8 can hold. */
const text = fc
  .string({ unit: 'binary', maxLength: 20 })
  .map((any) => any.toWellFormed().replaceAll('\0', ''));
const table = fc.array(
  fc.record({
    url: text.map((any) => `x${any}x`),
    caption: fc.option(text),
    n: fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    flag: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);
const options = { captionCol: 'caption', columns: ['n', 'flag'] };

/** What JSON has no word for. */
const plain = (n: number) => (Object.is(n, -0) ? 0 : n);

describe('Rows that were written', () => {
  test.each(['jsonl', 'json'] as const)('as %s are read back equal, at any split', (format) => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 50 }), fc.boolean(), (rows, size, pretty) => {
        const written =
          format === 'json'
            ? JSON.stringify(rows, null, pretty ? 1 : undefined)
            : rows.map((row) => JSON.stringify(row)).join(pretty ? '\r\n' : '\n');
        const read = readIn(size, format, written, options);
        expect(read.failure).toBeUndefined();
        expect(read.rows.map(brief)).toEqual(
          rows.map(({ url, caption, n, flag }) => [url, caption, { n: plain(n), flag }]),
        );
      }),
    );
  });

  test.each([
    ['csv', ','],
    ['tsv', '\t'],
  ] as const)('as %s are read back equal, at any split', (format, delimiter) => {
    const cell = (value: unknown) => `"${String(value ?? '').replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 50 }), (rows, size) => {
        const written = [
          ['flag', 'n', 'caption', 'url'],
          ...rows.map(({ url, caption, n, flag }) => [flag, n, caption, url].map(cell)),
        ];
        const read = readIn(
          size,
          format,
          written.map((fields) => fields.join(delimiter)).join('\n'),
          options,
        );
        expect(read.failure).toBeUndefined();
        expect(read.rows.map(brief)).toEqual(
          rows.map(({ url, caption, n, flag }) => [url, caption ?? '', { n: String(n), flag: String(flag) }]),
        );
      }),
    );
  });

  test('to a file, plain or packed, are read back equal', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const written = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
        for (const content of [Buffer.from(written), gzipSync(written)]) {
          const read = await listed(writtenFile('list.jsonl', content), options);
          expect(read.rows.map(({ index, url }) => [index, url])).toEqual(rows.map(({ url }, n) => [n, url]));
        }
      }),
      { numRuns: 30 },
    );
  });
});
