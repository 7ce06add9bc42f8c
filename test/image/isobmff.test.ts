import { describe, expect, it } from 'vitest';
import { walkIsobmff } from '../../src/image/isobmff.js';
import { box, expectFollowed, fields, openBox, walked, wideBox } from './walked.js';

const STILL = box('ftyp', Buffer.from('avif\0\0\0\0mif1avif', 'latin1'));
const SEQUENCE = box('ftyp', Buffer.from('avis\0\0\0\0avisavifmsf1', 'latin1'));
const DATA = Buffer.alloc(40, 0x5a);

function fullBox(type: string, version: number, flags: number, ...content: readonly Uint8Array[]): Buffer {
  return box(type, fields(4, version * 2 ** 24 + flags), ...content);
}

interface Item {
  readonly method?: number;
  readonly reference?: number;
  readonly base?: number;
  /** Offset and length of each extent. */
  readonly extents: readonly (readonly [number, number])[];
}

/** `iloc` of version 1 with offsets, lengths and base offsets of 4 bytes; the items count from 1. */
function locations(...items: readonly Item[]): Buffer {
  const entries = items.map((item, index) =>
    Buffer.concat([
      fields(2, index + 1, item.method ?? 0, item.reference ?? 0),
      fields(4, item.base ?? 0),
      fields(2, item.extents.length),
      ...item.extents.map((extent) => fields(4, ...extent)),
    ]),
  );
  return fullBox('iloc', 1, 0, fields(2, 0x4440, items.length), ...entries);
}

function meta(...content: readonly Uint8Array[]): Buffer {
  return fullBox('meta', 0, 0, ...content);
}

const PRIMARY = fullBox('pitm', 0, 0, fields(2, 1));

function size(width: number, height: number): Buffer {
  return fullBox('ispe', 0, 0, fields(4, width, height));
}

/** A file whose only item is `DATA`, in `mdat` after `meta`. */
function still(...content: readonly Uint8Array[]): Buffer {
  const length = meta(PRIMARY, ...content, locations({ extents: [[0, 0]] })).length;
  const start = STILL.length + length + 8;
  return Buffer.concat([
    STILL,
    meta(PRIMARY, ...content, locations({ extents: [[start, DATA.length]] })),
    box('mdat', DATA),
  ]);
}

