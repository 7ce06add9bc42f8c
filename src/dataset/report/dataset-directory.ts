import { readdirSync } from 'node:fs';
import { reasonOf, SluiceError } from '../../errors.js';
import { type RunRecord, runRecordIn } from '../pull/run-state.js';
import type { Layout } from '../shard/layout.js';

/** A data set that `pull` made, or is making. */
export interface DatasetDirectory {
  readonly path: string;
  readonly run: RunRecord;
  readonly layout: Layout;
  /** Numbers of the finished shards, in order. */
  readonly finished: readonly number[];
  /** How many others are begun. */
  readonly open: number;
}

const FORMATS: readonly unknown[] = ['files', 'webdataset', 'parquet'] satisfies Layout['format'][];

/** Looks what lies in a directory. Throws `option-invalid` where that is no data set. */
export function openDataset(path: string): DatasetDirectory {
  const run = runRecordIn(path);
  if (run === undefined)
    throw new SluiceError(
      'option-invalid',
      `${JSON.stringify(path)} is no data set that sluice pull made: it has no .sluice/run.json.`,
    );
  const names = namesIn(path);
  const finished = shardsAmong(names, /^(\d+)_stats\.json$/);
  const isFinished = new Set(finished.map(({ shard }) => shard));
  const open = shardsAmong(names, /^(\d+)\.journal$/).filter(({ shard }) => !isFinished.has(shard));
  const digits = Math.min(...finished.map(({ name }) => name.length));
  const layout = layoutOf(path, run);
  return {
    path,
    run,
    // Names have as many digits as the last shard's number needs: the shortest tells how many that are.
    layout: finished.length === 0 ? layout : { ...layout, shards: 10 ** digits },
    finished: [...isFinished],
    open: open.length,
  };
}

function layoutOf(path: string, { list, options }: Partial<RunRecord>): Layout {
  const { '--format': format, '--shard-size': shardSize, '--encode': encode } = options ?? {};
  const isWhole = FORMATS.includes(format) && typeof shardSize === 'number' && shardSize >= 1;
  if (!isWhole || !Array.isArray(list?.columns))
    throw new SluiceError(
      'option-invalid',
      `The record of the run in ${JSON.stringify(path)} does not tell how its shards are laid out.`,
    );
  return {
    format: format as Layout['format'],
    shardSize,
    captions: list.captionCol !== null,
    columns: list.columns.map((name) => ({ name })),
    encode: (encode ?? undefined) as Layout['encode'],
    // Only who goes on with an open shard is asked for it.
    digest: '',
  };
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw new SluiceError('option-invalid', `${JSON.stringify(path)} can't be read: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

function shardsAmong(names: readonly string[], pattern: RegExp): { name: string; shard: number }[] {
  return names
    .flatMap((file) => pattern.exec(file)?.[1] ?? [])
    .map((name) => ({ name, shard: Number(name) }))
    .sort((a, b) => a.shard - b.shard);
}
