import type { Fields } from './fields.js';
import { readHttpDate } from './http-date.js';

/** entity-tag without W/ (RFC 9110 §8.8.3). */
const STRONG_ENTITY_TAG = /^"[\x21\x23-\x7e\x80-\xff]*"$/;

/** RFC 9110 §8.8.2.2 asks for one second, RFC 7232 for sixty: a file may change twice within the granularity of its clock. */
const SETTLED_MS = 60_000;

/**
 * The validator of a response, if it is a strong one (RFC 9110 §8.8): two responses with the same are the same byte for byte, and If-Range may
 * hold it. An ETag that is not weak; where there is no ETag, a Last-Modified that lies well before Date.
 */
export function strongValidator(fields: Fields): string | undefined {
  const tag = fields.first('etag');
  if (tag !== undefined) return STRONG_ENTITY_TAG.test(tag) ? tag : undefined;
  const modified = fields.first('last-modified');
  if (modified === undefined) return undefined;
  const modifiedAt = readHttpDate(modified);
  const sentAt = readHttpDate(fields.first('date') ?? '');
  if (modifiedAt === undefined || sentAt === undefined || sentAt - modifiedAt < SETTLED_MS) return undefined;
  return modified;
}

/** Whether a response to a request with this validator contradicts it: it names another one of the same kind. */
export function contradicts(fields: Fields, validator: string): boolean {
  const named = fields.first(validator.startsWith('"') ? 'etag' : 'last-modified');
  return named !== undefined && named !== validator;
}
