import { describe, expect, it } from 'vitest';
import { inspect, reasonOf } from './inspect.js';

const TRAILER = [0x3b];
const EXTENSION = [0x21, 0xfe, 3, 0x3b, 0x3b, 0x3b, 1, 0x2c, 0];

function screen(width: number, height: number, packed = 0): number[] {
  return [...Buffer.from('GIF89a'), width, 0, height, 0, packed, 0, 0];
}

function image(packed = 0, table: readonly number[] = []): number[] {
  return [0x2c, 0, 0, 0, 0, 5, 0, 7, 0, packed, ...table, 2, 2, 0x3b, 0x3b, 1, 0x21, 0];
}

function gif(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

describe('walkGif', () => {
  it('passes over trailer bytes inside color tables, extensions and image data', () => {
    const tables = [screen(9, 9, 0x80), [0x3b, 0x3b, 0x3b, 0x3b, 0x3b, 0x3b]];
    const local = image(0x81, Array(12).fill(0x3b));
    expect(reasonOf(gif(...tables, EXTENSION, local, EXTENSION))).toContain('inside its blocks');
    expect(reasonOf(gif(...tables, EXTENSION, local, EXTENSION, TRAILER))).toBeUndefined();
  });

  it('passes over stray zeros between blocks', () => {
    expect(reasonOf(gif(screen(9, 9), [0, 0], image(), [0], image(), [0, 0], TRAILER))).toBeUndefined();
  });

  it('takes the dimensions of the screen, or of the first image where the screen has none', () => {
    expect(inspect(gif(screen(9, 8), image(), TRAILER))).toMatchObject({ width: 9, height: 8 });
    expect(inspect(gif(screen(0, 0), image(), TRAILER))).toMatchObject({ width: 5, height: 7 });
  });

  it('refuses a trailer before any image', () => {
    expect(reasonOf(gif(screen(9, 9), EXTENSION, TRAILER))).toBe(
      'the GIF is damaged: its trailer at byte 22 stands before any image',
    );
  });

  it('refuses a byte that begins no block', () => {
    expect(reasonOf(gif(screen(9, 9), image(), [0x07], TRAILER))).toBe(
      'the GIF is damaged: byte 30 begins no block: 0x07',
    );
  });
});
