import type { Outcome } from '../outcome.js';
import type { ListRow } from '../row.js';
import type { VerdictKind } from '../schedule/attempt-verdict.js';
import type { Trouble } from '../schedule/host-queue.js';

/** How a host failed that is given up, and in which phase. */
const TROUBLES: Partial<Record<VerdictKind, { readonly says: string; readonly phase: Outcome['phase'] }>> = {
  overloaded: { says: 'it answered with 429 or 503', phase: 'receive' },
  unresolved: { says: 'its name could not be resolved', phase: 'resolve' },
  'lookup-failed': { says: 'the name servers did not answer for it', phase: 'resolve' },
  unreachable: { says: 'no connection could be made', phase: 'connect' },
  silent: { says: 'it did not answer in time', phase: 'connect' },
};

/** A line of the list that could not be read. */
export function malformedLine(row: ListRow): Outcome {
  return unasked(row, 'line-malformed', 'list', `The line of the list can't be read: ${row.problem}.`);
}

/** A row that was never asked for, because its host is given up. */
export function givenUp(row: ListRow, host: string, { kind, inARow }: Trouble): Outcome {
  const { says, phase } = TROUBLES[kind] ?? { says: 'it failed', phase: 'connect' };
  const times = inARow === 1 ? 'at last' : `at last ${inARow} times on end`;
  return unasked(
    row,
    'host-given-up',
    phase,
    `${host} was not asked for it, and is given up: ${says}, ${times}.`,
  );
}

/** A repeated URL was asked for once: what became of its first row is what becomes of this one. */
export function copied(row: ListRow, first: Outcome): Outcome {
  return { ...first, row, attempts: 0, ms: 0 };
}

function unasked(
  row: ListRow,
  code: Outcome['code'],
  phase: Outcome['phase'],
  errorMessage: string,
): Outcome {
  return {
    row,
    status: 'failed_to_download',
    code,
    phase,
    errorMessage,
    httpStatus: null,
    attempts: 0,
    ms: 0,
    finalUrl: null,
    address: null,
    mediaType: null,
    width: null,
    height: null,
    originalWidth: null,
    originalHeight: null,
    bytes: 0,
    sha256: null,
  };
}
