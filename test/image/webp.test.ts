import { describe, expect, it } from 'vitest';
import { fixture, inspect, reasonOf } from './inspect.js';

function chunk(type: string, data: Uint8Array, length = data.length): Buffer {
  const header = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  header.writeUInt32LE(length, 4);
  return Buffer.concat([header, data, Buffer.alloc(data.length % 2)]);
}

function webp(chunks: readonly Uint8Array[], more = 0): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  const header = Buffer.from('RIFF\0\0\0\0');
  header.writeUInt32LE(body.length + more, 4);
  return Buffer.concat([header, body]);
}

const VP8 = Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a, 24, 0x40, 16, 0x80, 1, 2, 3]);
const VP8L = Buffer.from([0x2f, 0x17, 0xc0, 0x03, 0x00, 1]);
const VP8X = Buffer.from([0, 0, 0, 0, 0xff, 0x00, 0x01, 0x3f, 0x00, 0x00]);

describe('walkWebp', () => {
  it('reads the dimensions of VP8 without its scale, of VP8L, and of VP8X before those of the frame', () => {
    expect(inspect(webp([chunk('VP8 ', VP8)]))).toMatchObject({ width: 24, height: 16 });
    expect(inspect(webp([chunk('VP8L', VP8L)]))).toMatchObject({ width: 24, height: 16 });
    expect(inspect(webp([chunk('VP8X', VP8X), chunk('VP8 ', VP8)]))).toMatchObject({
      width: 65792,
      height: 64,
    });
  });

  it('ends where the RIFF header says, with or without the last byte of padding', () => {
    const body = webp([chunk('VP8 ', VP8)]);
    expect(reasonOf(body)).toBeUndefined();
    body.writeUInt32LE(body.length - 9, 4);
    expect(reasonOf(body.subarray(0, -1))).toBeUndefined();
    expect(reasonOf(body.subarray(0, -2))).toContain(`its header tells of ${body.length - 1} bytes`);
  });

  it('waits for all that the RIFF header tells of, frames or not', () => {
    expect(reasonOf(webp([chunk('VP8 ', VP8)], 2))).toBe(
      'the WebP ends at byte 34 inside chunk VP8; its header tells of 36 bytes',
    );
  });

  it('refuses a chunk that reaches past the end', () => {
    expect(reasonOf(webp([chunk('VP8 ', VP8, 15)]))).toBe(
      'the WebP is damaged: the chunk at byte 12 is 15 bytes long and reaches past the end of its RIFF at byte 34',
    );
  });

  it('refuses a frame too short for its header, and a file without any', () => {
    expect(reasonOf(webp([chunk('VP8L', VP8L.subarray(0, 4))]))).toContain('has 4 bytes where it needs 5');
    expect(reasonOf(webp([chunk('VP8X', VP8X), chunk('EXIF', VP8)]))).toBe(
      'the WebP is damaged: its 52 bytes hold no frame (VP8, VP8L or ANMF)',
    );
    expect(reasonOf(webp([]))).toBe('the WebP is damaged: its 12 bytes hold no frame (VP8, VP8L or ANMF)');
  });

  it('shows no chunk type that is not printable', () => {
    expect(reasonOf(webp([chunk('\x1b[2J', Buffer.alloc(20))]).subarray(0, 30))).toContain(
      'inside an unknown chunk',
    );
  });

  it('takes what follows the RIFF for the tail', () => {
    const body = fixture('webp-animated-24x16.webp');
    expect(reasonOf(Buffer.concat([body, chunk('VP8 ', VP8, 99999)]))).toBeUndefined();
  });
});
