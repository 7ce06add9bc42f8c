import type { Outcome, OutcomeCode } from '../outcome.js';

/** A failure of a row that is no failure of its retrieval: a policy of the run, or of the site, or of the list. */
export class RowFailure extends Error {
  override readonly name = 'RowFailure';

  constructor(
    readonly code: OutcomeCode,
    readonly phase: NonNullable<Outcome['phase']>,
    message: string,
  ) {
    super(message);
  }
}
