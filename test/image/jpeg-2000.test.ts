import { describe, expect, it } from 'vitest';
import { walkJp2, walkJpeg2000 } from '../../src/image/jpeg-2000.js';
import { box, expectFollowed, fields, openBox, walked, wideBox } from './walked.js';

const SOC = fields(2, 0xff4f);
const SOD = fields(2, 0xff93);
const EOC = fields(2, 0xffd9);
const DATA = Buffer.from('0011ff8f22ff7fff', 'hex');

/** SIZ with one component; the picture is what lies right of and below the image offset. */
function size(x: number, y: number, offsetX = 0, offsetY = 0): Buffer {
  const grid = fields(4, x, y, offsetX, offsetY, x, y, 0, 0);
  return Buffer.concat([fields(2, 0xff51, 41, 0), grid, fields(2, 1), fields(1, 7, 1, 1)]);
}

function segment(marker: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([fields(2, marker, 2 + body.length), body]);
}

function tilePart(length: number, ...content: readonly Uint8Array[]): Buffer {
  return Buffer.concat([fields(2, 0xff90, 10, 0), fields(4, length), fields(1, 0, 1), ...content]);
}

const CLOSED = tilePart(14 + DATA.length, SOD, DATA);
const STREAM = Buffer.concat([SOC, size(70, 46), segment(0xff64, EOC, SOD), CLOSED, CLOSED, EOC]);

describe('walkJpeg2000', () => {
  it('ends at EOC after the last tile-part, whatever follows', () => {
    expect(expectFollowed(walkJpeg2000, STREAM).facts).toMatchObject({ width: 70, height: 46 });
    expect(walked(walkJpeg2000, Buffer.concat([STREAM, DATA])).position).toBe(STREAM.length);
  });

  it('subtracts the image offset from the reference grid', () => {
    const file = Buffer.concat([SOC, size(75, 49, 5, 3), CLOSED, EOC]);
    expect(expectFollowed(walkJpeg2000, file).facts).toMatchObject({ width: 70, height: 46 });
  });

  it('looks for EOC only behind the header of a tile-part without length', () => {
    const open = tilePart(0, segment(0xff64, EOC, EOC), SOD, DATA);
    expectFollowed(walkJpeg2000, Buffer.concat([SOC, size(70, 46), CLOSED, open, EOC]));
  });

  it.each([
    ['a second marker other than SIZ', [SOC, CLOSED], 'at byte 2 there is 0xff90 instead of SIZ'],
    ['an end before any tile-part', [SOC, size(9, 9), EOC], 'at byte 45 there is 0xffd9 instead of SOT'],
    ['bytes that are no marker', [SOC, size(9, 9), DATA], 'at byte 45 there is 0x0011 instead of a marker'],
    [
      'data between tile-parts',
      [SOC, size(9, 9), tilePart(14, SOD), SOD],
      'at byte 59 there is 0xff93 instead of SOT or EOC',
    ],
    [
      'a tile-part shorter than its header',
      [SOC, size(9, 9), tilePart(13)],
      'the tile-part at byte 45 has a length of 13 bytes, too few for its header',
    ],
    [
      'a segment shorter than its length field',
      [SOC, size(9, 9), fields(2, 0xff52, 1)],
      'the marker segment at byte 45 has length 1, less than 2',
    ],
    ['a picture of no size', [SOC, size(5, 9, 5)], 'the SIZ segment gives a size of 0 x 9'],
    [
      'an EOC in a tile-part header',
      [SOC, size(9, 9), tilePart(0, EOC)],
      'at byte 57 there is 0xffd9 instead of SOD',
    ],
  ])('refuses %s', (_, parts, reason) => {
    expect(walked(walkJpeg2000, Buffer.concat(parts)).failure).toBe(reason);
  });
});

describe('walkJp2', () => {
  const SIGNATURE = box('jP  ', fields(4, 0x0d0a870a));
  const FTYP = box('ftyp', Buffer.from('jp2 \0\0\0\0jp2 ', 'latin1'));
  const HEADER = box(
    'jp2h',
    box('ihdr', fields(4, 46, 70), fields(2, 1), fields(1, 7, 7, 0, 0)),
    box('colr', DATA),
  );
  const START = [SIGNATURE, FTYP, HEADER];
  const START_LENGTH = 78;

  it.each([
    ['a box with a size', box('jp2c', STREAM)],
    ['a box with a wide size', wideBox('jp2c', STREAM)],
    ['a box to the end of the file', openBox('jp2c', STREAM)],
  ])('ends with the codestream in %s', (_, codestream) => {
    const file = Buffer.concat([...START, codestream]);
    expect(expectFollowed(walkJp2, file).facts).toMatchObject({ width: 70, height: 46 });
    expect(walked(walkJp2, Buffer.concat([file, box('xml ', DATA)])).position).toBe(file.length);
  });

  it('takes the size from ihdr before the codestream is reached', () => {
    expect(walked(walkJp2, Buffer.concat(START)).facts).toMatchObject({ width: 70, height: 46 });
  });

  it.each([
    [
      'a codestream that goes on beyond its box',
      [...START, box('jp2c', STREAM.subarray(0, -1))],
      `at byte ${START_LENGTH + 8 + STREAM.length - 2} the codestream goes on beyond its box, which ends at ${START_LENGTH + 8 + STREAM.length - 1}`,
    ],
    [
      'a tile-part that goes on beyond its box',
      [...START, box('jp2c', STREAM.subarray(0, 60))],
      'at byte 141 the codestream goes on beyond its box, which ends at 146',
    ],
    [
      'a header without ihdr',
      [SIGNATURE, FTYP, box('jp2h', box('colr', DATA))],
      "the box 'jp2h' at byte 32 begins with 'colr' instead of 'ihdr'",
    ],
    [
      'a file without a codestream',
      [...START, openBox('xml ', DATA)],
      "the box 'xml ' at byte 78 runs to the end of the file, and no codestream came before it",
    ],
  ])('refuses %s', (_, parts, reason) => {
    expect(walked(walkJp2, Buffer.concat(parts)).failure).toBe(reason);
  });
});