describe('walkIsobmff', () => {
  it('ends with the box that has the last extent, whatever follows', () => {
    const file = still();
    expectFollowed(walkIsobmff, file);
    expect(walked(walkIsobmff, Buffer.concat([file, box('free', DATA)])).position).toBe(file.length);
  });

  it('follows a meta box that comes after the data', () => {
    const located = locations({ extents: [[STILL.length + 8, DATA.length]] });
    expectFollowed(walkIsobmff, Buffer.concat([STILL, box('mdat', DATA), meta(PRIMARY, located)]));
  });

  it('adds base offsets, and takes the furthest of several extents in several boxes', () => {
    const head = STILL.length + meta(locations({ extents: [] }, { extents: [] })).length + 3 * 8;
    const items = locations(
      {
        base: head,
        extents: [
          [8, 4],
          [48, 8],
        ],
      },
      { extents: [] },
    );
    const file = Buffer.concat([STILL, meta(items), box('mdat', DATA), box('mdat', DATA), box('mdat', DATA)]);
    const end = file.length - (8 + DATA.length);
    expect(walked(walkIsobmff, file)).toMatchObject({ whole: true, position: end });
    expect(walked(walkIsobmff, file.subarray(0, end - 1)).whole).toBe(false);
  });

  it('reads wide boxes, wide offsets and wide item numbers', () => {
    const entry = (start: number) =>
      Buffer.concat([
        fields(4, 70_000),
        fields(2, 0, 0, 1),
        fields(1, 9),
        fields(8, start),
        fields(8, DATA.length),
      ]);
    const located = (start: number) => fullBox('iloc', 2, 0, fields(2, 0x8801), fields(4, 1), entry(start));
    const start = STILL.length + meta(located(0)).length + 16;
    expectFollowed(walkIsobmff, Buffer.concat([STILL, meta(located(start)), wideBox('mdat', DATA)]));
  });

  it('ends a box without a size at the last extent', () => {
    const file = still();
    const open = Buffer.concat([file.subarray(0, -8 - DATA.length), openBox('mdat', DATA)]);
    expectFollowed(walkIsobmff, open);
    expect(walked(walkIsobmff, Buffer.concat([open, DATA])).position).toBe(open.length);
  });

  it('requires items of method 1 to lie inside idat', () => {
    const located = (length: number) => locations({ method: 1, extents: [[8, length]] });
    expectFollowed(walkIsobmff, Buffer.concat([STILL, meta(located(32), box('idat', DATA))]));
    const beyond = walked(walkIsobmff, Buffer.concat([STILL, meta(located(33), box('idat', DATA))]));
    expect(beyond.failure).toBe("an item ends at byte 41 of the box 'idat', which holds 40 bytes");
  });

  it('does not look for items in other files and in other items', () => {
    const items = locations(
      { extents: [[STILL.length, 4]] },
      { reference: 1, extents: [[1e9, 4]] },
      { method: 2, extents: [[1e9, 4]] },
    );
    expectFollowed(walkIsobmff, Buffer.concat([STILL, meta(items)]));
    const nowhere = Buffer.concat([STILL, meta(locations({ reference: 1, extents: [[0, 4]] }))]);
    expect(walked(walkIsobmff, nowhere).whole).toBe(false);
  });

  it('tells the size of the primary item, not of another', () => {
    const properties = box('ipco', size(16, 12), box('irot', fields(1, 1)), size(640, 480));
    const narrow = fullBox(
      'ipma',
      0,
      0,
      fields(4, 2),
      fields(2, 7),
      fields(1, 1, 1),
      fields(2, 1),
      fields(1, 2, 0x82, 3),
    );
    const { facts } = expectFollowed(walkIsobmff, still(box('iprp', properties, narrow)));
    expect([facts.width, facts.height]).toEqual([640, 480]);
    const wide = fullBox(
      'ipma',
      1,
      1,
      fields(4, 2),
      fields(4, 7),
      fields(1, 1),
      fields(2, 1),
      fields(4, 1),
      fields(1, 1),
      fields(2, 0x8003),
    );
    const before = Buffer.concat([
      STILL,
      meta(box('iprp', properties, wide), PRIMARY, locations({ extents: [[0, 9]] })),
    ]);
    expect(expectFollowed(walkIsobmff, before).facts).toMatchObject({ width: 640, height: 480 });
  });

  it('spends no time on extents without fields', () => {
    const entry = Buffer.concat([fields(2, 1, 0, 0xffff)]);
    const entries = Array.from({ length: 60_000 }, () => entry);
    const located = fullBox('iloc', 0, 0, fields(2, 0, entries.length), ...entries);
    expectFollowed(walkIsobmff, Buffer.concat([STILL, meta(located)]));
  });

  it.each([
    ['another first box', box('free', DATA), "the first box is 'free' instead of 'ftyp'"],
    ['a first box without an end', openBox('ftyp', DATA), "the box 'ftyp' at byte 0 has no size of its own"],
    [
      'a box smaller than its header',
      Buffer.concat([STILL, fields(4, 7), Buffer.from('free')]),
      "the box 'free' at byte 24 has size 7, less than its own header",
    ],
    [
      'a box larger than its parent',
      Buffer.concat([STILL, meta(fields(4, 17), Buffer.from('free'), fields(8, 0))]),
      "the box 'free' at byte 36 would end at byte 53, beyond its parent's end at 52",
    ],
    [
      'bytes that are no box',
      Buffer.concat([STILL, fields(4, 16, 0x00ff00ff)]),
      'at byte 24 a box should begin, but its type would be 0x00ff00ff',
    ],
    [
      'an iloc that is too short',
      Buffer.concat([STILL, meta(fullBox('iloc', 1, 0, fields(2, 0x4440, 1)))]),
      "the box 'iloc' at byte 36 ends inside its fields: 8 bytes are too few",
    ],
    [
      'field sizes that there are not',
      Buffer.concat([STILL, meta(fullBox('iloc', 0, 0, fields(2, 0x3300, 1, 1, 0, 1), DATA))]),
      "the box 'iloc' at byte 36 has a field of 3 bytes",
    ],
    [
      'data to the end of the file before meta',
      Buffer.concat([STILL, openBox('mdat', DATA)]),
      "the box 'mdat' at byte 24 is the last one, and no box said where a picture lies",
    ],
  ])('refuses %s', (_, file, reason) => {
    expect(walked(walkIsobmff, file).failure).toBe(reason);
  });
});

