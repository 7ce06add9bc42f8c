import type { Outcome } from '../outcome.js';
import type { PullOptions } from './options.js';
import type { PullResult } from './run.js';
import { RunTally } from './run-tally.js';
import { WaitingOutcomes } from './waiting-outcomes.js';

/** A run under way. */
export interface PullRun extends AsyncIterable<Outcome> {
  /** How it ended; rejects with what ended it early: `option-invalid`, `list-unreadable`, `write-failed`. */
  readonly result: Promise<PullResult>;
  readonly tally: RunTally;
}

/**
 * Retrieves a list of URLs into a data set. Iterate to get each row's outcome as it is stored, or await `result`. The same call goes on where an earlier one
 * was interrupted, however that ended, and does nothing where it was finished. Whoever iterates slowly makes the run slow; whoever begins to iterate late
 * gets what comes from then on.
 *
 * @example
 * ```js
 * const run = pull({ list: 'urls.csv', captionCol: 'alt', directory: 'out' });
 * for await (const { row, code, errorMessage } of run) if (code !== null) console.log(row.url, code, errorMessage);
 * const { summary } = await run.result;
 * console.log(`${summary.successes} of ${summary.count}`);
 * ```
 */
export function pull(options: PullOptions): PullRun {
  const tally = new RunTally();
  const waiting = new WaitingOutcomes();
  const result = begin(options, tally, waiting).finally(() => waiting.end());
  // Whoever only iterates is told by the iteration.
  result.catch(() => undefined);
  async function* iterate(): AsyncGenerator<Outcome> {
    try {
      for (let outcomes = await waiting.take(); outcomes.length > 0; outcomes = await waiting.take())
        yield* outcomes;
    } finally {
      waiting.leave();
    }
    await result;
  }
  return {
    result,
    tally,
    [Symbol.asyncIterator]() {
      waiting.begin();
      return iterate();
    },
  };
}

/** What a run needs is loaded here: whoever imports the library for single pictures waits for none of it. */
async function begin(options: PullOptions, tally: RunTally, waiting: WaitingOutcomes): Promise<PullResult> {
  const { run } = await import('./run.js');
  return run(options, tally, waiting);
}
