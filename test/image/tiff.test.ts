import { describe, expect, it } from 'vitest';
import { walkTiff } from '../../src/image/tiff.js';
import { expectFollowed, walked } from './walked.js';

const SHORT = 3;
const LONG = 4;
const ASCII = 2;
const UNDEFINED = 7;

/** Tag, type, count, and the value, or the offset of the values. */
type Entry = readonly [tag: number, type: number, count: number, value: number];

function short(tag: number, value: number): Entry {
  return [tag, SHORT, 1, value];
}

function long(tag: number, value: number): Entry {
  return [tag, LONG, 1, value];
}

function directory(entries: readonly Entry[], next = 0): Buffer {
  const out = Buffer.alloc(2 + entries.length * 12 + 4);
  out.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, type, count, value], index) => {
    const at = 2 + index * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(count, at + 4);
    out.writeUInt32LE(value, at + 8);
  });
  out.writeUInt32LE(next, out.length - 4);
  return out;
}

function longs(...values: readonly number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    out.writeUInt32LE(value, index * 4);
  });
  return out;
}

/** A file of `length` bytes with each part at its offset; the first directory's offset is `first`. */
function file(length: number, first: number, parts: Readonly<Record<number, Buffer>>): Buffer {
  const out = Buffer.alloc(length, 0x5a);
  out.write('II*\0', 0, 'latin1');
  out.writeUInt32LE(first, 4);
  for (const [offset, part] of Object.entries(parts)) part.copy(out, Number(offset));
  return out;
}

const SIZE = [short(256, 70), short(257, 46)] as const;
/** One strip of 100 bytes. */
function strip(offset: number): readonly Entry[] {
  return [...SIZE, long(273, offset), long(279, 100)];
}

