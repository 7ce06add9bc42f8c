/**
 * Which image a body is, from its first bytes alone. Neither the Content-Type nor the URL has a say: servers are
 * often wrong about both.
 *
 * 1. JPEG, PNG, GIF, WebP, TIFF, JPEG XL and JPEG 2000 have fixed bytes at their start (the table `MAGIC`).
 * 2. BMP has only "BM", which texts begin with too; the size of the header that follows has to be a known one.
 * 3. ICO and CUR have four bytes, three of them small numbers; the first entry has to make sense as well.
 * 4. AVIF, HEIC and HEIF are ISO base media files: the brands of the box `ftyp` decide (ISO/IEC 14496-12 §4.3,
 *    ISO/IEC 23008-12 §10, AVIF §6), the major brand first, then the compatible ones.
 * 5. SVG is XML whose root element is called `svg`; a declaration, comments and a document type may stand before it.
 *
 * A decision never changes when more bytes come, so it is the same at every split of the body into chunks.
 */

import { XmlOutline, xmlEncoding } from './xml.js';

export type ImageName =
  | 'JPEG'
  | 'PNG'
  | 'GIF'
  | 'WebP'
  | 'AVIF'
  | 'HEIC'
  | 'HEIF'
  | 'TIFF'
  | 'BMP'
  | 'ICO'
  | 'CUR'
  | 'SVG'
  | 'JPEG XL'
  | 'JPEG XL codestream'
  | 'JPEG 2000'
  | 'JPEG 2000 codestream';

/** A kind of image, as its bytes tell it. */
export interface ImageType {
  /** The name for people, unique to one structure: 'JPEG', 'JPEG XL codestream'. */
  readonly name: ImageName;
  /** As registered with IANA; `image/x-icon` as in WHATWG MIME Sniffing §6.1. */
  readonly mediaType: string;
  /** The usual extension of a file's name, without the dot. */
  readonly extension: string;
}

/** `more`: the bytes so far are the beginning of some signature. */
export type Signature = ImageType | 'unknown' | 'more';

/** In bytes: no signature needs more than these to be decided. */
export const LONGEST_SIGNATURE = 4096;

function type(name: ImageName, mediaType: string, extension: string): ImageType {
  return { name, mediaType, extension };
}

const JPEG = type('JPEG', 'image/jpeg', 'jpg');
const PNG = type('PNG', 'image/png', 'png');
const GIF = type('GIF', 'image/gif', 'gif');
const WEBP = type('WebP', 'image/webp', 'webp');
const AVIF = type('AVIF', 'image/avif', 'avif');
const HEIC = type('HEIC', 'image/heic', 'heic');
const HEIF = type('HEIF', 'image/heif', 'heif');
const TIFF = type('TIFF', 'image/tiff', 'tiff');
const BMP = type('BMP', 'image/bmp', 'bmp');
const ICO = type('ICO', 'image/x-icon', 'ico');
const CUR = type('CUR', 'image/x-icon', 'cur');
const SVG = type('SVG', 'image/svg+xml', 'svg');
const JXL = type('JPEG XL', 'image/jxl', 'jxl');
const JXL_CODESTREAM = type('JPEG XL codestream', 'image/jxl', 'jxl');
const JP2 = type('JPEG 2000', 'image/jp2', 'jp2');
const J2C = type('JPEG 2000 codestream', 'image/j2c', 'j2c');

const ANY = -1;

function pattern(hex: string): readonly number[] {
  return hex.split(' ').map((byte) => (byte === '..' ? ANY : Number.parseInt(byte, 16)));
}

/** Sorted by how often they are met; no two of them can match the same bytes. */
const MAGIC: readonly (readonly [ImageType, readonly number[]])[] = [
  [JPEG, pattern('ff d8 ff')],
  [PNG, pattern('89 50 4e 47 0d 0a 1a 0a')],
  [WEBP, pattern('52 49 46 46 .. .. .. .. 57 45 42 50')],
  [GIF, pattern('47 49 46 38 39 61')],
  [GIF, pattern('47 49 46 38 37 61')],
  [TIFF, pattern('49 49 2a 00')],
  [TIFF, pattern('4d 4d 00 2a')],
  [TIFF, pattern('49 49 2b 00 08 00 00 00')],
  [TIFF, pattern('4d 4d 00 2b 00 08 00 00')],
  [JXL, pattern('00 00 00 0c 4a 58 4c 20 0d 0a 87 0a')],
  [JXL_CODESTREAM, pattern('ff 0a')],
  [JP2, pattern('00 00 00 0c 6a 50 20 20 0d 0a 87 0a')],
  [J2C, pattern('ff 4f ff 51')],
];

