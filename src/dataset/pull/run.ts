import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.js';
import { openList } from '../list/list.js';
import type { QueueAddress } from '../queue/connection.js';
import { ShardUrls } from '../queue/shard-urls.js';
import type { ListRow } from '../row.js';
import { SharedHosts } from '../schedule/shared-hosts.js';
import type { ShardSummary } from '../shard/stats.js';
import { Crew } from './crew.js';
import { type PullOptions, type PullSettings, settlePull } from './options.js';
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
  const given = settlePull(options);
  const { directory, retryFailed, signal } = given;
  const list = await openList(given.sources, given.listOptions);
  const state = await RunState.begin(directory, list.identity(), given.dataset);
  const settings = {
    ...given,
    signal: AbortSignal.any([state.lost, ...(signal === undefined ? [] : [signal])]),
  };
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
    if (state.lost.aborted) throw takenOver(directory);
    const result = { shards, summary: tally.summary() };
    if (signal?.aborted) return { complete: false, ...result };
    if (result.shards === 0) throw new SluiceError('list-unreadable', 'The list has no rows.');
    state.confirm(list.identity());
    state.result = result;
    return { complete: true, ...result };
  } finally {
    await state.release();
  }
}

function takenOver(directory: string): SluiceError {
  const says = 'was taken over by another run, for nothing was heard of this one';
  return new SluiceError('write-failed', `${JSON.stringify(directory)} ${says}.`);
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
  await takeFromCrews(state.folder, directory);
  const index = settings.dedupe ? new UrlIndex(join(state.folder, 'urls')) : undefined;
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
    await plan.close();
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
  const plan = new ShardPlan(
    rows,
    settings.layout.shardSize,
    settings.dedupe ? new ShardUrls(settings.layout.shardSize) : undefined,
  );
  try {
    await planRun(queue, settings, state.digest, plan, tally);
  } finally {
    if (plan.shards === 0) state.forget();
  }
  return plan.shards;
}

/** Where many machines were at work: what they have done is gone on with here, and whoever is still at it does no harm any more. */
async function takeFromCrews(folder: string, directory: string): Promise<void> {
  if (!readdirSync(folder).some((name) => name.startsWith('crew'))) return;
  const { disband } = await import('../queue/disband.js');
  await disband(directory);
}
