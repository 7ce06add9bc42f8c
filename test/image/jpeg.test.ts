import { describe, expect, it } from 'vitest';
import { fixture, inspect, reasonOf } from './inspect.js';

const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
const SCAN_DATA = [0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd7, 0x78];

function segment(code: number, ...data: readonly number[]): number[] {
  return [0xff, code, (data.length + 2) >> 8, (data.length + 2) & 0xff, ...data];
}

function frame(code = 0xc0, height = 16): number[] {
  return segment(code, 8, 0, height, 0, 24, 1, 1, 0x11, 0);
}

const SOS = segment(0xda, 1, 1, 0, 0, 63, 0);

function jpeg(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([...SOI, ...parts.flat()]);
}

describe('walkJpeg', () => {
  it('passes stuffed zeros, restart markers and fill bytes in the scan data', () => {
    const { verdict, width, height } = inspect(jpeg(frame(), SOS, SCAN_DATA, [0xff, 0xff, 0xff], EOI));
    expect([verdict.outcome, width, height]).toEqual(['whole', 24, 16]);
  });

  it('does not end at an EOI inside a segment', () => {
    const thumbnail = segment(0xe1, ...SOI, ...frame(), ...SOS, 1, ...EOI);
    const comment = segment(0xfe, ...EOI);
    const body = jpeg(thumbnail, frame(), comment, SOS, SCAN_DATA);
    expect(reasonOf(body)).toContain('inside the scan data');
    expect(reasonOf(Uint8Array.from([...body, ...EOI]))).toBeUndefined();
  });

  it('does not end at an EOI inside a table between two scans', () => {
    const body = jpeg(frame(0xc2), SOS, SCAN_DATA, segment(0xc4, 1, ...EOI), SOS, SCAN_DATA);
    expect(reasonOf(body)).toBeDefined();
    expect(reasonOf(Uint8Array.from([...body, ...EOI]))).toBeUndefined();
  });

  it('passes garbage, zeros and fill bytes between segments, as libjpeg does', () => {
    const garbage = [0x00, 0x13, 0xff, 0x00, 0xff, 0x01, 0x77, 0xff];
    expect(
      reasonOf(jpeg([0xff], frame(), garbage, segment(0xfe, 1), garbage, SOS, SCAN_DATA, EOI)),
    ).toBeUndefined();
  });

  it('takes codes that can not follow a scan for damage within its data', () => {
    expect(
      reasonOf(jpeg(frame(), SOS, [0xff, 0x02, 0xff, 0xbf, 0xff, 0xf3], SCAN_DATA, EOI)),
    ).toBeUndefined();
  });

  it('passes a comment whose length is less than its own two bytes, as libjpeg does', () => {
    expect(reasonOf(jpeg([0xff, 0xfe, 0, 0], frame(), SOS, SCAN_DATA, EOI))).toBeUndefined();
  });

  it.each([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xf7])(
    'reads the dimensions from the frame header %i',
    (code) => {
      const { width, height } = inspect(jpeg(frame(code), SOS, SCAN_DATA, EOI));
      expect([width, height]).toEqual([24, 16]);
    },
  );

  it.each([0xc4, 0xc8, 0xcc])('takes %i, which lies between the frame headers, for none', (code) => {
    expect(reasonOf(jpeg(frame(code), SOS, SCAN_DATA, EOI))).toContain('before any frame header (SOF)');
  });

  it('takes a height of 0 from DNL', () => {
    const body = jpeg(frame(0xc0, 0), SOS, SCAN_DATA, segment(0xdc, 1, 2), EOI);
    expect(inspect(body)).toMatchObject({ verdict: { outcome: 'whole' }, width: 24, height: 258 });
    expect(inspect(body.subarray(0, 30))).toMatchObject({ width: 24, height: undefined });
  });

  it('refuses a scan before a frame header, and an end before a scan', () => {
    expect(reasonOf(jpeg(SOS, SCAN_DATA, EOI))).toBe(
      'the JPEG is damaged: a scan (SOS) at byte 2 stands before any frame header (SOF)',
    );
    expect(reasonOf(jpeg(frame(), EOI))).toBe(
      'the JPEG is damaged: its end marker (EOI) at byte 15 stands before any scan',
    );
  });

  it('refuses a frame header that is too short for the dimensions', () => {
    expect(reasonOf(jpeg(segment(0xc0, 8, 0, 1), SOS, SCAN_DATA, EOI))).toBe(
      'the JPEG is damaged: the segment at byte 2 has 3 bytes where it needs 6',
    );
  });

  it('does not take the end of a second picture for that of a cut one before it', () => {
    const picture = jpeg(frame(), SOS, SCAN_DATA, EOI);
    const cut = picture.subarray(0, picture.length - 4);
    expect(reasonOf(Uint8Array.from([...cut, ...picture]))).toBe(
      `the JPEG is damaged: a second picture begins inside it at byte ${cut.length}`,
    );
  });

  it('takes a second picture (MPF) for the tail, even a cut one', () => {
    const first = fixture('jpeg-baseline-70x46.jpg');
    const second = fixture('jpeg-gray-70x46.jpg').subarray(0, 300);
    expect(inspect(Buffer.concat([first, second]))).toMatchObject({
      verdict: { outcome: 'whole' },
      width: 70,
    });
  });
});
