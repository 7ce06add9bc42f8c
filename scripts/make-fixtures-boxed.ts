/**
 * Makes the pictures in test/image/fixtures whose parts are boxes or directories: TIFF, AVIF, HEIC, JPEG XL and
 * JPEG 2000. Run by hand, with tsx, when a case is added; the pictures themselves are kept, so tests need none of
 * these programs.
 *
 * Needs ImageMagick 6 (`convert`, or the program that CONVERT names), `heif-enc` of libheif, `cjxl` of libjxl,
 * `opj_compress` of OpenJPEG, and an ICC profile (Ghostscript's, or the file that PROFILE names). A name ends in the picture's dimensions: the tests compare them. No picture has bytes
 * after its end: the tests cut each one at every byte, and add the tails themselves.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const FOLDER = fileURLToPath(new URL('../test/image/fixtures/', import.meta.url));
const CONVERT = process.env.CONVERT ?? 'convert';
/** One that JPEG XL can't write in its own terms. */
const PROFILE = process.env.PROFILE ?? '/usr/share/color/icc/ghostscript/a98.icc';
const SCRATCH = mkdtempSync(join(tmpdir(), 'fixtures-'));

const ROSE = 'rose:';
const SMALL = ['rose:', '-resize', '24x16!'] as const;
/** More than one group of JPEG XL (256 x 256), few bytes when coded. */
const LARGE = ['-size', '300x280', 'radial-gradient:red-blue'] as const;

function convert(name: string, ...options: readonly string[]): void {
  execFileSync(CONVERT, [...options, FOLDER + name]);
}

/** A file in the scratch folder, made by ImageMagick. */
function scratch(name: string, ...options: readonly string[]): string {
  const path = join(SCRATCH, name);
  execFileSync(CONVERT, [...options, path]);
  return path;
}

function keep(name: string, bytes: Uint8Array): void {
  writeFileSync(FOLDER + name, bytes);
}

/** Runs a program that takes an input file, an output file and options, in this order. */
function run(program: string, input: string, name: string, ...options: readonly string[]): void {
  execFileSync(program, [input, FOLDER + name, ...options], { stdio: 'ignore' });
}

async function makeTiffs(): Promise<void> {
  convert('tiff-little-24x16.tiff', ...SMALL, '-endian', 'LSB', '-compress', 'none', '-strip');
  convert('tiff-lzw-big-70x46.tiff', ROSE, '-endian', 'MSB', '-compress', 'LZW');
  convert('tiff-deflate-70x46.tiff', ROSE, '-compress', 'Zip');
  convert('tiff-jpeg-70x46.tiff', ROSE, '-compress', 'JPEG', '-quality', '70');
  convert('tiff-fax-70x46.tiff', ROSE, '-monochrome', '-compress', 'Group4');
  const pages = ['(', ...SMALL, ')', '(', ...SMALL, '-negate', ')', '(', '-size', '3x2', 'xc:red', ')'];
  convert('tiff-pages-24x16.tiff', ...pages, '-compress', 'Zip');
  convert('tiff-strips-24x16.tiff', ...SMALL, '-define', 'tiff:rows-per-strip=1', '-compress', 'LZW');
  convert('tiff-tiles-70x46.tiff', ROSE, '-define', 'tiff:tile-geometry=16x16', '-compress', 'JPEG');
  const big = ['-compress', 'LZW', '-define', 'tiff:rows-per-strip=4'] as const;
  execFileSync(CONVERT, [...SMALL, ...big, `tiff64:${FOLDER}tiff-bigtiff-24x16.tiff`]);
  execFileSync(CONVERT, [...SMALL, ...big, '-endian', 'MSB', `tiff64:${FOLDER}tiff-bigtiff-big-24x16.tiff`]);
  const rose = scratch('rose.png', ROSE, '-strip');
  const camera = sharp(rose).withExif({ IFD0: { Artist: 'Somebody' }, IFD2: { ExposureTime: '1/100' } });
  keep('tiff-exif-70x46.tiff', await camera.tiff({ compression: 'deflate' }).toBuffer());
  const pyramid = { pyramid: true, tile: true, tileWidth: 128, tileHeight: 128, bigtiff: true };
  const large = sharp(scratch('large.png', ...LARGE));
  keep('tiff-pyramid-300x280.tiff', await large.tiff({ ...pyramid, quality: 20 }).toBuffer());
}

async function makeHeifs(): Promise<void> {
  const rose = scratch('rose.png', ROSE, '-strip');
  keep('avif-still-70x46.avif', await sharp(rose).avif({ quality: 40 }).toBuffer());
  const alpha = sharp(rose).ensureAlpha(0.5);
  keep('avif-alpha-70x46.avif', await alpha.avif({ quality: 40 }).toBuffer());
  const profiled = sharp(rose)
    .withIccProfile('p3')
    .withExif({ IFD0: { Artist: 'Somebody' } });
  keep('avif-icc-exif-70x46.avif', await profiled.avif({ quality: 40 }).toBuffer());
  execFileSync('heif-enc', ['-q', '30', '-o', `${FOLDER}heic-still-70x46.heic`, rose]);
  execFileSync('heif-enc', ['-q', '30', '-t', '16', '-o', `${FOLDER}heic-thumbnail-70x46.heic`, rose]);
  execFileSync('heif-enc', ['-q', '30', '-o', `${FOLDER}heic-two-70x46.heic`, rose, rose]);
  const still = readFileSync(`${FOLDER}avif-still-70x46.avif`);
  keep('avif-open-70x46.avif', withOpenMediaData(still));
}

