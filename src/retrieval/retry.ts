import { type ErrorCode, type SluiceError, systemCode } from '../errors.js';
import { readHttpDate } from '../http/http-date.js';
import type { ResponseHead } from '../http/response-reader.js';

/** How often and how patiently to try again. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  /** Milliseconds before the first of them; twice as many before each one after it. */
  readonly delayMs: number;
}

/** What of a response decides whether it is asked for again. */
export type RetryHead = Pick<ResponseHead, 'status' | 'fields'>;

/** Failures that say nothing of the next attempt: nobody answered, somebody stood still, or the connection broke. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'connection-refused',
  'connection-failed',
  'proxy-failed',
  'timeout-resolve',
  'timeout-connect',
  'timeout-tls',
  'timeout-first-byte',
  'timeout-idle',
  'timeout-speed',
  'send-failed',
  'reply-empty',
  'cut-short',
  'connection-reset',
]);

/** A name server that is silent or fails: another time it may know the name (getaddrinfo(3), and c-ares's words for the same). */
const TRANSIENT_LOOKUP: ReadonlySet<string | undefined> = new Set([
  'EAI_AGAIN',
  'ETIMEOUT',
  'ESERVFAIL',
  'ECONNREFUSED',
]);

/** Statuses by which a server says that it may answer otherwise later (RFC 9110 §15.5.9, §15.6; RFC 6585 §4; RFC 8470 §5.2). */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** However often it was tried, nobody waits longer than this for the next attempt. */
const LONGEST_DELAY_MS = 30_000;
/** A server that asks for more patience is not waited for. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/** Failures of an attempt that are not its body's. */
const ENDS_NO_BODY: ReadonlySet<ErrorCode> = new Set(['timeout-total', 'aborted', 'http-status']);

/** Whether this failure may pass by itself, as far as its code tells: an error status is not among these. */
export function isTransient({ code, cause }: SluiceError): boolean {
  return TRANSIENT.has(code) || (code === 'name-not-resolved' && TRANSIENT_LOOKUP.has(systemCode(cause)));
}

/** Whether what came before this failure is right as far as it goes, so that a later retrieval could go on after it. */
export function isInterruption(error: SluiceError): boolean {
  return isTransient(error) || ENDS_NO_BODY.has(error.code);
}

/**
 * Milliseconds to wait before retry number `retry` (from 1), or undefined where none should be made. Exponential, with up to half of it left to
 * chance, so that many clients of one server do not come back together; a Retry-After of the server comes first, and is never undercut.
 */
export function retryDelay(
  retry: number,
  policy: RetryPolicy,
  error: SluiceError,
  head: RetryHead | undefined,
  now = Date.now(),
  random = Math.random(),
): number | undefined {
  if (retry > policy.retries) return undefined;
  const byStatus = error.code === 'http-status' && head !== undefined && TRANSIENT_STATUSES.has(head.status);
  if (!byStatus && !isTransient(error)) return undefined;
  const longest = Math.min(policy.delayMs * 2 ** (retry - 1), LONGEST_DELAY_MS);
  const delay = longest * (1 - random / 2);
  const after = byStatus ? retryAfterMs(head, now) : undefined;
  if (after === undefined) return delay;
  return after > LONGEST_RETRY_AFTER_MS ? undefined : Math.max(after, delay);
}

/** The Retry-After of a response in milliseconds from `now` (RFC 9110 §10.2.3): seconds, or a date; undefined where it has none. */
export function retryAfterMs({ fields }: RetryHead, now = Date.now()): number | undefined {
  const text = fields.first('retry-after');
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const date = readHttpDate(text);
  return date === undefined ? undefined : Math.max(0, date - now);
}
