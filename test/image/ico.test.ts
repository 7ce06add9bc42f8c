import { describe, expect, it } from 'vitest';
import { inspect, reasonOf } from './inspect.js';

/** `images`: width, height, length, offset of each. */
function icon(length: number, images: readonly (readonly [number, number, number, number])[]): Buffer {
  const body = Buffer.alloc(length);
  body.writeUInt16LE(1, 2);
  body.writeUInt16LE(images.length, 4);
  images.forEach(([width, height, size, offset], index) => {
    const entry = 6 + 16 * index;
    body[entry] = width;
    body[entry + 1] = height;
    body.writeUInt32LE(size, entry + 8);
    body.writeUInt32LE(offset, entry + 12);
  });
  return body;
}

describe('walkIco', () => {
  it('wants every image of the directory, in any order and with gaps', () => {
    const images = [
      [16, 16, 50, 150],
      [32, 32, 20, 60],
    ] as const;
    expect(reasonOf(icon(200, images))).toBeUndefined();
    expect(reasonOf(icon(199, images))).toContain('its header tells of 200 bytes');
  });

  it('tells the dimensions of the largest image, where 0 means 256', () => {
    const small = [16, 16, 10, 60] as const;
    expect(inspect(icon(80, [[32, 24, 10, 60], small]))).toMatchObject({ width: 32, height: 24 });
    expect(inspect(icon(80, [small, [0, 0, 10, 60]]))).toMatchObject({ width: 256, height: 256 });
  });

  it('refuses an image inside the directory and one of no bytes', () => {
    const first = [16, 16, 10, 60] as const;
    expect(reasonOf(icon(80, [first, [16, 16, 10, 37]]))).toBe(
      'the ICO is damaged: entry 2 of its directory tells of 10 bytes at byte 37, where no image can be',
    );
    expect(reasonOf(icon(80, [first, [16, 16, 0, 60]]))).toContain(
      'entry 2 of its directory tells of 0 bytes',
    );
  });
});
