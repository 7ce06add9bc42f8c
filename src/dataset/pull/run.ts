import { join } from 'node:path';
import { SluiceError } from '../../errors.js';
import { openList } from '../list/list.js';
import type { ShardSummary } from '../shard/stats.js';
import { Crew } from './crew.js';
import { type PullOptions, settlePull } from './options.js';
import { RunState } from './run-state.js';
import type { RunTally } from './run-tally.js';
import { ShardPlan } from './shard-plan.js';
import { UrlIndex } from './url-index.js';
import type { WaitingOutcomes } from './waiting-outcomes.js';

/** How a call of `pull` ended. */
export interface PullResult {
  /** Every row of the list has its outcome. */
  readonly complete: boolean;
  readonly shards: number;
  /** Of all rows of finished shards, those of earlier calls among them. */
  readonly summary: ShardSummary;
}

/** The whole of a run: `tally` and `waiting` are told of it. Rejects as `PullRun.result` does. */
export async function run(
  options: PullOptions,
  tally: RunTally,
  waiting: WaitingOutcomes,
): Promise<PullResult> {
  const settings = settlePull(options);
  const { directory, dedupe, retryFailed, signal } = settings;
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
    const index = dedupe ? await UrlIndex.create(join(state.folder, 'urls')) : undefined;
    const plan = new ShardPlan(list.rows(), settings.layout.shardSize, index);
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
        settings.hostLimit,
        {
          directory,
          layout: { ...settings.layout, digest: state.digest },
          policy: settings.policy,
          limit: settings.limit,
          window: settings.window,
          memoryBytes: settings.memoryBytes,
          retryFailed,
        },
        signal,
      );
    } finally {
      await index?.close();
      if (plan.shards === 0) state.forget();
    }
    if (crew.listFailure !== undefined) throw crew.listFailure;
    const result = { shards: plan.shards, summary: tally.summary() };
    if (signal?.aborted) return { complete: false, ...result };
    if (result.shards === 0) throw new SluiceError('list-unreadable', 'The list has no rows.');
    state.confirm(list.identity());
    state.result = result;
    return { complete: true, ...result };
  } finally {
    state.release();
  }
}
