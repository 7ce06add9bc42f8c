import { readContentRange } from '../http/content-range.js';
import type { Field } from '../http/fields.js';
import type { ResponseHead } from '../http/response-reader.js';
import { contradicts, strongValidator } from '../http/validator.js';

/** What is needed to ask for the rest of a body. */
export interface Resumption {
  /** Bytes that we have: the rest begins with this one. */
  readonly from: number;
  /** What tells that it is still the same body: a strong validator. */
  readonly validator: string;
  /** Bytes of the whole, where the server said so. */
  readonly total: number | undefined;
}

/** What the answer to such a request means for the bytes that we have. */
export type Answer =
  /** The rest follows. */
  | 'goes-on'
  /** There is no rest: what we have is the whole. */
  | 'complete'
  /** The server sends the whole from its first byte. */
  | 'whole'
  /** A part that does not fit ours: the whole must be asked for. */
  | 'unfit';

/** The validator and length of a body, where an interrupted retrieval of it could go on; undefined where it must begin again. */
export function resumable(head: ResponseHead): Omit<Resumption, 'from'> | undefined {
  const { status, fields, framing } = head;
  if (status !== 200 || fields.has('content-encoding')) return undefined;
  if (fields.has('accept-ranges') && fields.members('accept-ranges').includes('none')) return undefined;
  const validator = strongValidator(fields);
  if (validator === undefined) return undefined;
  return { validator, total: framing.kind === 'length' ? framing.length : undefined };
}

/** The fields that ask for the rest, if the body is still the same, and for the whole otherwise (RFC 9110 §13.1.5). */
export function rangeFields({ from, validator }: Resumption): Field[] {
  return [
    ['Range', `bytes=${from}-`],
    ['If-Range', validator],
  ];
}

/** Judges the answer to `rangeFields` (RFC 9110 §15.3.7, §15.5.17). Nothing is believed that contradicts what we have. */
export function answerTo(resumption: Resumption, head: ResponseHead): Answer {
  const { status, fields } = head;
  if (status !== 206 && status !== 416) return 'whole';
  const range = readContentRange(fields.first('content-range'));
  if (range?.total === undefined || contradicts(fields, resumption.validator)) return 'unfit';
  if (resumption.total !== undefined && range.total !== resumption.total) return 'unfit';
  if (status === 416)
    return range.enclosed === undefined && range.total === resumption.from ? 'complete' : 'unfit';
  return goesOn(resumption, head, range.total) ? 'goes-on' : 'unfit';
}

/** The length of the whole that a 206 or 416 tells. */
export function announcedTotal({ fields }: ResponseHead): number | undefined {
  return readContentRange(fields.first('content-range'))?.total;
}

/** Whether a 206 encloses exactly the rest. */
function goesOn({ from }: Resumption, { fields, framing }: ResponseHead, total: number): boolean {
  const { enclosed } = readContentRange(fields.first('content-range')) ?? {};
  if (enclosed === undefined || enclosed.first !== from || enclosed.last !== total - 1) return false;
  if (fields.has('content-encoding')) return false;
  return framing.kind !== 'length' || framing.length === total - from;
}
