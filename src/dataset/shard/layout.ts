import { join } from 'node:path';
import type { EncodeFormat } from '../encode.js';
import type { CellType } from './cell-type.js';
import { type KeyDigits, keyDigits, shardName } from './key.js';

/** How the pictures of a shard are kept together. */
export type DatasetFormat = 'files' | 'webdataset' | 'parquet';

/** A column of the list that is kept in the metadata. */
export interface ListColumn {
  readonly name: string;
  /** Where the list tells it; otherwise it follows from the values of each shard. */
  readonly type?: CellType | undefined;
}

/** What all shards of a data set have in common. */
export interface Layout {
  readonly format: DatasetFormat;
  /** Rows a shard; the last one may have fewer. */
  readonly shardSize: number;
  /** How many shards there will be, where that is known: their names have as many digits as the last one needs, five at least. */
  readonly shards?: number | undefined;
  /** Whether the list has a column of captions. */
  readonly captions: boolean;
  readonly columns: readonly ListColumn[];
  /** What the pictures are encoded in; undefined where the bytes are kept as they came. */
  readonly encode?: EncodeFormat | undefined;
  /** Tells the options and the list of this run from others: an open shard is gone on with by the same only. */
  readonly digest: string;
}

export function digitsOf(layout: Layout): KeyDigits {
  return keyDigits(layout.shardSize, layout.shards);
}

/** Every name that a shard has in its directory, open or finished. */
export interface ShardPaths {
  readonly directory: string;
  readonly name: string;
  readonly journal: string;
  /** The metadata, and in the format `parquet` the pictures too. */
  readonly table: string;
  /** Its presence means that the shard is finished. */
  readonly stats: string;
  readonly tar: string;
  readonly folder: string;
  /** Where the pictures lie until they are in the table; never has a final name. */
  readonly spool: string;
}

export function shardPaths(directory: string, shard: number, layout: Layout): ShardPaths {
  const name = shardName(shard, digitsOf(layout));
  const path = join(directory, name);
  return {
    directory,
    name,
    journal: `${path}.journal`,
    table: `${path}.parquet`,
    stats: `${path}_stats.json`,
    tar: `${path}.tar`,
    folder: path,
    spool: `${path}.spool`,
  };
}

/** What a file or folder of a shard is called until the shard is whole. */
export function partOf(path: string): string {
  return `${path}.part`;
}