interface Tables {
  readonly chunks: readonly number[];
  /** First chunk and samples of each run. */
  readonly runs: readonly (readonly [number, number])[];
  /** One number: every sample's size. */
  readonly sizes: readonly number[] | number;
  readonly isWide?: boolean;
}

function track(tables: Tables): Buffer {
  const { chunks, runs, sizes } = tables;
  const sizeTable = typeof sizes === 'number' ? fields(4, sizes, 100) : fields(4, 0, sizes.length, ...sizes);
  const offsets = tables.isWide
    ? fullBox('co64', 0, 0, fields(4, chunks.length), fields(8, ...chunks))
    : fullBox('stco', 0, 0, fields(4, chunks.length), fields(4, ...chunks));
  const stbl = box(
    'stbl',
    fullBox('stsd', 0, 0, fields(4, 0)),
    fullBox(
      'stsc',
      0,
      0,
      fields(4, runs.length),
      ...runs.map(([first, count]) => fields(4, first, count, 1)),
    ),
    fullBox('stsz', 0, 0, sizeTable),
    offsets,
  );
  const header = fullBox('tkhd', 0, 7, Buffer.alloc(20 + 16 + 36), fields(4, 320 * 65536, 240 * 65536));
  return box('trak', header, box('mdia', box('minf', stbl)));
}

describe('walkIsobmff on a sequence', () => {
  const FAR = Buffer.alloc(2000);

  it.each<[string, Tables]>([
    [
      'the last chunk of several samples',
      {
        chunks: [1000, 1500],
        runs: [
          [1, 2],
          [2, 3],
        ],
        sizes: [9, 9, 5, 6, 7],
      },
    ],
    ['chunks out of order', { chunks: [1500, 1000], runs: [[1, 2]], sizes: [9, 9, 5, 6] }],
    [
      'samples of one size and wide offsets',
      { chunks: [1000, 1500], runs: [[1, 3]], sizes: 6, isWide: true },
    ],
  ])('finds the end of %s', (_, tables) => {
    const head = Buffer.concat([SEQUENCE, box('moov', track(tables)), fields(4, 0), Buffer.from('mdat')]);
    const file = Buffer.concat([head, FAR]).subarray(0, 1518);
    expect(expectFollowed(walkIsobmff, file).facts).toMatchObject({ width: 320, height: 240 });
  });

  it('takes the furthest of two tracks', () => {
    const near: Tables = { chunks: [900], runs: [[1, 1]], sizes: 4 };
    const far: Tables = { chunks: [1200], runs: [[1, 1]], sizes: [30] };
    for (const tracks of [
      [track(near), track(far)],
      [track(far), track(near)],
    ]) {
      const head = Buffer.concat([SEQUENCE, box('moov', ...tracks), fields(4, 0), Buffer.from('mdat')]);
      expectFollowed(walkIsobmff, Buffer.concat([head, FAR]).subarray(0, 1230));
    }
  });

  it('does not end before moov, though all items are inside', () => {
    const items = meta(PRIMARY, locations({ extents: [[0, 8]] }));
    const before = Buffer.concat([SEQUENCE, items, box('mdat', DATA)]);
    expect(walked(walkIsobmff, before).whole).toBe(false);
    const movie = box('moov', track({ chunks: [before.length - 40], runs: [[1, 1]], sizes: 40 }));
    expectFollowed(walkIsobmff, Buffer.concat([before, movie]));
  });

  it('refuses runs of chunks that do not ascend', () => {
    const movie = box(
      'moov',
      track({
        chunks: [0],
        runs: [
          [2, 1],
          [2, 1],
        ],
        sizes: 40,
      }),
    );
    expect(walked(walkIsobmff, Buffer.concat([SEQUENCE, movie])).failure).toBe(
      "in a box 'stsc' chunk 2 follows chunk 2",
    );
  });
});
