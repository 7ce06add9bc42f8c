import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/dataset/outcome.js';
import type { Cell } from '../../../src/dataset/row.js';
import { columnsOf, metadataJson } from '../../../src/dataset/shard/columns.js';
import { lineOf, parsedLine } from '../../../src/dataset/shard/journal-line.js';
import { ListTypes } from '../../../src/dataset/shard/list-types.js';
import { outcomesIn } from '../../../src/dataset/shard/outcomes.js';
import { writeTable } from '../../../src/dataset/shard/table-writer.js';
import { scratchDirectory } from '../../support/scratch.js';
import { anyRows } from '../support/any-outcomes.js';
import { layoutOf } from '../support/shards.js';

test('any outcome comes back from a line of the journal as it was', () => {
  fc.assert(
    fc.property(anyRows, ({ outcomes }) => {
      for (const [place, outcome] of outcomes.entries()) {
        const stored = { extension: 'jpg', offset: 512, length: 7, end: 1024 };
        const line = lineOf({ place, outcome, stored });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(parsedLine(line)).toEqual({ place, outcome, stored });
        for (const cut of [1, 2, line.length >> 1, line.length - 1])
          expect(parsedLine(line.slice(0, -cut - 1))).toBeUndefined();
      }
    }),
  );
});

test('any outcome comes back from KEY.json, each column by its name', () => {
  fc.assert(
    fc.property(anyRows, ({ names, outcomes }) => {
      const columns = columnsOf(layoutOf('webdataset', { columns: names.map((name) => ({ name })) }));
      expect(new Set(columns.map(({ name }) => name.toLowerCase())).size).toBe(columns.length);
      for (const outcome of outcomes) {
        const said = JSON.parse(metadataJson(columns)(outcome, '000000000')) as Record<string, unknown>;
        expect(Object.keys(said).sort()).toEqual(columns.map(({ name }) => name).sort());
        for (const { name, of } of columns) {
          const cell = of(outcome, '000000000');
          expect(said[name]).toEqual(typeof cell === 'bigint' ? Number(cell) : asJson(cell));
        }
        expect(said.url).toBe(outcome.row.url);
        expect(said.bytes).toBe(outcome.bytes);
      }
    }),
  );
});

test('any outcome comes back from the table as it was, its cells as values of the narrowest type that holds their column', async () => {
  const directory = scratchDirectory();
  let n = 0;
  await fc.assert(
    fc.asyncProperty(anyRows, async ({ names, outcomes }) => {
      const layout = layoutOf('webdataset', { columns: names.map((name) => ({ name })) });
      const types = new ListTypes(layout.columns);
      for (const { row } of outcomes) types.add(row);
      const path = join(directory, `${n++}.parquet`);
      const entries = outcomes.map((outcome, place) => ({ place, outcome, stored: null }));
      await writeTable(path, { shard: 0, layout, types, entries, read: undefined });
      const read: Outcome[] = [];
      for await (const [place, outcome] of outcomesIn(path, 0, layout)) {
        expect(place).toBe(read.length);
        read.push(outcome);
      }
      expect(read.map(withTexts)).toEqual(outcomes.map(withTexts));
    }),
  );
});

/** What JSON has no form for is null in it. */
function asJson(cell: Cell): Cell {
  return typeof cell === 'number' && !Number.isFinite(cell) ? null : cell;
}

/** As it is in UTF-8, where half a character has no form; and every cell as text, for that is what types have in common. */
function withTexts(outcome: Outcome): unknown {
  const cells = Object.entries(outcome.row.columns).map(([name, cell]) => [
    name,
    cell === null ? null : String(cell),
  ]);
  const all = { ...outcome, row: { ...outcome.row, columns: cells } };
  return JSON.parse(JSON.stringify(all), (_, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
}
