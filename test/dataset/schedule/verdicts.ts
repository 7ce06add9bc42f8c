import type { AttemptVerdict, VerdictKind } from '../../../src/dataset/schedule/attempt-verdict.js';

export const ANSWERED: AttemptVerdict = { kind: 'answered', pauseMs: 0, retryMs: undefined };

/** A failure after which the row is done with, unless it is to be tried again. */
export function failed(kind: VerdictKind, more: Partial<AttemptVerdict> = {}): AttemptVerdict {
  return { kind, pauseMs: 0, retryMs: undefined, ...more };
}
