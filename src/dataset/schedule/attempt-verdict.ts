import type { ErrorCode, SluiceError } from '../../errors.js';
import { Fields } from '../../http/fields.js';
import { isTransient, type RetryPolicy, retryAfterMs, retryDelay } from '../../retrieval/retry.js';

interface Meaning {
  /** Whether the host is known to be at work, known not to be, or neither. */
  readonly host: 'well' | 'failing' | 'unknown';
  /**
   * Whether too much at once, on our side or on the way, may be the cause: never, always, or only where the host has answered before. One that has
   * not may be dead, and says nothing of the way to it.
   */
  readonly congestion: 'no' | 'if-proven' | 'yes';
}

/** What one attempt says of its host and of the way there. */
export const VERDICT_TABLE = {
  /** A response came, whatever its status and its body were worth. */
  answered: { host: 'well', congestion: 'no' },
  /** 429 or 503: the host says that it is too much (RFC 6585 §4, RFC 9110 §15.6.4). */
  overloaded: { host: 'failing', congestion: 'no' },
  /** There is no such name. */
  unresolved: { host: 'failing', congestion: 'no' },
  /** The name server was silent or failed. */
  'lookup-failed': { host: 'failing', congestion: 'yes' },
  /** Nobody listens there, or nothing leads there. */
  unreachable: { host: 'failing', congestion: 'no' },
  /** It was asked, and nothing came in time. */
  silent: { host: 'failing', congestion: 'if-proven' },
  /** The connection broke. */
  broken: { host: 'unknown', congestion: 'if-proven' },
  /** A response began, and then came too slowly. */
  stalled: { host: 'well', congestion: 'if-proven' },
  /** It was not the host: an abort, a full disk, a URL that leads nowhere. */
  unasked: { host: 'unknown', congestion: 'no' },
} as const satisfies Record<string, Meaning>;

export type VerdictKind = keyof typeof VERDICT_TABLE;

/** What the schedule has to know of an attempt that is over. */
export interface AttemptVerdict {
  readonly kind: VerdictKind;
  /** Milliseconds from now for which the host wants to be left alone (Retry-After); 0 where it says nothing of it. */
  readonly pauseMs: number;
  /** Milliseconds from now before which the row is not tried again; undefined where it is done with. */
  readonly retryMs: number | undefined;
}

/** Nothing was asked of the host after all. */
export const UNASKED: AttemptVerdict = { kind: 'unasked', pauseMs: 0, retryMs: undefined };

const ANSWERED: AttemptVerdict = { kind: 'answered', pauseMs: 0, retryMs: undefined };

/** Codes that are not named here came with a response. */
const KINDS: Partial<Record<ErrorCode, VerdictKind>> = {
  'option-invalid': 'unasked',
  'scheme-unsupported': 'unasked',
  'url-malformed': 'unasked',
  'write-failed': 'unasked',
  aborted: 'unasked',
  'name-not-resolved': 'unresolved',
  'timeout-resolve': 'lookup-failed',
  'connection-refused': 'unreachable',
  'connection-failed': 'unreachable',
  'timeout-connect': 'silent',
  'timeout-tls': 'silent',
  'timeout-first-byte': 'silent',
  'send-failed': 'broken',
  'reply-empty': 'broken',
  'cut-short': 'broken',
  'connection-reset': 'broken',
  'timeout-idle': 'stalled',
  'timeout-speed': 'stalled',
};

const OVERLOADED_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/**
 * The verdict on attempt number `attempt` (from 1) of a row: `error` is what `retrieve` rejected with, undefined where it succeeded. Whether and when the
 * row is tried again is as for a single retrieval (`retrieval/retry.ts`); `now` is that of Date.
 */
export function verdictOf(
  error: SluiceError | undefined,
  attempt: number,
  policy: RetryPolicy,
  now = Date.now(),
  random = Math.random(),
): AttemptVerdict {
  if (error === undefined) return ANSWERED;
  const head = headOf(error);
  const pauseMs = error.code === 'http-status' && head !== undefined ? (retryAfterMs(head, now) ?? 0) : 0;
  return {
    kind: kindOf(error, head?.status),
    pauseMs,
    retryMs: retryDelay(attempt, policy, error, head, now, random),
  };
}

function kindOf(error: SluiceError, status: number | undefined): VerdictKind {
  const { code } = error;
  if (code === 'http-status' && status !== undefined && OVERLOADED_STATUSES.has(status)) return 'overloaded';
  if (code === 'name-not-resolved' && isTransient(error)) return 'lookup-failed';
  // The total runs on while a host is silent: it is no answer before a status came.
  if (code === 'timeout-total') return status === undefined ? 'silent' : 'stalled';
  return KINDS[code] ?? 'answered';
}

/** Status and fields of the response that the failure came with, if one did. */
function headOf({ receipt }: SluiceError): { status: number; fields: Fields } | undefined {
  if (receipt === undefined || receipt.status === null) return undefined;
  const fields = new Fields();
  for (const [name, value] of receipt.fields) fields.append(name, value);
  return { status: receipt.status, fields };
}
