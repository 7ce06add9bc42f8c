/** What is offered to be named, and names that file systems, shells and terminals mind. */

import fc from 'fast-check';
import type { Offer } from '../../src/body/sink.js';
import { Fields } from '../../src/http/fields.js';
import { type ImageType, LONGEST_SIGNATURE, sniff } from '../../src/image/signature.js';
import { numbered } from '../../src/save/file-name.js';
import { picture } from '../support/pictures.js';

function typeOf(fixture: string): ImageType {
  const type = sniff(picture(fixture).subarray(0, LONGEST_SIGNATURE));
  if (typeof type !== 'object') throw new Error(`${fixture} has no signature`);
  return type;
}

export const JPEG = typeOf('jpeg-baseline-70x46.jpg');
export const PNG = typeOf('png-rgb-70x46.png');

/** A body of this type that `url` answered with. */
export function offer(url: string, type?: ImageType, disposition?: string): Offer {
  const fields = new Fields();
  if (disposition !== undefined) fields.append('Content-Disposition', disposition);
  return {
    url: new URL(url),
    requestedUrl: url,
    type,
    signal: undefined,
    head: {
      httpVersion: '1.1',
      status: 200,
      reason: 'OK',
      fields,
      lines: [],
      headerBytes: 0,
      framing: { kind: 'close' },
    },
  };
}

/** Names made of what file systems, shells and terminals mind. */
export function hostileName(): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    ...['..', '.', '/', '\\', ' ', '-', '\n', '\0', '\u001b[31m', '\u202e', '\u0085', ':', '*', '~', '%'],
    ...['con', 'NUL', 'aux', 'com1', '.jpg', '.php', '.part', 'x'.repeat(120), '\u{1f600}'.repeat(40)],
    ...['\ud800', 'e\u0301', '\u061c', '\ufeff', '\u2028'],
  );
  return fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
}

/** What makes `name` unfit; '' for nothing. */
export function unfit(name: string): string {
  if (name === '') return 'empty';
  if (/^[.-]/.test(name)) return 'begins with a dot or hyphen';
  if (/^\s|[\s.]$/.test(name)) return 'begins or ends with white space, or ends with a dot';
  if (/[/\\:*?"<>|]/.test(name)) return 'separator or what Windows forbids';
  if (/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u.test(name)) return 'control';
  if (!name.isWellFormed()) return 'lone surrogate';
  if (/^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/i.test(name)) return 'a device';
  if (Buffer.byteLength(`${numbered(name, 9999)}.part`) > 255) return 'too long';
  if (/\.part(\.json)?$/i.test(name)) return 'the name of a part or its record';
  return '';
}