/** The last box, `mdat`, with size 0: it runs to the end of the file. */
function withOpenMediaData(file: Buffer): Buffer {
  const at = file.indexOf('mdat') - 4;
  if (at + file.readUInt32BE(at) !== file.length) throw new Error('the box mdat is not the last one');
  const open = Buffer.from(file);
  open.writeUInt32BE(0, at);
  return open;
}

function makeJpegXls(): void {
  const rose = scratch('rose.png', ROSE, '-strip');
  const small = scratch('small.png', ...SMALL, '-strip');
  const alpha = scratch('alpha.png', ...SMALL, '-alpha', 'set', '-channel', 'A', '-evaluate', 'set', '60%');
  const large = scratch('large.png', ...LARGE);
  const photograph = scratch('rose.jpg', ROSE, '-strip', '-quality', '60');
  const text = ['-fill', 'black', '-draw', 'text 20,50 "eee" text 90,90 "eee" text 200,180 "eee"'];
  const screen = scratch('screen.png', '-size', '300x280', 'xc:white', ...text);
  const animation = scratch('animation.gif', '-delay', '10', ...SMALL, '(', ...SMALL, '-negate', ')');
  run('cjxl', rose, 'jpeg-xl-lossy-70x46.jxl');
  run('cjxl', small, 'jpeg-xl-lossless-24x16.jxl', '-d', '0');
  run('cjxl', alpha, 'jpeg-xl-alpha-24x16.jxl');
  run('cjxl', large, 'jpeg-xl-groups-300x280.jxl', '-d', '3', '--progressive_dc=0', '--progressive_ac');
  run('cjxl', large, 'jpeg-xl-lf-frame-300x280.jxl', '-d', '8', '--progressive_dc=1');
  run('cjxl', large, 'jpeg-xl-upsampled-300x280.jxl', '-d', '8', '--resampling=8');
  run('cjxl', screen, 'jpeg-xl-patches-300x280.jxl', '-d', '2', '--patches=1');
  run('cjxl', large, 'jpeg-xl-small-groups-300x280.jxl', '-m', '1', '-d', '10', '-g', '0');
  run('cjxl', large, 'jpeg-xl-permuted-300x280.jxl', '-d', '8', '--group_order=1');
  run('cjxl', scratch('profiled.png', ROSE, '-profile', PROFILE), 'jpeg-xl-icc-70x46.jxl');
  run('cjxl', animation, 'jpeg-xl-animated-24x16.jxl', '-d', '3');
  run('cjxl', rose, 'jpeg-xl-boxed-70x46.jxl', '--container=1');
  run('cjxl', photograph, 'jpeg-xl-from-jpeg-70x46.jxl');
  keep('jpeg-xl-parts-70x46.jxl', inParts(readFileSync(`${FOLDER}jpeg-xl-lossy-70x46.jxl`)));
}

function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** A container with the codestream in three boxes, the first cut inside the image header. */
function inParts(codestream: Buffer): Buffer {
  const part = (number: number, from: number, to: number) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(number, 0);
    return box('jxlp', head, codestream.subarray(from, to));
  };
  return Buffer.concat([
    box('JXL ', Buffer.from([0x0d, 0x0a, 0x87, 0x0a])),
    box('ftyp', Buffer.from('jxl \0\0\0\0jxl ', 'latin1')),
    part(0, 0, 3),
    part(1, 3, 200),
    box('xml ', Buffer.from('<x/>')),
    part(0x80000002, 200, codestream.length),
  ]);
}

function makeJpeg2000s(): void {
  const rose = scratch('rose.ppm', ROSE);
  const compress = (name: string, made: string, ...options: readonly string[]) => {
    const path = join(SCRATCH, made);
    execFileSync('opj_compress', ['-i', rose, '-o', path, '-r', '20', ...options], { stdio: 'ignore' });
    keep(name, readFileSync(path));
  };
  compress('jpeg-2000-boxed-70x46.jp2', 'boxed.jp2');
  compress('jpeg-2000-raw-70x46.j2c', 'raw.j2k');
  compress('jpeg-2000-tiles-70x46.j2c', 'tiles.j2k', '-t', '32,32', '-TP', 'R');
  compress('jpeg-2000-markers-70x46.j2c', 'markers.j2k', '-SOP', '-EPH', '-n', '3', '-I');
  compress('jpeg-2000-offset-70x46.j2c', 'offset.j2k', '-d', '5,3');
  keep('jpeg-2000-open-70x46.j2c', withOpenTilePart(readFileSync(join(SCRATCH, 'raw.j2k'))));
  keep('jpeg-2000-open-boxed-70x46.jp2', withOpenCodestream(readFileSync(join(SCRATCH, 'boxed.jp2'))));
}

/** The only tile-part with Psot 0: it runs to EOC. */
function withOpenTilePart(codestream: Buffer): Buffer {
  const sot = codestream.indexOf(Buffer.from([0xff, 0x90, 0x00, 0x0a]));
  const open = Buffer.from(codestream);
  open.writeUInt32BE(0, sot + 6);
  return open;
}

/** The last box, `jp2c`, with size 0: it runs to the end of the file. */
function withOpenCodestream(file: Buffer): Buffer {
  const open = Buffer.from(file);
  open.writeUInt32BE(0, file.indexOf('jp2c') - 4);
  return open;
}

try {
  await makeTiffs();
  await makeHeifs();
  makeJpegXls();
  makeJpeg2000s();
} finally {
  rmSync(SCRATCH, { recursive: true });
}
