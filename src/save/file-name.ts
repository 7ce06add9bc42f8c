import contentDisposition from 'content-disposition';
import type { Offer } from '../body/sink.js';

/** Most file systems take 255 bytes; `.part`, `.999` and a corrected extension must fit too. */
const MAX_NAME_BYTES = 230;

/** Names that Windows gives to devices, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/** The end of the names of an unfinished file and its record: a later run would take a body of such a name for one of those. */
const OF_A_PART = /\.part(?=(\.json(\.new)?)?$)/i;

// Control characters, separators of any system, what Windows forbids, and the characters that turn the direction of text.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f/\\:*?"<>|\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * The name to save a body under: Content-Disposition's (RFC 6266), else the URL's last segment, else `image` or
 * `download`; made safe, and with the extension that the bytes call for.
 */
export function chooseFileName(offer: Offer): string {
  const disposition = offer.head.fields.first('content-disposition');
  // A name of which nothing safe is left names nothing: the next source does.
  const name = safeName(fromDisposition(disposition)) || safeName(fromPath(offer.url.pathname));
  const extension = offer.type?.extension;
  if (name === '') return extension === undefined ? 'download' : `image.${extension}`;
  return extension === undefined ? name : withExtension(name, extension);
}

/** '' where the field is missing, malformed or names nothing. */
function fromDisposition(value: string | undefined): string {
  if (value === undefined) return '';
  try {
    const name = contentDisposition.parse(value).parameters.filename ?? '';
    // Read as Latin-1; what is raw UTF-8 was meant as that, as browsers take it.
    return /[\x80-\xff]/.test(value) ? asUtf8(name) : name;
  } catch {
    return '';
  }
}

function asUtf8(text: string): string {
  if (/[^\0-\xff]/.test(text)) return text;
  const utf8 = Buffer.from(text, 'latin1').toString('utf8');
  return utf8.includes('\ufffd') ? text : utf8;
}

function fromPath(pathname: string): string {
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A base name that is safe on any system and in any shell's listing; '' when nothing is left. */
export function safeName(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const clean = base
    .toWellFormed()
    .normalize('NFC')
    .replace(UNSAFE, '_')
    .replace(/^[.\-\s]+/, '');
  const short = shortened(clean).replace(OF_A_PART, '_part');
  return RESERVED.test(short) ? shortened(`_${short}`) : short;
}

/** Windows drops dots and spaces at the end, so that two names would be one: none is left there, before the cut or after it. */
function shortened(name: string): string {
  return withoutTail(cutToBytes(withoutTail(name), MAX_NAME_BYTES));
}

/** A regular expression for this takes a time that grows with the square of the dots, and a server may send 200,000. */
function withoutTail(name: string): string {
  let end = name.length;
  while (end > 0 && /[.\s]/.test(name[end - 1]!)) end--;
  return name.slice(0, end);
}

/** Cuts a name to at most `limit` bytes of UTF-8 between characters, keeping its extension. */
function cutToBytes(name: string, limit: number): string {
  if (Buffer.byteLength(name) <= limit) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
  const room = limit - extension.length;
  let stem = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    stem += character;
  }
  return stem + extension;
}

/** Extensions that mean the same as the one we would give. */
const SAME: Record<string, readonly string[]> = {
  jpg: ['jpg', 'jpeg', 'jpe', 'jfif', 'jif', 'mpo'],
  png: ['png', 'apng'],
  tif: ['tif', 'tiff', 'dng', 'nef', 'cr2', 'arw'],
  heic: ['heic', 'heif', 'hif', 'heics', 'heifs'],
  heif: ['heic', 'heif', 'hif', 'heics', 'heifs'],
  avif: ['avif', 'avifs'],
  bmp: ['bmp', 'dib'],
  jp2: ['jp2', 'jpx', 'jpm', 'jpf'],
  j2k: ['j2k', 'j2c', 'jpc'],
  ico: ['ico'],
};

/** Known extensions of pictures and pages: these are replaced when they are wrong; any other end of a name is part of the name. */
const REPLACEABLE =
  /\.(jpe?g|jpe|jfif|png|apng|gif|webp|avif|hei[cf]|tiff?|bmp|ico|cur|svg|jxl|jp2|j2k|php|aspx?|cgi|html?|jsp|txt|bin)$/i;

function withExtension(name: string, extension: string): string {
  const has = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  if (has !== undefined && (SAME[extension] ?? [extension]).includes(has)) return name;
  return `${name.replace(REPLACEABLE, '')}.${extension}`;
}

/** The `n`th name to try when those before are taken: `cover.jpg`, `cover.1.jpg`, `cover.2.jpg`. */
export function numbered(name: string, n: number): string {
  if (n === 0) return name;
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}.${n}` : `${name.slice(0, dot)}.${n}${name.slice(dot)}`;
}
