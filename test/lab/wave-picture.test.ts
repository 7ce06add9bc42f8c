import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WavePicture } from '../../src/lab/wave-picture.js';
import { inspect, reasonOf } from '../image/inspect.js';

describe('WavePicture', () => {
  it.each([0, 1, 54, 1000, 48_054, 1_000_000])('ofBytes(%d) is a whole BMP of hardly more bytes', (bytes) => {
    const picture = WavePicture.ofBytes(bytes);
    const body = picture.read(0, picture.length);
    const { width, height } = picture;
    expect(inspect(body)).toMatchObject({ verdict: { outcome: 'whole' }, type: 'BMP', width, height });
    expect(reasonOf(body.subarray(0, -1))).toContain('inside its pixel array');
    expect(picture.length).toBeGreaterThanOrEqual(bytes);
    expect(picture.length).toBeLessThan(Math.max(bytes, 54) + 2 * 3 * width);
  });

  it('its header gives the sizes that its length has', () => {
    const picture = WavePicture.ofBytes(30_000);
    const header = Buffer.from(picture.read(0, 54));
    expect(header.toString('latin1', 0, 2)).toBe('BM');
    expect(header.readUInt32LE(2)).toBe(picture.length);
    expect(header.readUInt32LE(34)).toBe(picture.length - header.readUInt32LE(10));
    expect(header.readInt32LE(18) * header.readInt32LE(22) * 3).toBe(picture.length - 54);
  });

  it('read() gives the same bytes in whatever pieces it is read', () => {
    const picture = WavePicture.ofBytes(5000);
    const whole = Buffer.from(picture.read(0, picture.length));
    const place = fc.integer({ min: 0, max: picture.length });
    fc.assert(
      fc.property(place, place, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        expect(Buffer.from(picture.read(from, to)).equals(whole.subarray(from, to))).toBe(true);
      }),
    );
  });

  it('is a picture: from deep to light, and smooth between neighbours', () => {
    const picture = WavePicture.ofBytes(600_000);
    const pixels = picture.read(54, picture.length);
    const row = pixels.subarray(0, picture.width * 3);
    const steps = Array.from(row.subarray(3), (value, at) => Math.abs(value - row[at]!));
    expect(Math.max(...steps)).toBeLessThan(64);
    // Red alone: the palette goes from 6 to 252 there.
    const reds = pixels.filter((_, at) => at % 3 === 2);
    const extent = reds.reduce(([low, high], red) => [Math.min(low!, red), Math.max(high!, red)], [255, 0]);
    expect(extent[0]).toBeLessThan(20);
    expect(extent[1]).toBeGreaterThan(200);
  });

  it('ofBytes() throws a RangeError for more than 2^31 bytes', () => {
    expect(() => WavePicture.ofBytes(2 ** 31 + 1)).toThrow(RangeError);
    expect(() => WavePicture.ofBytes(Number.NaN)).toThrow(RangeError);
  });
});
