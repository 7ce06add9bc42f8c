import { Encoder } from '../encode.js';
import { PictureReader } from '../shard/picture-reader.js';
import type { DatasetDirectory } from './dataset-directory.js';
import type { ShownRow } from './gather.js';

/** A row's picture, made small; or why there is none. */
export interface Thumbnail {
  readonly row: ShownRow;
  /** A `data:` URL of a WebP. */
  readonly source: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly failure: string;
}

/** Pixels of the larger side. */
const SIDE = 160;
const QUALITY = 70;
/** Of the picture that is made small: beyond, it would take more memory than a page is worth. */
const MOST_PIXELS = 2 ** 26;

/** Makes the pictures of these rows small, one after the other. SVG is never rendered, and what can't be decoded is told of. */
export async function thumbnailsOf(
  dataset: DatasetDirectory,
  rows: readonly ShownRow[],
): Promise<Thumbnail[]> {
  const encoder = new Encoder({
    mode: 'keep_ratio_largest',
    size: SIDE,
    format: 'webp',
    quality: QUALITY,
    maxPixels: MOST_PIXELS,
  });
  const reader = new PictureReader(dataset.path, dataset.layout);
  const none = { source: undefined, width: SIDE, height: SIDE };
  const thumbnails: Thumbnail[] = [];
  try {
    for (const row of rows) {
      const stored = await reader.read(row.key);
      const encoded = stored && (await encoder.encode(stored.bytes));
      if (encoded?.picture === undefined) {
        const failure = encoded?.failure ?? 'Its bytes are not there any more.';
        thumbnails.push({ row, ...none, failure });
        continue;
      }
      const { picture, width, height } = encoded;
      const source = `data:image/webp;base64,${Buffer.from(picture.bytes).toString('base64')}`;
      thumbnails.push({ row, source, width, height, failure: '' });
    }
  } finally {
    await reader.close();
  }
  return thumbnails;
}
