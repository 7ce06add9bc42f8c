import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Picture } from '../../../src/dataset/outcome.js';
import { reopenShard } from '../../../src/dataset/shard/open-shard.js';
import { PictureReader } from '../../../src/dataset/shard/picture-reader.js';
import type { Stored } from '../../../src/dataset/shard/shard-writer.js';
import { WantedFailures } from '../../../src/dataset/shard/wanted-failures.js';
import { scratchDirectory } from '../../support/scratch.js';
import { mixedOutcome, mixedPicture, outcomeOf, pictureOf } from '../support/outcomes.js';
import { FORMATS, finishedShard, layoutOf, opened, storeRest } from '../support/shards.js';

const ROWS = 9;
const KEY = (place: number) => `00000${place}`;

/** Buffers and other arrays of bytes alike. */
function shown(picture: Picture | undefined): string | undefined {
  return picture && `${picture.extension} ${Buffer.from(picture.bytes).toString('hex')}`;
}

describe.each(FORMATS)('PictureReader of shards as %s', (format) => {
  const layout = layoutOf(format);

  /** What it reads of each row, with and without knowing where. */
  async function expectAll(
    reader: PictureReader,
    isThere: (place: number) => boolean,
    stored: readonly Stored[] = [],
  ) {
    for (let place = 0; place < ROWS; place++) {
      const expected = isThere(place) ? shown(pictureOf(place)) : undefined;
      expect(shown(await reader.read(KEY(place)))).toBe(expected);
      const known = stored.find(({ key }) => key === KEY(place))?.picture;
      if (known) expect(shown(await reader.read(KEY(place), known))).toBe(expected);
    }
  }

  test('reads them while the shard is open, when it is finished, and opened again', async () => {
    const directory = scratchDirectory();
    const writer = await opened(directory, ROWS, layout);
    const reader = new PictureReader(directory, layout);
    const stored: Stored[] = [];
    for (let place = 0; place < ROWS; place++) {
      stored.push(await writer.store(mixedOutcome(place), mixedPicture(place)));
      await expectAll(reader, (other) => other <= place && other % 3 !== 0, stored);
    }
    await writer.finish();
    await expectAll(reader, (place) => place % 3 !== 0, stored);
    const later = new PictureReader(directory, layout);
    await expectAll(later, (place) => place % 3 !== 0, stored);

    const again = await reopenShard(directory, 0, ROWS, layout, new WantedFailures([]));
    await storeRest(again!, 10, outcomeOf, pictureOf);
    await expectAll(later, () => true, stored);
    await again!.finish();
    await expectAll(reader, () => true, stored);
    await expectAll(later, () => true, stored);
    await reader.close();
    await later.close();
  });

  test('has none of a shard that is not there', async () => {
    const reader = new PictureReader(scratchDirectory(), layout);
    expect(await reader.read(KEY(1))).toBeUndefined();
    await reader.close();
  });

  test('reads at once from more shards than it keeps open', async () => {
    const directory = scratchDirectory();
    const small = layoutOf(format, { shardSize: 1 });
    for (let shard = 0; shard < 20; shard++) {
      const writer = await opened(directory, 1, small, shard);
      await storeRest(writer, 1, outcomeOf, pictureOf);
      await writer.finish();
    }
    const reader = new PictureReader(directory, small);
    const wanted = [...Array(40).keys()].map((i) => (i * 7) % 20);
    const read = await Promise.all(wanted.map((shard) => reader.read(String(shard).padStart(5, '0'))));
    expect(read.map(shown)).toEqual(wanted.map((shard) => shown(pictureOf(shard))));
    await reader.close();
  });
});

test('a place that is not that of the picture is not believed', async () => {
  const directory = scratchDirectory();
  const layout = layoutOf('webdataset');
  await finishedShard(directory, ROWS, layout);
  const reader = new PictureReader(directory, layout);
  for (const offset of [512, 1024, 10 ** 9]) {
    const wrong = { extension: 'jpg', offset, length: 10, end: 0 };
    expect(shown(await reader.read(KEY(2), wrong))).toBe(shown(pictureOf(2)));
  }
  await reader.close();
});

test('a table that is none is told of', async () => {
  const directory = scratchDirectory();
  const layout = layoutOf('parquet');
  writeFileSync(join(directory, '00000.parquet'), 'no table');
  const reader = new PictureReader(directory, layout);
  await expect(reader.read(KEY(1))).rejects.toThrow(
    /00000\.parquet" can't be read as a shard's table: .+\.$/,
  );
  await reader.close();
});
