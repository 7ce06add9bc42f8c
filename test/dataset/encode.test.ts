import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type Encoded, type EncodeOptions, Encoder, type ResizeMode } from '../../src/dataset/encode.js';
import { SluiceError } from '../../src/errors.js';
import { ImageInspector } from '../../src/image/inspector.js';
import { picture } from '../support/pictures.js';

const RED = { r: 255, g: 0, b: 0 };

function plain(width: number, height: number, alpha?: number) {
  const background = alpha === undefined ? RED : { ...RED, alpha };
  return sharp({ create: { width, height, channels: alpha === undefined ? 3 : 4, background } });
}

async function encoded(bytes: Uint8Array, differs: Partial<EncodeOptions> = {}): Promise<Encoded> {
  return await new Encoder({ mode: 'no', size: 0, format: 'jpg', ...differs }).encode(bytes);
}

async function pictureFrom(bytes: Uint8Array, differs: Partial<EncodeOptions> = {}) {
  const result = await encoded(bytes, differs);
  if (result.failure !== undefined) throw new Error(result.failure);
  return result;
}

/** What our own inspector says of a picture. */
function inspected(bytes: Uint8Array) {
  const inspector = new ImageInspector();
  inspector.push(bytes);
  expect(inspector.end()).toEqual({ outcome: 'whole' });
  return { type: inspector.type?.extension, width: inspector.width, height: inspector.height };
}

/** The colour of a pixel, and whether it can be seen through. */
async function pixel(bytes: Uint8Array, left: number, top: number): Promise<number[]> {
  const one = sharp(bytes).extract({ left, top, width: 1, height: 1 }).toColourspace('srgb').raw();
  return [...(await one.toBuffer())];
}

