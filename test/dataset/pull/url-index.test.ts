import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UrlIndex } from '../../../src/dataset/pull/url-index.js';
import { scratchDirectory } from '../../support/scratch.js';

const ROWS = 300_000;
const BATCH = 2000;
/** Every tenth row has the URL of one so many rows before. */
const BEFORE = 150_001;
const MOST_GROWTH = 60_000_000;

test('UrlIndex finds the first of two rows however far apart, takes no more memory as it grows, and leaves nothing behind', async () => {
  const path = join(scratchDirectory(), 'urls');
  const index = new UrlIndex(path);
  let wrong = 0;
  let settled = 0;
  for (let row = 0; row < ROWS; row++) {
    const first = row > BEFORE && row % 10 === 0 ? row - BEFORE : row;
    if (index.firstOf(`http://127.0.0.1/${first}.jpg`, row) !== first) wrong++;
    if (row % BATCH === BATCH - 1) await index.flush();
    if (row === ROWS / 4) settled = process.memoryUsage().rss;
  }
  expect(wrong).toBe(0);
  expect(process.memoryUsage().rss - settled).toBeLessThan(MOST_GROWTH);
  expect(existsSync(path)).toBe(true);
  await index.close();
  expect(existsSync(path)).toBe(false);
}, 60_000);

test('UrlIndex of a short list writes nothing, and finds the same', async () => {
  const path = join(scratchDirectory(), 'urls');
  const index = new UrlIndex(path);
  for (let row = 0; row < 15_000; row++) {
    expect(index.firstOf(`http://127.0.0.1/${row % 10_000}.jpg`, row)).toBe(row % 10_000);
    if (row % BATCH === BATCH - 1) await index.flush();
  }
  expect(existsSync(path)).toBe(false);
  await index.close();
});
