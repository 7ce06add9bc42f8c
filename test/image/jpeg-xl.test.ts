import { describe, expect, it } from 'vitest';
import { walkJpegXl, walkJpegXlContainer } from '../../src/image/jpeg-xl.js';
import {
  DEFAULT_METADATA,
  type Field,
  HEADER_END,
  KEPT_HEADER,
  LARGE,
  NO,
  packed,
  SIGNATURE,
  SMALL,
  way,
  YES,
  zeros,
} from './packed-bits.js';
import { box, expectFollowed, fields, openBox, walked } from './walked.js';

const UNPERMUTED = NO;

/** A table of contents of so many sections of 5 bytes, and the sections. */
function sections(count: number): Buffer {
  const table = packed(...Array.from({ length: count }, () => way(0, 5, 10)).flat());
  return Buffer.concat([table, Buffer.alloc(5 * count, 0xa5)]);
}

/** All defaults: the last frame, one section. */
const LAST = Buffer.concat([packed(YES, UNPERMUTED), sections(1)]);

describe('walkJpegXl', () => {
  it('ends with the last frame, whatever follows', () => {
    const file = Buffer.concat([SIGNATURE, packed(...SMALL, ...DEFAULT_METADATA), LAST]);
    expect(expectFollowed(walkJpegXl, file).facts).toMatchObject({ width: 16, height: 8 });
    expect(walked(walkJpegXl, Buffer.concat([file, file])).position).toBe(file.length);
  });

  it('counts the sections of groups, and of groups in every pass', () => {
    const start = [SIGNATURE, packed(...LARGE, ...DEFAULT_METADATA)];
    const single = packed(YES, UNPERMUTED);
    expectFollowed(walkJpegXl, Buffer.concat([...start, single, sections(1 + 1 + 1 + 4)]));
    const passes = [...way(2), ...way(1), [0, 4], ...way(1), ...way(0)] as const;
    const header = [
      NO,
      [0, 2],
      NO,
      [0, 2],
      [0, 2],
      [3, 3],
      [2, 3],
      ...passes,
      NO,
      [0, 2],
      YES,
      ...HEADER_END,
    ] as const;
    const frame = packed(...header, UNPERMUTED);
    expectFollowed(walkJpegXl, Buffer.concat([...start, frame, sections(1 + 1 + 1 + 4 * 3)]));
  });

  it('reads all that metadata may have before the frames', () => {
    const floats = (count: number) => zeros(16 * count);
    const channel = (type: readonly Field[], ...more: readonly Field[]) =>
      [NO, ...type, NO, ...way(0), ...way(0), ...way(1, 2, 4), ...zeros(16), ...more] as const;
    const extras = [
      YES,
      [5, 3],
      YES,
      ...SMALL,
      YES,
      YES,
      ...way(0),
      [7, 3],
      YES,
      ...way(0),
      ...way(0),
      ...way(1, 3, 3),
      YES,
    ] as const;
    const channels = [
      ...way(2, 2, 4),
      YES,
      ...channel(way(0), YES),
      ...channel(way(2, 0, 4), ...floats(4)),
      ...channel(way(2, 3, 4), ...way(2, 4, 4)),
    ] as const;
    const point = [...way(0, 9, 19), ...way(3, 9, 21)] as const;
    const colour = [
      NO,
      NO,
      ...way(0),
      ...way(2, 0, 4),
      ...point,
      ...way(2, 0, 4),
      ...point,
      ...point,
      ...point,
      YES,
      [45455, 24],
      ...way(1),
    ] as const;
    const tone = [NO, ...floats(2), YES, ...floats(1)] as const;
    // Extensions 0 and 2, of 5 and 18 bits.
    const extensions = [...way(1, 4, 4), ...way(1, 4, 4), ...way(2, 1, 8), ...zeros(23)] as const;
    const transform = [NO, NO, ...floats(16), [7, 3], ...floats(15 + 55 + 210)] as const;
    const depth = [YES, ...way(1), [4, 4]] as const;
    const metadata = [
      NO,
      ...extras,
      ...depth,
      YES,
      ...channels,
      YES,
      ...colour,
      ...tone,
      ...extensions,
      ...transform,
    ] as const;
    const file = Buffer.concat([
      SIGNATURE,
      packed(...LARGE, ...metadata),
      LAST,
      packed(YES, UNPERMUTED),
      sections(7),
    ]);
    expectFollowed(walkJpegXl, file);
  });

  it('follows frames of every kind to the last', () => {
    const animation = [NO, YES, [0, 3], NO, NO, YES, ...way(0), ...way(0), ...way(0), YES] as const;
    const metadata = [...animation, NO, ...way(0), YES, ...way(1), YES, NO, YES, YES, [0, 2], YES] as const;
    const start = [SIGNATURE, packed(...LARGE, ...metadata)];
    const upsampling = [...way(0), ...way(0)] as const;
    const plain = [[0, 2], NO, ...upsampling] as const;
    // An LF frame of level 1, modular, groups of 128, its filter with everything custom: 38 x 35, so one section.
    const custom = [
      NO,
      YES,
      YES,
      ...zeros(96),
      [2, 2],
      YES,
      ...zeros(80),
      YES,
      ...zeros(48 + 16),
      [0, 2],
    ] as const;
    const named = [...way(1, 3, 4), ...zeros(24)] as const;
    const lf = [
      NO,
      [1, 2],
      YES,
      ...plain,
      [0, 2],
      ...way(0),
      ...way(0),
      ...named,
      ...custom,
      [0, 2],
    ] as const;
    // A reference frame in YCbCr, cropped to 300 x 9, so two groups.
    const crop = [...way(1, 44, 11), ...way(0, 9, 8)] as const;
    const ycbcr = [[0, 2], YES, [0, 6], ...upsampling] as const;
    const reference = [NO, [2, 2], NO, ...ycbcr, YES, ...crop, [1, 2], YES, ...HEADER_END] as const;
    // Shown for a while, as large and 3, 4 to the right and below, blended with alpha; its filter custom too.
    const origin = [...way(0, 6, 8), ...way(0, 8, 8)] as const;
    const blended = [...way(2), ...way(0), YES, [1, 2], ...way(3, 1, 2), YES, [1, 2]] as const;
    const timed = [...way(2, 9, 8), [77, 32]] as const;
    const filter = [NO, NO, [1, 2], YES, ...zeros(128), NO, YES, ...zeros(64), [0, 2]] as const;
    const shown = [
      ...[NO, [0, 2], NO, ...plain, ...way(0), YES, ...origin, ...crop, ...blended, ...timed, NO, [1, 2]],
      ...[...way(0), ...filter, [0, 2]],
    ] as const;
    // The last one takes its LF from the LF frame, which leaves fields out.
    const last = [
      ...[NO, [0, 2], NO, ...way(2, 15, 8), NO, ...way(0), NO, ...way(0), ...way(0), ...way(0), [0, 32], YES],
      ...HEADER_END,
    ] as const;
    const frames: readonly (readonly [readonly Field[], number])[] = [
      [lf, 1],
      [reference, 5],
      [shown, 5],
      [last, 7],
    ];
    const written = frames.flatMap(([header, count]) => [packed(...header, UNPERMUTED), sections(count)]);
    expectFollowed(walkJpegXl, Buffer.concat([...start, ...written]));
  });

  it('follows a frame that is not the last to the next', () => {
    const start = [SIGNATURE, packed(...SMALL, ...DEFAULT_METADATA)];
    const kept = packed(...KEPT_HEADER, UNPERMUTED);
    expectFollowed(walkJpegXl, Buffer.concat([...start, kept, sections(1), kept, sections(1), LAST]));
  });

  const PERMUTED = YES;
  /** Eight contexts in one cluster, prefix coded, numbers that are their symbols. */
  const CODED = [YES, [0, 2], YES, [15, 4]] as const;
  /** Of two symbols 0 and 1, in one bit each. */
  const ONE_BIT = [YES, [0, 4], [1, 2], [1, 2], [0, 1], [1, 1]] as const;

  it('reads a permuted table of contents', () => {
    const start = [SIGNATURE, packed(...LARGE, ...DEFAULT_METADATA)];
    const frame = packed(YES, PERMUTED, NO, ...CODED, ...ONE_BIT, YES, YES);
    expectFollowed(walkJpegXl, Buffer.concat([...start, frame, sections(7)]));
  });

  it('reads a prefix code whose lengths are coded, in runs', () => {
    const picture = [NO, ...way(1, 599, 13), [1, 3]] as const;
    const start = [SIGNATURE, packed(...picture, ...DEFAULT_METADATA)];
    // The code of lengths, in the order of RFC 7932 3.5: 2 has length 1, 16 and 17 have length 2.
    const one = [[3, 2], YES, NO] as const;
    const two = [[3, 2], NO] as const;
    const none = [0, 2] as const;
    const lengthsOfLengths = [[0, 2], none, ...one, none, none, none, none, ...two, none, ...two] as const;
    // Nine symbols: a run of five zeros, a 2, a run of three of the same.
    const lengths = [YES, YES, [2, 3], NO, YES, NO, [0, 2]] as const;
    // So 5, 6, 7 and 8 have two bits each. The count 5, and the codes 5, 6, 7, 8, 5.
    const stream = [NO, NO, NO, NO, NO, YES, YES, NO, YES, YES, NO, NO] as const;
    const size = [YES, [3, 4], [0, 3]] as const;
    const frame = packed(YES, PERMUTED, NO, ...CODED, ...size, ...lengthsOfLengths, ...lengths, ...stream);
    expectFollowed(walkJpegXl, Buffer.concat([...start, frame, sections(1 + 1 + 1 + 9)]));
  });

  it('reads a permuted table of contents whose numbers are copied', () => {
    const start = [SIGNATURE, packed(...LARGE, ...DEFAULT_METADATA)];
    // Symbols from 8 on are copies, of at least 3. Nine contexts in two clusters, the second for distances.
    const copies = [YES, ...way(3, 0, 15), ...way(0), [8, 4]] as const;
    const map = [YES, [1, 2], ...zeros(8), YES] as const;
    // Nine symbols, of them 1, 4 and 8 in use: 1 in one bit, the others in two.
    const numbers = [
      [1, 2],
      [2, 2],
      [1, 4],
      [4, 4],
      [8, 4],
    ] as const;
    const sizes = [YES, [3, 4], [0, 3], NO] as const;
    // The count 4, the code 1, and a copy of three from one number back, whose distance takes no bits.
    const stream = [YES, NO, NO, YES, YES] as const;
    const coded = [...map, YES, [15, 4], [15, 4], ...sizes, ...numbers, ...stream] as const;
    const frame = packed(YES, PERMUTED, ...copies, ...coded, YES);
    expectFollowed(walkJpegXl, Buffer.concat([...start, frame, sections(7)]));
  });

  it.each([
    [
      'a permutation with too large a code',
      [NO, ...CODED, YES, [3, 4], [0, 3], [1, 2], [0, 2], [8, 4]],
      'a permutation of 7 sections has 8 codes',
    ],
    [
      'numbers whose bits do not fit',
      [NO, YES, [0, 2], YES, [4, 4], [5, 3]],
      'numbers of 5 upper and 0 lower bits begin at 2^4',
    ],
    [
      'an alphabet that is too large',
      [NO, ...CODED, YES, [15, 4], [1, 15]],
      'an alphabet has 32770 symbols, more than 32768',
    ],
    [
      'a prefix code with one symbol twice',
      [NO, ...CODED, YES, [0, 4], [1, 2], [1, 2], [1, 1], [1, 1]],
      "a prefix code for 2 symbols has symbol 1 where it can't be",
    ],
    [
      'an ANS stream with a wrong end',
      [NO, YES, [0, 2], NO, [0, 2], [5, 3], YES, NO, NO, [0x123456, 32]],
      'an entropy coded stream ends with the state 1193046 instead of 1245184',
    ],
    [
      'a distribution with one symbol twice',
      [NO, YES, [0, 2], NO, [0, 2], [5, 3], YES, YES, NO, NO],
      'a distribution of two symbols has the same one twice',
    ],
    [
      'a distribution with a symbol outside its alphabet',
      [NO, YES, [0, 2], NO, [0, 2], [5, 3], YES, NO, YES, [5, 3], [0, 5]],
      'a distribution over 32 symbols has symbol 32',
    ],
  ] as const)('refuses %s', (_, coded, reason) => {
    const start = [SIGNATURE, packed(...LARGE, ...DEFAULT_METADATA)];
    const frame = packed(YES, PERMUTED, ...coded);
    expect(walked(walkJpegXl, Buffer.concat([...start, frame])).failure).toBe(reason);
  });

  it('refuses a frame of more sections than are followed', () => {
    const vast = [NO, ...way(3, 2 ** 20 - 1, 30), [1, 3]] as const;
    const file = Buffer.concat([SIGNATURE, packed(...vast, ...DEFAULT_METADATA), LAST]);
    expect(walked(walkJpegXl, file).failure).toMatch(/^a frame of 17039362 sections is not followed/);
  });

  it('refuses more frames than are followed', () => {
    const start = [SIGNATURE, packed(...SMALL, ...DEFAULT_METADATA)];
    const tiny = packed(...KEPT_HEADER, UNPERMUTED);
    const empty = Buffer.concat([tiny, packed(...way(0, 0, 10))]);
    const frames = Buffer.concat(Array.from({ length: 65537 }, () => empty));
    expect(walked(walkJpegXl, Buffer.concat([...start, frames])).failure).toBe(
      'more than 65536 frames are not followed',
    );
  });

  it('refuses another signature', () => {
    expect(walked(walkJpegXl, Buffer.from([0xff, 0x0b])).failure).toBe(
      'at byte 0 no JPEG XL codestream begins',
    );
  });
});