describe('Encoder', () => {
  test.each<[ResizeMode, [number, number], [number, number]]>([
    ['no', [300, 100], [300, 100]],
    ['border', [300, 100], [64, 64]],
    ['border', [20, 10], [64, 64]],
    ['keep_ratio', [300, 100], [192, 64]],
    ['keep_ratio', [10, 20], [64, 128]],
    ['keep_ratio_largest', [300, 100], [64, 21]],
    ['keep_ratio_largest', [10, 20], [32, 64]],
    ['center_crop', [300, 100], [64, 64]],
    ['center_crop', [10, 20], [64, 64]],
  ])('%s makes %j pixels into %j', async (mode, [width, height], [w, h]) => {
    const bytes = await plain(width, height).png().toBuffer();
    for (const format of ['jpg', 'png', 'webp'] as const) {
      const result = await pictureFrom(bytes, { mode, size: 64, format });
      expect(result).toMatchObject({ width: w, height: h, picture: { extension: format } });
      expect(inspected(result.picture.bytes)).toEqual({ type: format, width: w, height: h });
    }
  });

  test('border puts the picture in the middle of a white square; center_crop keeps its middle', async () => {
    const stripes = await sharp({
      create: { width: 300, height: 100, channels: 3, background: { r: 0, g: 0, b: 255 } },
    })
      .composite([{ input: await plain(100, 100).png().toBuffer(), left: 100, top: 0 }])
      .png()
      .toBuffer();
    const bordered = await pictureFrom(stripes, { mode: 'border', size: 60, format: 'png' });
    expect(await pixel(bordered.picture.bytes, 30, 2)).toEqual([255, 255, 255]);
    expect(await pixel(bordered.picture.bytes, 30, 57)).toEqual([255, 255, 255]);
    expect(await pixel(bordered.picture.bytes, 30, 30)).toEqual([255, 0, 0]);
    expect(await pixel(bordered.picture.bytes, 2, 30)).toEqual([0, 0, 255]);
    const cropped = await pictureFrom(stripes, { mode: 'center_crop', size: 50, format: 'png' });
    for (const left of [3, 25, 46]) expect(await pixel(cropped.picture.bytes, left, 25)).toEqual([255, 0, 0]);
  });

  test.each(['jpg', 'png', 'webp'] as const)('puts what is transparent on white, as %s', async (format) => {
    const bytes = await plain(20, 20, 0).png().toBuffer();
    const { picture } = await pictureFrom(bytes, { mode: 'keep_ratio', size: 10, format });
    expect(await pixel(picture.bytes, 5, 5)).toEqual([255, 255, 255]);
  });

  test('turns the picture as its metadata say, and leaves them out', async () => {
    const bytes = await plain(40, 20)
      .withExif({ IFD0: { Copyright: 'somebody' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const result = await pictureFrom(bytes, { mode: 'keep_ratio_largest', size: 20 });
    expect(result).toMatchObject({ width: 10, height: 20 });
    const { exif, icc, orientation } = await sharp(result.picture.bytes).metadata();
    expect([exif, icc, orientation]).toEqual([undefined, undefined, undefined]);
  });

  test('takes the quality that it is told, and that of img2dataset where it is told none', async () => {
    const bytes = picture('jpeg-baseline-70x46.jpg');
    const length = async (quality?: number) => (await pictureFrom(bytes, { quality })).picture.bytes.length;
    expect(await length(50)).toBeLessThan(await length(80));
    expect(await length(95)).toBe(await length());
    const best = await pictureFrom(bytes, { format: 'png', quality: 9 });
    const worst = await pictureFrom(bytes, { format: 'png', quality: 0 });
    expect(best.picture.bytes.length).toBeLessThan(worst.picture.bytes.length);
  });

  test.each([
    'jpeg-cmyk-70x46.jpg',
    'jpeg-gray-70x46.jpg',
    'jpeg-progressive-70x46.jpg',
    'png-interlaced-alpha-24x16.png',
    'png-bilevel-70x46.png',
    'gif-animated-24x16.gif',
    'avif-still-70x46.avif',
  ])('takes %s', async (name) => {
    const result = await pictureFrom(picture(name), { mode: 'center_crop', size: 16 });
    expect(inspected(result.picture.bytes)).toEqual({ type: 'jpg', width: 16, height: 16 });
  });

  test('says why there is none', async () => {
    const jpeg = picture('jpeg-baseline-70x46.jpg');
    const png = picture('png-rgb-70x46.png');
    const said = async (bytes: Uint8Array, differs: Partial<EncodeOptions> = {}) =>
      (await encoded(bytes, differs)).failure;
    expect(await said(Buffer.from('no picture'))).toBe('It is no picture that is known here.');
    expect(await said(picture('svg-empty-5x5.svg'))).toBe("SVG can't be decoded here.");
    expect(await said(picture('jpeg-xl-lossy-70x46.jxl'))).toBe("JPEG XL codestream can't be decoded here.");
    expect(await said(jpeg.subarray(0, 100))).toMatch(/^The JPEG could not be resized: .+\.$/);
    expect(await said(png.subarray(0, 100))).toMatch(/^The PNG could not be resized: .+\.$/);
    expect(await said(jpeg, { maxPixels: 1000 })).toMatch(/^The JPEG could not be resized: .*pixel limit\.$/);
  });

  test('refuses to make a line of pixels into a large picture', async () => {
    const line = await plain(5000, 1).png().toBuffer();
    for (const mode of ['keep_ratio', 'center_crop'] as const) {
      const { failure } = await encoded(line, { mode, size: 256, format: 'png' });
      expect(failure).toMatch(/^A picture of 5000 x 1 pixels would be one of 1280000 x 256: /);
    }
    const tall = await plain(1, 17_000).png().toBuffer();
    expect((await encoded(tall, { format: 'webp' })).failure).toMatch(
      /^A picture of 1 x 17000 pixels .* a webp has at most 16383 a side/,
    );
    expect(await pictureFrom(tall, { format: 'webp', mode: 'border', size: 64 })).toMatchObject({
      width: 64,
      height: 64,
    });
  });

  test.each<[Partial<EncodeOptions>, RegExp]>([
    [{ mode: 'border', size: 0 }, /^A jpg can't be resized to 0 pixels: 1 to 65535 are possible\.$/],
    [{ mode: 'border', size: 1.5 }, /resized to 1\.5 pixels/],
    [{ mode: 'border', size: 20_000, format: 'webp' }, /1 to 16383 are possible/],
    [{ quality: 0 }, /^The quality of a jpg is 1 to 100, not 0\.$/],
    [{ quality: 95, format: 'png' }, /^The quality of a png is 0 to 9, not 95\.$/],
  ])('is not made with %j', (differs, says) => {
    const make = () => new Encoder({ mode: 'no', size: 0, format: 'jpg', ...differs });
    expect(make).toThrow(SluiceError);
    expect(make).toThrow(says);
  });
});
