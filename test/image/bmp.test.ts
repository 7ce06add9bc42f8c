import { describe, expect, it } from 'vitest';
import { fixture, inspect, reasonOf } from './inspect.js';

interface Header {
  readonly size?: number;
  readonly width?: number;
  readonly height?: number;
  readonly bits?: number;
  readonly compression?: number;
  readonly imageSize?: number;
  readonly offset?: number;
  readonly fileSize?: number;
  readonly colors?: number;
}

function header(options: Header): Buffer {
  const { size = 40, width = 5, height = 3, bits = 24, colors = 0 } = options;
  const { compression = 0, imageSize = 0, offset = 14 + size, fileSize = 0 } = options;
  const bytes = Buffer.alloc(14 + size);
  bytes.write('BM');
  bytes.writeUInt32LE(fileSize, 2);
  bytes.writeUInt32LE(offset, 10);
  bytes.writeUInt32LE(size, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(bits, 28);
  if (size > 16) {
    bytes.writeUInt32LE(compression, 30);
    bytes.writeUInt32LE(imageSize, 34);
    bytes.writeUInt32LE(colors, 46);
  }
  return bytes;
}

/** How many bytes the walker wants after the header: the fewest that make the picture whole. */
function wanted(start: Buffer): number {
  const body = Buffer.concat([start, Buffer.alloc(4000)]);
  for (let length = start.length; length <= body.length; length++) {
    if (inspect(body.subarray(0, length)).verdict.outcome === 'whole') return length - start.length;
  }
  throw new Error(reasonOf(body));
}

describe('walkBmp', () => {
  it('computes uncompressed rows of whole 32-bit words, whatever the header says of sizes', () => {
    expect(wanted(header({ bits: 24 }))).toBe(16 * 3);
    expect(wanted(header({ bits: 32, imageSize: 7, fileSize: 9 }))).toBe(20 * 3);
    expect(wanted(header({ bits: 16, compression: 3, offset: 66 }))).toBe(12 + 12 * 3);
    expect(wanted(header({ bits: 1, width: 33, offset: 62 }))).toBe(8 + 8 * 3);
    expect(wanted(header({ size: 16, bits: 24 }))).toBe(16 * 3);
  });

  it('counts the rows of a negative height', () => {
    expect(wanted(header({ height: -3 }))).toBe(16 * 3);
    expect(inspect(header({ height: -3 }))).toMatchObject({ width: 5, height: 3 });
  });

  it('takes the stored size of a compressed array, or the size of the file where that is 0', () => {
    expect(wanted(header({ bits: 8, compression: 1, imageSize: 99 }))).toBe(99);
    expect(wanted(header({ bits: 0, compression: 4, imageSize: 99 }))).toBe(99);
    expect(wanted(header({ bits: 4, compression: 2, fileSize: 54 + 70 }))).toBe(70);
    expect(wanted(header({ size: 64, bits: 1, compression: 3, imageSize: 31 }))).toBe(31);
  });

  it('puts the array behind headers and color table where the file header tells no offset', () => {
    expect(wanted(header({ offset: 0 }))).toBe(16 * 3);
    expect(wanted(header({ offset: 0, bits: 8 }))).toBe(1024 + 8 * 3);
    expect(wanted(header({ offset: 0, bits: 8, colors: 16 }))).toBe(64 + 8 * 3);
    expect(wanted(header({ offset: 0, bits: 16, compression: 3 }))).toBe(12 + 12 * 3);
  });

  it('wants a profile that lies behind the array', () => {
    const start = header({ size: 124 });
    start.write('DEBM', 14 + 56, 'latin1');
    start.writeUInt32LE(124 + 60, 14 + 112);
    start.writeUInt32LE(100, 14 + 116);
    expect(wanted(start)).toBe(160);
    start.write('BGRs', 14 + 56, 'latin1');
    expect(wanted(start)).toBe(16 * 3);
  });

  it('refuses dimensions of 0, a negative width, odd depths and an array of no bytes', () => {
    expect(reasonOf(header({ width: 0 }))).toBe(
      'the BMP is damaged: its header declares 0 x 3 pixels of 24 bits',
    );
    expect(reasonOf(header({ width: -5 }))).toContain('-5 x 3 pixels');
    expect(reasonOf(header({ height: 0 }))).toContain('5 x 0 pixels');
    expect(reasonOf(header({ bits: 4000 }))).toContain('of 4000 bits');
    expect(reasonOf(header({ compression: 1 }))).toContain('a pixel array of 0 bytes');
  });

  it('reads a core header of 12 bytes', () => {
    expect(inspect(fixture('bmp-core-23x15.bmp'))).toMatchObject({ width: 23, height: 15 });
  });
});
