import type { ErrorCode } from '../../errors.js';
import type { Outcome } from '../outcome.js';
import type { ListRow } from '../row.js';
import type { Trouble } from '../schedule/host-queue.js';

/** What a row is told to have failed with that was never asked for, because its host is given up. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  overloaded: 'http-status',
  unresolved: 'name-not-resolved',
  'lookup-failed': 'timeout-resolve',
  unreachable: 'connection-refused',
  silent: 'timeout-connect',
};

/** A line of the list that could not be read. */
export function malformedLine(row: ListRow): Outcome {
  return unasked(row, 'line-malformed', 'list', `The line of the list can't be read: ${row.problem}.`);
}

/** A row of a host that is given up. */
export function givenUp(row: ListRow, host: string, { kind, inARow }: Trouble): Outcome {
  const says = `${host} was not asked for it: it is given up after ${inARow} failures on end (${kind}).`;
  return unasked(row, CODES[kind] ?? 'connection-failed', 'connect', says);
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
