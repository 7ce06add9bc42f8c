/** A finished shard's table, read back as outcomes. */

import type { Outcome, OutcomeCode, RowStatus } from '../outcome.js';
import type { Cell } from '../row.js';
import { columnsOf } from './columns.js';
import type { Layout } from './layout.js';
import { Table } from './table-reader.js';

/** Every row of the table at `path`, with its place, in the order of the list. */
export async function* outcomesIn(
  path: string,
  shard: number,
  layout: Layout,
): AsyncGenerator<[place: number, outcome: Outcome]> {
  const columns = columnsOf(layout);
  const kept = columns.flatMap(({ name, listName }) => (listName === undefined ? [] : [{ name, listName }]));
  const table = await Table.open(path);
  try {
    for await (const [place, values] of table.records(columns.map(({ name }) => name))) {
      const cells = kept.map(({ name, listName }) => [listName, (values[name] ?? null) as Cell]);
      const index = shard * layout.shardSize + place;
      yield [place, outcomeOf(values, index, Object.fromEntries(cells))];
    }
  } finally {
    await table.close();
  }
}

function outcomeOf(
  values: Readonly<Record<string, unknown>>,
  index: number,
  columns: Readonly<Record<string, Cell>>,
): Outcome {
  const text = (name: string) => (values[name] ?? null) as string | null;
  const number = (name: string) => (values[name] ?? null) as number | null;
  return {
    row: { index, url: text('url') ?? '', caption: text('caption'), columns },
    status: text('status') as RowStatus,
    code: text('code') as OutcomeCode | null,
    phase: text('phase') as Outcome['phase'],
    errorMessage: text('error_message'),
    httpStatus: number('http_status'),
    attempts: number('attempts') ?? 0,
    ms: number('ms') ?? 0,
    finalUrl: text('final_url'),
    address: text('address'),
    mediaType: text('media_type'),
    width: number('width'),
    height: number('height'),
    originalWidth: number('original_width'),
    originalHeight: number('original_height'),
    bytes: Number(values.bytes ?? 0),
    sha256: text('sha256'),
  };
}
