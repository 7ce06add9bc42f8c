import { type FileMetaData, parquetMetadataAsync, parquetSchema } from 'hyparquet';
import type { ListRow } from '../row.js';
import { type Places, placesOf, type Wanted } from './columns.js';
import { isTooLong, TOO_LONG } from './lines.js';
import {
  NOT_UTF8,
  ParquetColumn,
  type ParquetFile,
  type ParquetGroup,
  parquetReason,
} from './parquet-column.js';
import { type PlacedFile, placedFile } from './parquet-file.js';
import type { RowMaker } from './row-maker.js';

/** Rows in a batch at most: a page may hold a million. */
const MOST_ROWS = 4096;

/** The columns that are read, by their indices in the file. */
type Columns = ReadonlyMap<number, ParquetColumn>;

/** The rows of a parquet file, a batch at a time. Of its columns only the wanted ones are read. */
export async function* parquetRows(path: string, wanted: Wanted, maker: RowMaker): AsyncGenerator<ListRow[]> {
  const file = await placedFile(path);
  try {
    const parquet = await parquetFile(file);
    const names = parquet.root.children.map(({ element }) => element.name);
    const places = placesOf(wanted, names, path);
    const columns = columnsAt(places, parquet);
    for (const group of groupsOf(parquet.metadata)) {
      for (const column of columns.values()) column.begin(group);
      for (let at = group.start; at < group.end; ) {
        const count = await readyOf(columns, Math.min(group.end - at, MOST_ROWS));
        yield rowsOf(columns, places, at, count, maker);
        for (const column of columns.values()) column.pass(count);
        at += count;
      }
    }
  } finally {
    await file.close();
  }
}

async function parquetFile(file: PlacedFile): Promise<ParquetFile> {
  try {
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    return { file, metadata, root: parquetSchema(metadata) };
  } catch (error) {
    throw new Error(`its footer can't be read: ${parquetReason(error)}`, { cause: error });
  }
}

function* groupsOf(metadata: FileMetaData): Generator<ParquetGroup> {
  let start = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const end = start + Number(group.num_rows);
    const chunks = new Map(group.columns.map((chunk) => [chunk.meta_data?.path_in_schema[0] ?? '', chunk]));
    yield { number: index + 1, chunks, start, end };
    start = end;
  }
}

function columnsAt(places: Places, parquet: ParquetFile): Columns {
  const columns = new Map<number, ParquetColumn>();
  for (const index of [places.url, places.caption, ...places.kept]) {
    if (index < 0 || columns.has(index)) continue;
    const asText = index === places.url || index === places.caption;
    columns.set(index, new ParquetColumn(parquet, index, asText));
  }
  return columns;
}

/** How many rows, `most` at most, are at hand in all columns, whose pages end at different rows. */
async function readyOf(columns: Columns, most: number): Promise<number> {
  let count = most;
  for (const column of columns.values()) count = Math.min(count, await column.ready());
  return count;
}

function rowsOf(columns: Columns, places: Places, before: number, count: number, maker: RowMaker): ListRow[] {
  const rows: ListRow[] = [];
  const url = columns.get(places.url)!;
  const caption = columns.get(places.caption);
  const kept = places.kept.map((index) => columns.get(index)!);
  for (let n = 0; n < count; n++) {
    const place = before + n + 1;
    const values = kept.map((column) => column.value(n));
    const problem = problemOf(url.value(n)) ?? problemOf(caption?.value(n)) ?? firstProblem(values);
    rows.push(
      problem === undefined
        ? maker.row(place, url.value(n), caption?.value(n), values)
        : maker.bad(place, problem),
    );
  }
  return rows;
}

function firstProblem(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const problem = problemOf(value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A text is held to what one of a line is held to. */
function problemOf(value: unknown): string | undefined {
  if (value === NOT_UTF8) return 'not valid UTF-8';
  return typeof value === 'string' && isTooLong(value) ? TOO_LONG : undefined;
}
