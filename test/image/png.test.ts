import { describe, expect, it } from 'vitest';
import { fixture, inspect, reasonOf } from './inspect.js';

const PNG = fixture('png-bilevel-70x46.png');
const SIGNATURE = PNG.subarray(0, 8);
const IHDR = PNG.subarray(8, 33);

function chunk(type: string, data: Uint8Array, length = data.length): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, data, Buffer.alloc(4)]);
}

const IDAT = chunk('IDAT', Buffer.alloc(10));
const IEND = chunk('IEND', Buffer.alloc(0));

function png(...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks]);
}

describe('walkPng', () => {
  it('follows any chunk to IEND, an IEND inside the data of one aside', () => {
    const text = chunk('tEXt', IEND);
    expect(reasonOf(png(IHDR, text, IDAT, IDAT, text, IEND))).toBeUndefined();
    expect(reasonOf(png(IHDR, IDAT, text))).toContain("inside a chunk's header");
  });

  it('wants the CRC of IEND as well', () => {
    expect(reasonOf(png(IHDR, IDAT, IEND).subarray(0, -1))).toContain('inside chunk IEND');
  });

  it('refuses a picture without image data', () => {
    expect(reasonOf(png(IHDR, IEND))).toBe('the PNG is damaged: it has no image data (chunk IDAT)');
  });

  it('refuses another first chunk than IHDR of 13 bytes', () => {
    expect(reasonOf(png(IDAT, IHDR, IEND))).toContain('its first chunk is IDAT of 10 bytes');
    expect(reasonOf(png(chunk('IHDR', Buffer.alloc(12)), IDAT, IEND))).toContain(
      'its first chunk is IHDR of 12 bytes',
    );
  });

  it('refuses dimensions of 0', () => {
    const header = Buffer.from(IHDR);
    header.writeUInt32BE(0, 12);
    expect(reasonOf(png(header, IDAT, IEND))).toBe('the PNG is damaged: its header declares 70 x 0 pixels');
    expect(inspect(png(header, IDAT, IEND)).width).toBeUndefined();
  });

  it('refuses a type that is not four letters, and shows none of it', () => {
    const reason = reasonOf(png(IHDR, chunk('I\x1b[m', Buffer.alloc(3)), IDAT, IEND));
    expect(reason).toBe('the PNG is damaged: the chunk at byte 33 has a type that is not four letters');
  });

  it('refuses a length of more than 2^31 - 1, and waits for one of just that', () => {
    const data = Buffer.alloc(4);
    expect(reasonOf(png(IHDR, chunk('IDAT', data, 2 ** 31)))).toContain('is 2147483648 bytes long');
    expect(reasonOf(png(IHDR, chunk('IDAT', data, 2 ** 31 - 1)))).toContain('inside chunk IDAT');
  });
});