describe('walkTiff', () => {
  it('follows a directory that comes before its data', () => {
    const { facts } = expectFollowed(walkTiff, file(300, 8, { 8: directory(strip(200)) }));
    expect(facts).toMatchObject({ width: 70, height: 46 });
  });

  it('looks back for arrays that lie before the directory', () => {
    const entries = [...SIZE, [273, LONG, 3, 8], [279, LONG, 3, 20]] as const;
    const parts = { 8: longs(400, 600, 500), 20: longs(10, 50, 10), 40: directory(entries) };
    expectFollowed(walkTiff, file(650, 40, parts));
  });

  it('takes the length of the strip that begins last, also where the lengths lie behind the data', () => {
    const entries = [...SIZE, [273, LONG, 3, 100], [279, SHORT, 3, 700]] as const;
    const lengths = Buffer.from([1, 0, 90, 0, 1, 0]);
    const parts = { 8: directory(entries), 100: longs(400, 660, 500), 700: lengths };
    expectFollowed(walkTiff, file(750, 8, parts));
  });

  it('reads arrays of any length in pieces', () => {
    const count = 50_000;
    const offsets = longs(...Array.from({ length: count }, (_, index) => 500_000 + index));
    const lengths = longs(...Array.from({ length: count }, (_, index) => (index === count - 1 ? 77 : 1)));
    const entries = [...SIZE, [324, LONG, count, 100], [325, LONG, count, 100 + count * 4]] as const;
    const parts = { 8: directory(entries), 100: offsets, [100 + count * 4]: lengths };
    const body = file(500_000 + count - 1 + 77, 8, parts);
    expect(walked(walkTiff, body)).toMatchObject({ whole: true, position: body.length });
    expect(walked(walkTiff, body, 1000)).toEqual(walked(walkTiff, body));
    expect(walked(walkTiff, body.subarray(0, -1)).whole).toBe(false);
  });

  it('requires only what is known where the offsets lie more than 256 KiB back', () => {
    const entries = [...SIZE, [273, LONG, 2, 8], [279, LONG, 2, 16]] as const;
    const beyond = longs(1_000_000, 2_000_000, 10, 10);
    for (const [at, isKnown] of [
      [262_000, true],
      [263_000, false],
    ] as const) {
      const body = file(at + directory(entries).length, at, { 8: beyond, [at]: directory(entries) });
      expect(walked(walkTiff, body).whole).toBe(!isKnown);
      expect(walked(walkTiff, body, 4096)).toEqual(walked(walkTiff, body));
    }
  });

  it('requires values that lie outside the directory, of known types', () => {
    const software: Entry = [305, ASCII, 20, 400];
    expectFollowed(walkTiff, file(420, 8, { 8: directory([...strip(200), software]) }));
    const unknown: Entry = [50_000, 99, 1000, 4000];
    expectFollowed(walkTiff, file(300, 8, { 8: directory([...strip(200), unknown]) }));
  });

  it.each([330, 34665, 34853, 40965])('follows the directory of tag %i', (tag) => {
    const inner = directory([[37500, UNDEFINED, 30, 600]]);
    expectFollowed(walkTiff, file(630, 8, { 8: directory([...strip(200), long(tag, 400)]), 400: inner }));
  });

  it('follows an array of directories, behind and ahead', () => {
    const entries = [...strip(700), [330, 13, 2, 100]] as const;
    const parts = {
      10: directory([]),
      120: directory(entries),
      100: longs(10, 300),
      300: directory([long(273, 850), long(279, 50)]),
    };
    expectFollowed(walkTiff, file(900, 120, parts));
  });

  it('follows the chain of directories and tells the size of the first', () => {
    const second = directory([short(256, 9), short(257, 9), long(273, 500), long(279, 9)]);
    const parts = { 8: directory(strip(200), 400), 400: second };
    expect(expectFollowed(walkTiff, file(509, 8, parts)).facts).toMatchObject({ width: 70, height: 46 });
  });

  it('tells the size of the full picture where the first directory is a reduced one', () => {
    const small = [long(254, 1), short(256, 7), short(257, 4), long(330, 300), long(273, 200), long(279, 9)];
    const full = directory([long(254, 0), ...strip(400)]);
    const { facts } = expectFollowed(walkTiff, file(500, 8, { 8: directory(small), 300: full }));
    expect(facts).toMatchObject({ width: 70, height: 46 });
  });

  it('requires a JPEG stream that two values place', () => {
    const entries = [...SIZE, long(513, 300), long(514, 40)];
    expectFollowed(walkTiff, file(340, 8, { 8: directory(entries) }));
  });

  it('requires the beginning of strips without lengths', () => {
    expectFollowed(walkTiff, file(300, 8, { 8: directory([...SIZE, long(273, 300)]) }));
  });

  it('reads BigTIFF in both byte orders, values of 8 bytes included', () => {
    for (const isLittle of [true, false]) {
      const out = new DataView(new ArrayBuffer(400));
      const order = isLittle ? 0x4949 : 0x4d4d;
      out.setUint16(0, order);
      for (const [at, value] of [
        [2, 43],
        [4, 8],
      ] as const)
        out.setUint16(at, value, isLittle);
      out.setBigUint64(8, 16n, isLittle);
      out.setBigUint64(16, 4n, isLittle);
      const entries = [
        [256, 16, 70n],
        [257, 16, 46n],
        [273, 16, 300n],
        [279, 16, 100n],
      ] as const;
      entries.forEach(([tag, type, value], index) => {
        out.setUint16(24 + index * 20, tag, isLittle);
        out.setUint16(26 + index * 20, type, isLittle);
        out.setBigUint64(28 + index * 20, 1n, isLittle);
        out.setBigUint64(36 + index * 20, value, isLittle);
      });
      const { facts } = expectFollowed(walkTiff, new Uint8Array(out.buffer));
      expect(facts).toMatchObject({ width: 70, height: 46 });
    }
  });

  it('gives up a chain that leads back to itself', () => {
    const parts = { 8: directory(strip(200), 100), 100: directory(strip(200), 8) };
    expect(walked(walkTiff, file(300, 8, parts)).failure).toMatch(
      /^at byte \d+ there is a part that was read again/,
    );
  });

  it('gives up a file in which too many directories wait', () => {
    const offsets = longs(...Array.from({ length: 5000 }, (_, index) => 100_000 + index));
    const parts = { 8: directory([...strip(200), [330, LONG, 5000, 400]]), 400: offsets };
    expect(walked(walkTiff, file(200_000, 8, parts)).failure).toBe(
      'more than 4096 directories and arrays wait to be read',
    );
  });

  const BIG = Buffer.from('II+\0\b\0\0\0', 'latin1');
  it.each([
    [
      'another kind',
      Buffer.from('II\x2c\0\b\0\0\0', 'latin1'),
      'a TIFF of kind 44 is not known, only 42 and 43',
    ],
    ['no byte order', Buffer.from('IM*\0\b\0\0\0', 'latin1'), 'a TIFF begins with its byte order, II or MM'],
    [
      'a BigTIFF with narrow offsets',
      Buffer.from('II+\0\x04\0\0\0', 'latin1'),
      'a BigTIFF with offsets of 4 bytes is not known, only 8',
    ],
    [
      'a directory inside the header',
      file(300, 4, {}),
      'the first directory is said to be at byte 4, inside the header',
    ],
    [
      'a file without image data',
      file(300, 8, { 8: directory(SIZE) }),
      'no directory of the TIFF has image data',
    ],
    [
      'an empty directory in the chain',
      file(300, 8, { 8: directory(strip(200), 100), 100: directory([]) }),
      'a directory at byte 100 has no entries',
    ],
    [
      'a number above 2^53-1',
      Buffer.concat([BIG, Buffer.alloc(8, 0xff)]),
      'a BigTIFF has a number above 2^53-1: 18446744073709551615',
    ],
    [
      'a directory with more entries than any',
      Buffer.concat([BIG, Buffer.from([16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])]),
      'a directory at byte 16 is said to have 65536 entries',
    ],
  ])('refuses %s', (_, body, reason) => {
    expect(walked(walkTiff, body).failure).toBe(reason);
  });
});
