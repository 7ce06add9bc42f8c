/**
 * Makes the pictures in test/image/fixtures: JPEG, PNG, GIF, WebP, BMP, ICO, CUR and SVG. Run by hand, with tsx, when
 * a case is added; the pictures themselves are kept, so tests need none of these programs.
 *
 * Needs ImageMagick 6 (`convert`, or the program that CONVERT names), and `cjpeg` and `jpegtran` of libjpeg-turbo.
 * A name ends in the picture's dimensions: the tests compare them. No picture has bytes after its end: the tests cut
 * each one at every byte, and add the tails themselves.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

const FOLDER = fileURLToPath(new URL('../test/image/fixtures/', import.meta.url));
const CONVERT = process.env.CONVERT ?? 'convert';

function convert(name: string, ...options: readonly string[]): void {
  execFileSync(CONVERT, [...options, '-strip', FOLDER + name]);
}

/** ImageMagick's output as bytes; `format` is its prefix for a coder, as in `ppm:`. */
function converted(format: string, ...options: readonly string[]): Buffer {
  return execFileSync(CONVERT, [...options, `${format}:-`]);
}

function keep(name: string, bytes: Uint8Array | string): void {
  writeFileSync(FOLDER + name, bytes);
}

const ROSE = 'rose:';
const SMALL = ['rose:', '-resize', '24x16!'] as const;
const PPM = converted('ppm', ROSE);
// The prebuilt sharp reads no PPM.
const PNG = converted('png', ROSE, '-strip');

function cjpeg(name: string, ...options: readonly string[]): void {
  keep(name, execFileSync('cjpeg', options, { input: PPM }));
}

async function makeJpegs(): Promise<void> {
  cjpeg('jpeg-baseline-70x46.jpg', '-quality', '85');
  cjpeg('jpeg-progressive-70x46.jpg', '-quality', '85', '-progressive');
  cjpeg('jpeg-restart-70x46.jpg', '-quality', '85', '-restart', '2B');
  cjpeg('jpeg-gray-70x46.jpg', '-grayscale', '-optimize');
  cjpeg('jpeg-arithmetic-70x46.jpg', '-arithmetic');
  convert('jpeg-cmyk-70x46.jpg', ROSE, '-colorspace', 'CMYK', '-quality', '80');
  convert('jpeg-one-pixel-1x1.jpg', '-size', '1x1', 'xc:red');
  const profiled = await sharp(PNG)
    .jpeg({ quality: 70 })
    .withIccProfile('p3')
    .withExif({ IFD0: { Artist: 'A' } })
    .toBuffer();
  keep('jpeg-icc-exif-70x46.jpg', profiled);
  keep(
    'jpeg-thumbnail-70x46.jpg',
    withThumbnail(converted('jpeg', ROSE), converted('jpeg', ...SMALL, '-strip')),
  );
}

/** An APP1 with an Exif header whose thumbnail is a whole JPEG, its EOI included; directories are left out. */
function withThumbnail(picture: Buffer, thumbnail: Buffer): Buffer {
  const header = Buffer.from('Exif\0\0II*\0\b\0\0\0\0\0\0\0\0\0', 'latin1');
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xffe1, 0);
  segment.writeUInt16BE(2 + header.length + thumbnail.length, 2);
  return Buffer.concat([picture.subarray(0, 2), segment, header, thumbnail, picture.subarray(2)]);
}

