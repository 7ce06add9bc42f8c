import { describe, expect, test } from 'vitest';
import { ImageInspector, type ImageType } from '../../src/image/inspector.js';
import { decodeImage } from '../../src/retrieval/decode-image.js';
import { errorOf } from '../support/failure.js';
import { picture, SMALL_JPEG } from '../support/pictures.js';

const EOI = Buffer.of(0xff, 0xd9);

/** The type of a body that is whole by its structure, odd as it may be. */
function typeOf(body: Uint8Array): ImageType {
  const inspector = new ImageInspector();
  inspector.push(body);
  expect(inspector.end()).toEqual({ outcome: 'whole' });
  return inspector.type!;
}

describe('decodeImage()', () => {
  test.each([
    'jpeg-baseline-70x46.jpg',
    'jpeg-progressive-70x46.jpg',
    'jpeg-restart-70x46.jpg',
    'jpeg-cmyk-70x46.jpg',
  ])('throws image-incomplete for a cut %s with an EOI behind the cut', async (fixture) => {
    const whole = picture(fixture);
    for (const share of [0.7, 0.97]) {
      const body = Buffer.concat([whole.subarray(0, Math.floor(whole.length * share)), EOI]);
      const error = await errorOf(decodeImage(body, typeOf(body), undefined));
      expect(error).toMatchObject({ code: 'image-incomplete', exitCode: 111 });
      expect(error.message).toMatch(/^The JPEG could not be decoded: .*premature end/);
    }
  });

  test.each([
    ['zeros after its end', [SMALL_JPEG, Buffer.alloc(500)]],
    ['fill bytes after its end', [SMALL_JPEG, Buffer.alloc(500, 0xff)]],
    ['a second picture, cut, after its end', [SMALL_JPEG, SMALL_JPEG.subarray(0, 700)]],
    [
      'bytes before its end',
      [picture('jpeg-progressive-70x46.jpg').subarray(0, -2), Buffer.alloc(20, 1), EOI],
    ],
    ['bytes between segments', [SMALL_JPEG.subarray(0, 20), Buffer.from('odd!'), SMALL_JPEG.subarray(20)]],
    [
      'fill bytes between segments',
      [SMALL_JPEG.subarray(0, 2), Buffer.of(0xff, 0xff), SMALL_JPEG.subarray(2)],
    ],
    ['another revision of JFIF', [SMALL_JPEG.subarray(0, 11), Buffer.of(3), SMALL_JPEG.subarray(12)]],
  ])('takes a whole JPEG with %s', async (_what, pieces) => {
    const body = Buffer.concat(pieces);
    await expect(decodeImage(body, typeOf(body), 70 * 46)).resolves.toBeUndefined();
  });
});