describe('walkJpegXlContainer', () => {
  const START = [box('JXL ', fields(4, 0x0d0a870a)), box('ftyp', Buffer.from('jxl \0\0\0\0jxl ', 'latin1'))];
  const STREAM = Buffer.concat([SIGNATURE, packed(...SMALL, ...DEFAULT_METADATA), LAST]);
  const LAST_PART = 0x80000000;
  const part = (number: number, content: Buffer) => box('jxlp', fields(4, number), content);

  it.each([
    ['one box with a size', [box('jxlc', STREAM)]],
    ['one box to the end of the file', [openBox('jxlc', STREAM)]],
    [
      'parts',
      [
        part(0, STREAM.subarray(0, 3)),
        part(1, STREAM.subarray(3, 3)),
        part(LAST_PART + 2, STREAM.subarray(3)),
      ],
    ],
    [
      'parts, the last to the end of the file',
      [part(0, STREAM.subarray(0, 3)), openBox('jxlp', fields(4, LAST_PART + 1), STREAM.subarray(3))],
    ],
    ['one box after others', [box('Exif', STREAM), box('jxll', fields(1, 5)), box('jxlc', STREAM)]],
  ])('ends with the codestream in %s, whatever follows', (_, boxes) => {
    const file = Buffer.concat([...START, ...boxes]);
    expect(expectFollowed(walkJpegXlContainer, file).facts).toMatchObject({ width: 16, height: 8 });
    expect(walked(walkJpegXlContainer, Buffer.concat([file, STREAM])).position).toBe(file.length);
  });

  it('ends a box with a size at its end, wherever the codestream ends', () => {
    expectFollowed(walkJpegXlContainer, Buffer.concat([...START, box('jxlc', STREAM, STREAM)]));
  });

  it.each([
    [
      'parts out of order',
      [part(0, STREAM.subarray(0, 3)), part(2, STREAM.subarray(3))],
      "the box 'jxlp' at byte 47 has number 2 instead of 1",
    ],
    ['a part without a number', [box('jxlp', fields(2, 0))], "the box 'jxlp' at byte 32 has no number"],
    [
      'a codestream that is none',
      [box('jxlc', STREAM.subarray(1))],
      'the codestream in the boxes is wrong: at byte 0 no JPEG XL codestream begins',
    ],
    [
      'metadata to the end of the file',
      [openBox('Exif', STREAM)],
      "the box 'Exif' at byte 32 is the last one, and the codestream did not end before it",
    ],
  ])('refuses %s', (_, boxes, reason) => {
    expect(walked(walkJpegXlContainer, Buffer.concat([...START, ...boxes])).failure).toBe(reason);
  });
});