function makePngs(): void {
  convert('png-rgb-70x46.png', ROSE);
  convert('png-palette-70x46.png', ROSE, '-colors', '16', '-type', 'palette');
  convert('png-bilevel-70x46.png', ROSE, '-monochrome');
  convert('png-interlaced-alpha-24x16.png', ...SMALL, '-alpha', 'set', '-interlace', 'PNG');
  convert('png-deep-24x16.png', ...SMALL, '-depth', '16');
  execFileSync(CONVERT, [...SMALL, '-set', 'comment', 'a comment', `${FOLDER}png-text-24x16.png`]);
  keep('png-animated-2x2.png', animatedPng());
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** Two frames of 2 x 2 gray pixels. */
function animatedPng(): Buffer {
  const number = (...values: number[]) => {
    const out = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => {
      out.writeUInt32BE(value, index * 4);
    });
    return out;
  };
  const control = (sequence: number) =>
    pngChunk('fcTL', Buffer.concat([number(sequence, 2, 2, 0, 0), Buffer.from([0, 1, 0, 10, 0, 0])]));
  const frame = (light: number) => deflateSync(Buffer.from([0, light, 0, 0, 0, light]));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', Buffer.concat([number(2, 2), Buffer.from([8, 0, 0, 0, 0])])),
    pngChunk('acTL', number(2, 0)),
    control(0),
    pngChunk('IDAT', frame(255)),
    control(1),
    pngChunk('fdAT', Buffer.concat([number(2), frame(128)])),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

const FRAMES = [
  '-delay',
  '10',
  '(',
  ...SMALL,
  ')',
  '(',
  ...SMALL,
  '-negate',
  ')',
  '(',
  ...SMALL,
  '-flip',
  ')',
];

function makeGifs(): void {
  convert('gif-still-70x46.gif', ROSE);
  convert('gif-interlaced-24x16.gif', ...SMALL, '-interlace', 'GIF');
  convert('gif-animated-24x16.gif', ...FRAMES, '-loop', '0');
  execFileSync(CONVERT, [...SMALL, '-set', 'comment', 'a comment', `${FOLDER}gif-comment-24x16.gif`]);
  keep('gif-87a-24x16.gif', as87a(converted('gif87', ...SMALL, '-strip')));
}

function as87a(gif: Buffer): Buffer {
  if (gif.toString('latin1', 0, 6) !== 'GIF87a') throw new Error('ImageMagick wrote no GIF87a');
  return gif;
}

async function makeWebps(): Promise<void> {
  keep('webp-lossy-70x46.webp', await sharp(PNG).webp({ quality: 80 }).toBuffer());
  keep('webp-lossless-70x46.webp', await sharp(PNG).webp({ lossless: true }).toBuffer());
  const alpha = sharp(PNG).ensureAlpha(0.5);
  keep('webp-alpha-70x46.webp', await alpha.webp({ quality: 80 }).toBuffer());
  const profiled = sharp(PNG)
    .withIccProfile('p3')
    .withExif({ IFD0: { Artist: 'AB' } });
  keep('webp-icc-exif-70x46.webp', await profiled.webp({ quality: 50 }).toBuffer());
  const animation = sharp(converted('gif', ...FRAMES), { animated: true });
  keep('webp-animated-24x16.webp', await animation.webp({ quality: 50 }).toBuffer());
}

function makeBmps(): void {
  convert('bmp-rgb-70x46.bmp', ROSE, '-type', 'truecolor', '-define', 'bmp:format=bmp3');
  convert('bmp-v5-23x15.bmp', 'rose:', '-resize', '23x15!', '-alpha', 'set');
  convert('bmp-bilevel-70x46.bmp', ROSE, '-monochrome', '-define', 'bmp:format=bmp3');
  convert(
    'bmp-palette-23x15.bmp',
    'rose:',
    '-resize',
    '23x15!',
    '-colors',
    '16',
    '-define',
    'bmp:format=bmp3',
  );
  convert(
    'bmp-rle8-70x46.bmp',
    ROSE,
    '-colors',
    '8',
    '-type',
    'palette',
    '-compress',
    'RLE',
    '-define',
    'bmp:format=bmp3',
  );
  convert('bmp-rgb565-23x15.bmp', 'rose:', '-resize', '23x15!', '-define', 'bmp:subtype=RGB565');
  keep('bmp-core-23x15.bmp', converted('bmp2', 'rose:', '-resize', '23x15!', '-type', 'truecolor'));
  const top = converted('bmp3', 'rose:', '-resize', '23x15!', '-type', 'truecolor', '-flip');
  top.writeInt32LE(-15, 22);
  keep('bmp-top-down-23x15.bmp', top);
}

function makeIcons(): void {
  convert('ico-two-32x32.ico', 'rose:', '-resize', '32x32!', '-define', 'icon:auto-resize=32,16');
  convert('ico-png-256x256.ico', '-size', '256x256', 'xc:red');
  keep('ico-bilevel-16x16.ico', converted('ico', 'rose:', '-resize', '16x16!', '-monochrome'));
  const cursor = converted('ico', 'rose:', '-resize', '16x16!');
  cursor.writeUInt16LE(2, 2);
  keep('cur-16x16.cur', cursor);
}

const XMLNS = 'xmlns="http://www.w3.org/2000/svg"';
const SHAPE = '<rect width="10" height="10" fill="red"/>';

function makeSvgs(): void {
  keep('svg-plain-48x32.svg', `<svg ${XMLNS} width="48" height="32px">${SHAPE}</svg>`);
  keep('svg-view-box-48x32.svg', `<svg ${XMLNS} width="100%" viewBox="0 0, 47.6 32">${SHAPE}</svg >`);
  keep('svg-empty-5x5.svg', `<svg ${XMLNS} width='5' height='5' />`);
  keep(
    'svg-prolog-48x32.svg',
    `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- <svg> -- not this > -->\n<?style a="<svg>"?>\n` +
      '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [\n' +
      `  <!-- an apostrophe's own ]> -->\n  <!ENTITY ns "]>'<svg>">\n  <?pi ]> ?>\n]>\n` +
      `<svg ${XMLNS} width="48" height="32" data-note="</svg> > '">\n` +
      '<style><![CDATA[ a > b { } ]] > </svg> ]]></style><!-- </svg> --><?pi </svg> ?>\n' +
      `<g title='"/>'><svg>${SHAPE}</svg></g>&ns;<text>\u00e9\u4e2d</text>\n</svg>`,
  );
  keep(
    'svg-prefix-48x32.svg',
    '<s:svg xmlns:s="http://www.w3.org/2000/svg" width="48" height="32"><s:g/></s:svg>',
  );
  const text = `<?xml version="1.0" encoding="UTF-16"?><svg ${XMLNS} width="48" height="32"><text>\u3c3e\u3e3c</text></svg>`;
  keep('svg-utf16le-48x32.svg', Buffer.from(`\ufeff${text}`, 'utf16le'));
  keep('svg-utf16be-48x32.svg', Buffer.from(`\ufeff${text}`, 'utf16le').swap16());
}

await makeJpegs();
makePngs();
makeGifs();
await makeWebps();
makeBmps();
makeIcons();
makeSvgs();
