import type { Fields } from '../http/fields.js';

/** A part of a body: the bytes from `from` up to, but not including, `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The part that a request asks for (RFC 9110 §14.2): undefined for the whole, 'unsatisfiable' where there is no such part.
 *
 * 1. One range of bytes; several, another unit or what can't be read is passed over, as a server may.
 * 2. If-Range holds only with exactly our strong entity tag; with anything else the whole is sent (§13.1.5).
 */
export function rangeOf(
  fields: Fields,
  length: number,
  entityTag: string | undefined,
): ByteRange | 'unsatisfiable' | undefined {
  const ranges = fields.all('range');
  const conditions = fields.all('if-range');
  if (ranges.length !== 1) return undefined;
  if (conditions.length > 0 && (conditions.length > 1 || conditions[0] !== entityTag)) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/i.exec(ranges[0]!.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') {
    const last = Number(match[2]);
    return last === 0 || length === 0 ? 'unsatisfiable' : { from: Math.max(0, length - last), to: length };
  }
  const from = Number(match[1]);
  const to = match[2] === '' ? Number.POSITIVE_INFINITY : Number(match[2]) + 1;
  if (to <= from) return undefined;
  return from >= length ? 'unsatisfiable' : { from, to: Math.min(to, length) };
}
