import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFailed } from '../../save/write-failed.js';
import { openDataset } from './dataset-directory.js';
import { gather } from './gather.js';
import { page } from './page.js';
import { placeholdersOf } from './picture-sections.js';
import { thumbnailsOf } from './thumbnails.js';

export interface ReportOptions {
  /** The data set that `pull` made, or is making. */
  readonly directory: string;
  /** Where the page is written. Default: `report.html` in the directory. */
  readonly output?: string | undefined;
  /** Pictures on the contact sheet. Default 60. */
  readonly sample?: number | undefined;
  /** Told after each shard. */
  readonly onShard?: ((read: number, all: number) => void) | undefined;
}

/** What was written. */
export interface Report {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly shards: number;
}

const SAMPLE = 60;

/** Writes a page about a data set. Throws `option-invalid` where there is none, `write-failed` where the page can't be written. */
export async function report(options: ReportOptions): Promise<Report> {
  const { directory, output = join(directory, 'report.html'), sample: size = SAMPLE, onShard } = options;
  const dataset = openDataset(directory);
  const shards = dataset.finished.length;
  const figures = await gather(dataset, size, (read) => onShard?.(read, shards));
  const placeholders = placeholdersOf(figures);
  const firsts = placeholders.map(({ first }) => first);
  const placeholderPictures = await thumbnailsOf(dataset, firsts);
  const sample = await thumbnailsOf(dataset, figures.sample.take());
  const text = page({ dataset, figures, placeholders, placeholderPictures, sample });
  await write(output, text);
  return { path: output, bytes: Buffer.byteLength(text), rows: figures.rows, shards };
}

/** An earlier page stays until the new one is whole. */
async function write(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, text);
    await rename(part, path);
  } catch (error) {
    // Why it could not be written is what is told, not that what was begun could not be removed either.
    await rm(part, { force: true }).catch(() => undefined);
    throw writeFailed(path, error);
  }
}
