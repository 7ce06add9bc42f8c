import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { coverPage, posterPage, textPage } from '../../src/lab/pages.js';
import { inspect } from '../image/inspect.js';

const COVER = readFileSync(new URL('../../assets/cover.jpg', import.meta.url));

describe('coverPage()', () => {
  it('is the bundled picture: a whole JPEG of 225,000 to 235,000 bytes', async () => {
    const page = await coverPage();
    expect(Buffer.from(page.read(0, page.length)).equals(COVER)).toBe(true);
    expect(page.length).toBeGreaterThanOrEqual(225_000);
    expect(page.length).toBeLessThanOrEqual(235_000);
    expect(inspect(COVER)).toMatchObject({
      verdict: { outcome: 'whole' },
      type: 'JPEG',
      width: 900,
      height: 1200,
    });
  });

  it('is a baseline JPEG that decodes', async () => {
    const { format, isProgressive } = await sharp(COVER).metadata();
    expect({ format, isProgressive }).toEqual({ format: 'jpeg', isProgressive: false });
    const { channels } = await sharp(COVER, { failOn: 'warning' }).stats();
    // Not one flat colour: light and dark in every channel.
    for (const { min, max } of channels) expect(max - min).toBeGreaterThan(150);
  });
});

describe('textPage()', () => {
  it('is plain text that fits a terminal of 80 columns', () => {
    const page = textPage();
    const text = Buffer.from(page.read(0, page.length)).toString('utf8');
    expect(page.mediaType).toBe('text/plain; charset=utf-8');
    expect(text).toMatch(/^[\n\x20-\x7e]+\n$/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(80);
  });
});

describe('posterPage()', () => {
  it('is larger than a pair of kernel buffers by default, and of the size asked for otherwise', () => {
    expect(posterPage().length).toBeGreaterThan(16_000_000);
    expect(posterPage(100_000).length).toBeGreaterThanOrEqual(100_000);
    expect(posterPage(100_000).length).toBeLessThan(102_000);
  });
});
