/** What a Content-Range field says (RFC 9110 §14.4), in bytes. */
export interface ContentRange {
  /** The first and the last byte that are enclosed; undefined in a 416, which tells only the length. */
  readonly enclosed: { readonly first: number; readonly last: number } | undefined;
  /** The length of the whole; undefined where the server does not tell. */
  readonly total: number | undefined;
}

// 15 digits stay below 2^53.
const RANGE = /^bytes +(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i;
const UNSATISFIED = /^bytes +\*\/(\d{1,15})$/i;

/** Reads a Content-Range; undefined for what is none, or contradicts itself. */
export function readContentRange(text: string | undefined): ContentRange | undefined {
  if (text === undefined) return undefined;
  const unsatisfied = UNSATISFIED.exec(text);
  if (unsatisfied !== null) return { enclosed: undefined, total: Number(unsatisfied[1]) };
  const range = RANGE.exec(text);
  if (range === null) return undefined;
  const [first, last] = [Number(range[1]), Number(range[2])];
  const total = range[3] === '*' ? undefined : Number(range[3]);
  if (first > last || (total !== undefined && last >= total)) return undefined;
  return { enclosed: { first, last }, total };
}
