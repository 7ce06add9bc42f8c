import { describe, expect, test } from 'vitest';
import { reasonOf } from './inspect.js';
import {
  DEFAULT_METADATA,
  type Field,
  HEADER_END,
  KEPT_HEADER,
  NO,
  packed,
  SIGNATURE,
  SMALL,
  way,
  YES,
} from './packed-bits.js';
import { box, fields } from './walked.js';

/** `piece` again and again behind `start`. */
function many(times: number, start: Buffer, piece: Buffer): Buffer {
  return Buffer.concat([start, ...Array(times).fill(piece)]);
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const JPEG_XL = Buffer.concat([SIGNATURE, packed(...SMALL, ...DEFAULT_METADATA)]);
const ONE_SECTION = packed(...way(0, 0, 10));
const PERMUTED = YES;
const EIGHT_CLUSTERS: readonly Field[] = [
  NO,
  YES,
  [3, 2],
  ...Array.from({ length: 8 }, (_, cluster): Field => [cluster, 3]),
];

function eightTimes(of: (cluster: number) => readonly Field[]): Field[] {
  return Array.from({ length: 8 }, (_, cluster) => of(cluster)).flat();
}

/** An ICC profile of so many bytes in a code of one symbol: they take no bits. */
function jpegXlProfile(count: number): Buffer {
  const metadata: Field[] = [NO, NO, NO, ...way(0), YES, ...way(0), YES, NO, YES, ...way(0), ...way(0), YES];
  const groups: Field[] = [
    [3, 2],
    [count % 4096, 12],
  ];
  for (let left = Math.floor(count / 4096); left > 0; left = Math.floor(left / 256))
    groups.push(YES, [left % 256, 8]);
  const coded: Field[] = [NO, NO, YES, [0, 2], YES, [15, 4], NO];
  return Buffer.concat([SIGNATURE, packed(...SMALL, ...metadata, ...groups, ...coded)]);
}

/** A frame with eight prefix codes of 32,768 symbols each, of which one is used. */
const PREFIX_FRAME = Buffer.concat([
  packed(
    ...[...KEPT_HEADER, PERMUTED, ...EIGHT_CLUSTERS, YES],
    ...eightTimes(() => [[15, 4]]),
    ...eightTimes(() => [YES, [14, 4], [16383, 14]]),
    ...eightTimes(() => [
      [1, 2],
      [0, 2],
      [0, 15],
    ]),
  ),
  ONE_SECTION,
]);

/** A frame with eight ANS codes of 256 symbols; the one that is used has one symbol, the others two. */
const ANS_FRAME = Buffer.concat([
  packed(
    ...[...KEPT_HEADER, PERMUTED, ...EIGHT_CLUSTERS, NO, [3, 2] as Field],
    ...eightTimes(() => [[8, 4]]),
    ...eightTimes((cluster) => (cluster === 1 ? [YES, NO, NO] : [YES, YES, NO, YES, [0, 3], [2048, 12]])),
    [0x130000, 32],
  ),
  ONE_SECTION,
]);

const CHANNELS = 4096;
/** Frames that say of 4,096 extra channels how each is blended. */
const CHANNELS_START = Buffer.concat([
  SIGNATURE,
  packed(
    ...[...SMALL, NO, NO, NO, ...way(0), YES, ...way(3, CHANNELS - 1, 12)],
    ...Array(CHANNELS).fill(YES),
    ...[YES, YES, ...way(0), YES],
  ),
]);
const CHANNELS_FRAME = Buffer.concat([
  packed(
    ...[NO, ...way(0), NO, ...way(0), ...way(0), [0, 2 * CHANNELS - 31] as Field],
    ...Array<Field>(31).fill(NO),
    ...[[0, 6] as Field, ...way(0), NO, ...way(0)],
    ...Array<Field>(CHANNELS).fill([0, 2]),
    ...[NO, [1, 2] as Field, YES, ...HEADER_END, NO],
  ),
  ONE_SECTION,
]);

/** A chain of so many TIFF directories of `entries` entries. */
function tiffChain(directories: number, entries: number): Buffer {
  const size = 2 + entries * 12 + 4;
  const out = Buffer.alloc(8 + directories * size);
  hex('49492a0008000000').copy(out);
  for (let n = 0; n < directories; n++) {
    const at = 8 + n * size;
    out.writeUInt16LE(entries, at);
    for (let entry = 0; entry < entries; entry++) {
      hex('0001 0300 01000000 46000000').copy(out, at + 2 + entry * 12);
      out.writeUInt16LE(256 + (entry % 60_000), at + 2 + entry * 12);
    }
    out.writeUInt32LE(at + size, at + size - 4);
  }
  return out;
}

/** Bodies of some hundred thousand bytes at most, made to be as much work as can be. None is a whole picture. */
const HOSTILE: readonly [what: string, body: Buffer][] = [
  ['a JPEG XL whose ICC profile takes no bits', jpegXlProfile(4 * 1024 * 1024)],
  ['a JPEG XL of large prefix codes', many(4000, JPEG_XL, PREFIX_FRAME)],
  ['a JPEG XL of ANS codes', many(12_000, JPEG_XL, ANS_FRAME)],
  [
    'a JPEG XL of the smallest frames',
    many(60_000, JPEG_XL, Buffer.concat([packed(...KEPT_HEADER, NO), ONE_SECTION])),
  ],
  ['a JPEG XL of many extra channels', many(200, CHANNELS_START, CHANNELS_FRAME)],
  ['a TIFF of the smallest directories', tiffChain(20_000, 1)],
  ['a TIFF of large directories', tiffChain(2, 20_000)],
  [
    'a GIF of the smallest images',
    many(40_000, Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1'), hex('2c 0000 0000 0100 0100 00 01 00')),
  ],
  [
    'a PNG of empty chunks',
    many(
      40_000,
      hex('89504e470d0a1a0a 0000000d 49484452 00000001 00000001 0800000000 3a7e9b55'),
      hex('00000000 74455874 ffffffff'),
    ),
  ],
  ['a JPEG of empty segments', many(100_000, hex('ffd8'), hex('fffe 0002'))],
  ['a WebP of empty chunks', many(50_000, hex('52494646 ffffff7f 57454250'), hex('41424344 00000000'))],
  ['an AVIF of empty boxes', many(50_000, box('ftyp', Buffer.from('avif\0\0\0\0avif')), box('free'))],
  [
    'a JPEG 2000 of empty segments',
    many(
      100_000,
      Buffer.concat([hex('ff4f ff51 0029 0000'), fields(4, 1, 1, 0, 0, 1, 1, 0, 0), hex('0001 07 01 01')]),
      hex('ff64 0002'),
    ),
  ],
];

/** Processor time, in seconds: twenty times what these take on a quiet machine; large prefix codes once took 200 s a MB. */
const MOST_SECONDS = 5;
const MOST_SECONDS_A_MB = 20;

describe('ImageInspector', () => {
  test.each(HOSTILE)('costs work in proportion to its bytes: %s', (_, body) => {
    const before = process.cpuUsage();
    expect(reasonOf(body)).toMatch(/ends at byte|is damaged/);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(MOST_SECONDS + (body.length / 1e6) * MOST_SECONDS_A_MB);
  });

  test.each(HOSTILE.slice(0, 3))('gives up %s by counting, not by time', (_, body) => {
    expect(reasonOf(body)).toBe(
      'the JPEG XL codestream is damaged: its entropy coding is too much work for its few bits',
    );
  });

  test('follows an ICC profile of 1 MB, however few bits it takes', () => {
    const file = Buffer.concat([jpegXlProfile(1_000_000), packed(YES, NO), ONE_SECTION]);
    expect(reasonOf(file)).toBeUndefined();
  });
});
