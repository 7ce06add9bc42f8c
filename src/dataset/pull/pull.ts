import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.js';
import { openList } from '../list/list.js';
import type { Outcome } from '../outcome.js';
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

/** Outcomes that nobody has taken yet: beyond, the oldest are dropped where nobody iterates. */
const MOST_WAITING = 100_000;

/**
 * Retrieves a list of URLs into a data set. Iterate to get each row's outcome as it is stored, or await `result`. The same call goes on where an earlier one
 * was interrupted, however that ended, and does nothing where it was finished.
 */
export function pull(options: PullOptions): PullRun {
  const tally = new RunTally();
  const waiting: Outcome[] = [];
  let wake: (() => void) | undefined;
  let over = false;
  const result = run(settlePull(options), tally, (outcomes) => {
    tally.outcomes(outcomes);
    if (waiting.length < MOST_WAITING) waiting.push(...outcomes);
    wake?.();
  }).finally(() => {
    over = true;
    wake?.();
  });
  // Whoever only iterates is told by the iteration.
  result.catch(() => undefined);
  async function* iterate(): AsyncGenerator<Outcome> {
    for (;;) {
      yield* waiting.splice(0);
      if (over) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await result;
  }
  return { result, tally, [Symbol.asyncIterator]: iterate };
}

async function run(
  settings: PullSettings,
  tally: RunTally,
  onOutcomes: (outcomes: readonly Outcome[]) => void,
): Promise<PullResult> {
  const { directory, dedupe, retryFailed, signal } = settings;
  const list = await openList(settings.sources, settings.listOptions);
  const state = new RunState(directory, list.identity(), settings.dataset);
  try {
    if (state.result !== null && retryFailed === undefined) return { complete: true, ...state.result };
    state.result = null;
    const index = dedupe ? newIndex(state.folder) : undefined;
    const plan = new ShardPlan(list.rows(), settings.layout.shardSize, index);
    const crew = new Crew(plan, {
      outcomes: onOutcomes,
      shardFinished: (shard, summary) => tally.shardFinished(shard, summary),
    });
    try {
      await crew.run(
        settings.threads,
        settings.hostLimit,
        {
          directory,
          layout: { ...settings.layout, digest: state.digest },
          policy: settings.policy,
          limit: settings.limit,
          memoryBytes: settings.memoryBytes,
          retryFailed,
        },
        signal,
      );
    } finally {
      await index?.close();
    }
    if (crew.listFailure !== undefined) throw crew.listFailure;
    const result = { shards: plan.shards, summary: tally.summary() };
    if (signal?.aborted) return { complete: false, ...result };
    if (result.shards === 0) throw new SluiceError('list-unreadable', 'The list has no rows.');
    state.result = result;
    return { complete: true, ...result };
  } finally {
    state.release();
  }
}

/** Made anew in each run: it follows from the list, and one that a power cut has left behind would have to be doubted. */
function newIndex(folder: string): UrlIndex {
  const path = join(folder, 'urls');
  rmSync(path, { recursive: true, force: true });
  return new UrlIndex(path);
}