/** Tells the image from the first bytes of a body; of a longer array only `LONGEST_SIGNATURE` bytes are looked at. */
export function sniff(prefix: Uint8Array): Signature {
  let undecided = prefix.length === 0;
  for (const [image, magic] of MAGIC) {
    const match = matches(prefix, magic);
    if (match === 'yes') return image;
    undecided ||= match === 'more';
  }
  for (const look of [sniffBitmap, sniffIcon, sniffBrands, sniffSvg]) {
    const seen = look(prefix);
    if (typeof seen === 'object') return seen;
    undecided ||= seen === 'more';
  }
  return undecided ? 'more' : 'unknown';
}

function matches(prefix: Uint8Array, magic: readonly number[]): 'yes' | 'no' | 'more' {
  const length = Math.min(prefix.length, magic.length);
  for (let at = 0; at < length; at++) {
    if (magic[at] !== ANY && magic[at] !== prefix[at]) return 'no';
  }
  return length === magic.length ? 'yes' : 'more';
}

const BITMAP = pattern('42 4d .. .. .. .. .. .. .. .. .. .. .. .. .. 00 00 00');
/** Sizes in bytes of the DIB headers there are: core, OS/2 2 short and full, info, V2, V3, V4, V5. */
const DIB_HEADERS: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

function sniffBitmap(prefix: Uint8Array): Signature {
  const match = matches(prefix, BITMAP);
  const size = prefix[14];
  if (match === 'no' || (size !== undefined && !DIB_HEADERS.has(size))) return 'unknown';
  return match === 'yes' ? BMP : 'more';
}

const ICON = pattern('00 00 01 00');
const CURSOR = pattern('00 00 02 00');
/** No icon has so many images; the limit keeps a box `ftyp` of 256 bytes, which begins alike, apart. */
const MOST_ICONS = 1000;

function sniffIcon(prefix: Uint8Array): Signature {
  const icon = matches(prefix, ICON);
  const cursor = matches(prefix, CURSOR);
  if (icon === 'no' && cursor === 'no') return 'unknown';
  if (prefix.length < 6) return 'more';
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const count = view.getUint16(4, true);
  if (count === 0 || count > MOST_ICONS) return 'unknown';
  if (prefix.length < 22) return 'more';
  if (view.getUint32(14, true) === 0 || view.getUint32(18, true) < 6 + 16 * count) return 'unknown';
  return icon === 'yes' ? ICO : CUR;
}

const FTYP = pattern('00 00 .. .. 66 74 79 70');
const BRANDS: ReadonlyMap<string, ImageType> = new Map([
  ['avif', AVIF],
  ['avis', AVIF],
  ['heic', HEIC],
  ['heix', HEIC],
  ['heim', HEIC],
  ['heis', HEIC],
  ['hevc', HEIC],
  ['hevx', HEIC],
  ['hevm', HEIC],
  ['hevs', HEIC],
  ['mif1', HEIF],
  ['mif2', HEIF],
  ['msf1', HEIF],
]);

function sniffBrands(prefix: Uint8Array): Signature {
  const match = matches(prefix, FTYP);
  if (match === 'no') return 'unknown';
  if (match === 'more') return 'more';
  const size = (prefix[2]! << 8) | prefix[3]!;
  if (size < 16 || size > LONGEST_SIGNATURE) return 'unknown';
  if (prefix.length < size) return 'more';
  let general: ImageType | undefined;
  // The four bytes at 12 are the minor version, not a brand.
  for (let at = 8; at + 4 <= size; at += at === 8 ? 8 : 4) {
    const brand = BRANDS.get(String.fromCharCode(...prefix.subarray(at, at + 4)));
    if (brand !== undefined && brand !== HEIF) return brand;
    general ??= brand;
  }
  return general ?? 'unknown';
}

function sniffSvg(prefix: Uint8Array): Signature {
  const encoding = xmlEncoding(prefix);
  if (encoding === 'more' || encoding === 'unknown') return encoding;
  const outline = new XmlOutline(encoding.charset);
  const end = Math.min(prefix.length, LONGEST_SIGNATURE);
  for (let at = encoding.bomLength; at < end; at++) {
    outline.push(prefix[at]!);
    if (outline.failure !== undefined) return 'unknown';
    if (outline.doctype !== undefined && !isSvg(outline.doctype)) return 'unknown';
    if (outline.root !== undefined) return isSvg(outline.root) ? SVG : 'unknown';
  }
  return end < LONGEST_SIGNATURE ? 'more' : 'unknown';
}

/** A prefix bound to the namespace is legal: `<svg:svg xmlns:svg="http://www.w3.org/2000/svg">`. */
function isSvg(name: string): boolean {
  return name === 'svg' || name.endsWith(':svg');
}
