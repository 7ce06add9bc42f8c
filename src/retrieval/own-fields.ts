import type { Field } from '../http/fields.js';

/** Request fields as they may be given. */
export type Headers = Record<string, string> | readonly Field[];

/** What the user's own fields ask for that changes what an answer means. */
export interface OwnRequest {
  /** A range: a 206 is then an answer, and nothing is resumed. */
  readonly range: boolean;
  /** A condition (RFC 9110 §13.1): a 304 is then an answer. */
  readonly condition: boolean;
}

const NOTHING: OwnRequest = { range: false, condition: false };

/** The fields as a list, however they were given. */
export function fieldList(headers: Headers): readonly Field[] {
  return isList(headers) ? headers : Object.entries(headers);
}

function isList(headers: Headers): headers is readonly Field[] {
  return Array.isArray(headers);
}

/** What `headers` ask for. */
export function ownRequest(headers: Headers | undefined): OwnRequest {
  if (headers === undefined) return NOTHING;
  const names = fieldList(headers).map(([name]) => name.toLowerCase());
  const some = (...wanted: string[]) => wanted.some((name) => names.includes(name));
  return {
    range: some('range', 'if-range'),
    condition: some('if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since'),
  };
}
