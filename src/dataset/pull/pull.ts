import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.js';
import { openList } from '../list/list.js';
import type { Outcome } from '../outcome.js';
import type { QueueAddress } from '../queue/connection.js';
import type { ListRow } from '../row.js';
import { SharedHosts } from '../schedule/shared-hosts.js';
import type { ShardSummary } from '../shard/stats.js';
import { Crew } from './crew.js';
import { type PullOptions, type PullSettings, settlePull } from './options.js';
import { RunState } from './run-state.js';
import { RunTally } from './run-tally.js';
import { ShardPlan } from './shard-plan.js';
import { UrlIndex } from './url-index.js';

/** How a call of `pull` ended. */
export interface PullResult {
  /** Every row of the list has its outcome. */
  readonly complete: boolean;
  readonly shards: number;
  /** Of all rows of finished shards, those of earlier calls among them. */
  readonly summary: ShardSummary;
}

/** A run under way. */
export interface PullRun extends AsyncIterable<Outcome> {
  /** How it ended; rejects with what ended it early: `option-invalid`, `list-unreadable`, `write-failed`. */
  readonly result: Promise<PullResult>;
  readonly tally: RunTally;
}

/** Outcomes that an iteration has not taken yet: beyond, no further shard is begun until it has. */
const MOST_WAITING = 20_000;

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
  const result = run(options, tally, waiting).finally(() => waiting.end());
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

/** Outcomes on their way to an iteration. While nobody iterates, none is kept. */
class WaitingOutcomes {
  #outcomes: Outcome[] = [];
  #isWanted = false;
  #over = false;
  /** Who waits for outcomes, and who for room. */
  readonly #takers: (() => void)[] = [];
  readonly #givers: (() => void)[] = [];

  begin(): void {
    this.#isWanted = true;
  }

  /** Whoever iterated has left: the run goes on without. */
  leave(): void {
    this.#isWanted = false;
    this.#outcomes = [];
    for (const wake of this.#givers.splice(0)) wake();
  }

  end(): void {
    this.#over = true;
    for (const wake of this.#takers.splice(0)) wake();
  }

  put(outcomes: readonly Outcome[]): void {
    if (!this.#isWanted) return;
    for (const outcome of outcomes) this.#outcomes.push(outcome);
    for (const wake of this.#takers.splice(0)) wake();
  }

  /** Resolves when there is room for a further shard. */
  async room(): Promise<void> {
    while (this.#outcomes.length > MOST_WAITING) await new Promise<void>((wake) => this.#givers.push(wake));
  }

  /** What came since the last time; nothing at the end. */
  async take(): Promise<readonly Outcome[]> {
    while (this.#outcomes.length === 0 && !this.#over)
      await new Promise<void>((wake) => this.#takers.push(wake));
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    for (const wake of this.#givers.splice(0)) wake();
    return outcomes;
  }
}

async function run(options: PullOptions, tally: RunTally, waiting: WaitingOutcomes): Promise<PullResult> {
  const settings = settlePull(options);
  const { directory, retryFailed, signal } = settings;
  const list = await openList(settings.sources, settings.listOptions);
  const state = new RunState(directory, list.identity(), settings.dataset);
  try {
    if (state.result !== null && retryFailed === undefined) {
      // What comes by standard input is known to be the same list only when it was read.
      if (!state.isListKnown) for await (const _ of list.rows());
      state.confirm(list.identity());
      return { complete: true, ...state.result };
    }
    state.result = null;
    const shards = await (settings.queue === undefined
      ? retrieveAll(settings, state, list.rows(), tally, waiting)
      : planForWorkers(settings.queue, settings, state, list.rows(), tally));
    const result = { shards, summary: tally.summary() };
    if (signal?.aborted) return { complete: false, ...result };
    if (result.shards === 0) throw new SluiceError('list-unreadable', 'The list has no rows.');
    state.confirm(list.identity());
    state.result = result;
    return { complete: true, ...result };
  } finally {
    state.release();
  }
}

/** Does it all in this process. Gives the number of shards. */
async function retrieveAll(
  settings: PullSettings,
  state: RunState,
  rows: AsyncIterable<readonly ListRow[]>,
  tally: RunTally,
  waiting: WaitingOutcomes,
): Promise<number> {
  const { directory, layout, policy, limit, window, memoryBytes, retryFailed } = settings;
  const index = settings.dedupe ? newIndex(state.folder) : undefined;
  const plan = new ShardPlan(rows, layout.shardSize, index);
  const crew = new Crew(plan, {
    outcomes(outcomes) {
      tally.outcomes(outcomes);
      waiting.put(outcomes);
    },
    room: () => waiting.room(),
    shardFinished: (shard, summary) => tally.shardFinished(shard, summary),
  });
  try {
    await crew.run(
      settings.threads,
      SharedHosts.buffer(settings.hostLimit, Date.now()),
      {
        directory,
        layout: { ...layout, digest: state.digest },
        policy,
        limit,
        window,
        memoryBytes,
        retryFailed,
      },
      settings.signal,
    );
  } finally {
    await index?.close();
    if (plan.shards === 0) state.forget();
  }
  if (crew.listFailure !== undefined) throw crew.listFailure;
  return plan.shards;
}

/** Leaves it to workers, on this machine or others. What that needs is loaded only then. */
async function planForWorkers(
  queue: QueueAddress,
  settings: PullSettings,
  state: RunState,
  rows: AsyncIterable<readonly ListRow[]>,
  tally: RunTally,
): Promise<number> {
  const { planRun } = await import('../queue/planner.js');
  return await planRun(queue, settings, state.digest, rows, tally);
}

/** Made anew in each run: it follows from the list, and one that a power cut has left behind would have to be doubted. */
function newIndex(folder: string): UrlIndex {
  const path = join(folder, 'urls');
  rmSync(path, { recursive: true, force: true });
  return new UrlIndex(path);
}
