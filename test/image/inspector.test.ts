import { describe, expect, it } from 'vitest';
import { ImageInspector } from '../../src/image/inspector.js';
import { fixture, inspect, reasonOf } from './inspect.js';

describe('ImageInspector', () => {
  it('calls an empty body no image', () => {
    expect(inspect(new Uint8Array(0)).verdict).toEqual({
      outcome: 'not-an-image',
      reason: 'the body is empty',
    });
  });

  it('shows the first bytes of what is no image, escaped', () => {
    expect(inspect(Buffer.from('<!doctype html>')).verdict).toEqual({
      outcome: 'not-an-image',
      reason:
        'the body begins with 3c 21 64 6f 63 74 79 70 ("<!doctyp"), which is no image that sluice knows',
    });
    expect(reasonOf(Buffer.from('\x1b[31m\r\n\x07\xff', 'latin1'))).toContain(
      '1b 5b 33 31 6d 0d 0a 07 (".[31m...")',
    );
    expect(reasonOf(Buffer.from('no'))).toContain('6e 6f ("no")');
  });

  it('calls a body of white space no image', () => {
    expect(inspect(Buffer.from(' \r\n\t\n')).verdict).toEqual({
      outcome: 'not-an-image',
      reason: 'the body is 5 bytes of white space',
    });
  });

  it('calls a true beginning of a signature incomplete', () => {
    expect(inspect(Uint8Array.of(0x89, 0x50)).verdict).toEqual({
      outcome: 'incomplete',
      reason: 'the body begins with 89 50 (".P") and ends at byte 2, before it is clear which image it is',
    });
  });

  it.each([
    [
      'jpeg-baseline-70x46.jpg',
      900,
      'the JPEG ends at byte 900 inside the scan data; its end marker (EOI) is missing',
    ],
    [
      'png-rgb-70x46.png',
      900,
      'the PNG ends at byte 900 inside chunk IDAT; its last chunk (IEND) is missing',
    ],
    ['gif-animated-24x16.gif', 2000, 'the GIF ends at byte 2000 inside image 2; its trailer is missing'],
    [
      'webp-lossy-70x46.webp',
      900,
      'the WebP ends at byte 900 inside chunk VP8; its header tells of 1092 bytes',
    ],
    [
      'bmp-rgb-70x46.bmp',
      900,
      'the BMP ends at byte 900 inside its pixel array; its header tells of 9806 bytes',
    ],
    ['ico-two-32x32.ico', 900, 'the ICO ends at byte 900 inside its images; its header tells of 5430 bytes'],
    [
      'svg-prolog-48x32.svg',
      500,
      'the SVG ends at byte 500 inside its root element; the end tag of its root element is missing',
    ],
  ])('says where a cut of %s ends and what is missing', (name, length, reason) => {
    expect(inspect(fixture(name).subarray(0, length)).verdict).toEqual({ outcome: 'incomplete', reason });
  });

  it('says that a picture is damaged where its bytes contradict the format', () => {
    const png = fixture('png-rgb-70x46.png');
    png.write('TEXT', 12);
    expect(inspect(png).verdict).toEqual({
      outcome: 'incomplete',
      reason: 'the PNG is damaged: its first chunk is TEXT of 13 bytes, not IHDR of 13',
    });
  });

  it('tells type and dimensions as soon as their bytes came', () => {
    const inspector = new ImageInspector();
    const png = fixture('png-rgb-70x46.png');
    inspector.push(png.subarray(0, 7));
    expect([inspector.signatureDecided, inspector.type, inspector.width]).toEqual([
      false,
      undefined,
      undefined,
    ]);
    inspector.push(png.subarray(7, 8));
    expect(inspector.signatureDecided).toBe(true);
    expect(inspector.type).toEqual({ name: 'PNG', mediaType: 'image/png', extension: 'png' });
    inspector.push(png.subarray(8, 29));
    expect([inspector.width, inspector.height, inspector.bytesSeen]).toEqual([70, 46, 29]);
  });

  it('keeps no chunk: its memory does not grow with the body', () => {
    const inspector = new ImageInspector();
    inspector.push(Uint8Array.of(0xff, 0xd8, 0xff));
    const chunk = new Uint8Array(1024 * 1024);
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 64; count++) inspector.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    expect(inspector.bytesSeen).toBe(3 + 64 * 1024 * 1024);
  });
});
