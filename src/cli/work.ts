import { type WorkRun, work } from '../dataset/queue/work.js';
import { SluiceError } from '../errors.js';
import { escapeLine } from './escape.js';
import type { Output } from './output.js';
import { PullDisplay } from './pull-display.js';
import { type WorkFlags, workOptions } from './work-options.js';

const INTERRUPTED_STATUS = 130;
const NO_RUN = 'Left. No run is in the queue.';
const LEFT = 'Left. What was not finished is for another worker.';

/** Works for a run that is planned elsewhere. The status is 0 when that is finished. */
export async function runWork(
  flags: WorkFlags,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<number> {
  const run = work(workOptions(flags, signal));
  const { result, tally } = run;
  const display = flags.quiet ? undefined : new PullDisplay(stderr, tally, () => doingOf(run));
  display?.start();
  try {
    const { complete, shards } = await result;
    display?.end();
    stdout.write(
      `${tally.done} rows, ${shards} ${shards === 1 ? 'shard' : 'shards'} put into the data set\n`,
    );
    if (complete) return 0;
    if (!flags.quiet) stderr.write(`sluice: ${run.directory === undefined ? NO_RUN : LEFT}\n`);
    return INTERRUPTED_STATUS;
  } catch (error) {
    display?.end();
    if (!(error instanceof SluiceError)) throw error;
    stderr.write(`sluice: ${escapeLine(error.message)}\n`);
    return error.exitCode;
  } finally {
    display?.end();
  }
}

function doingOf({ directory, shards }: WorkRun): string {
  if (directory === undefined) return 'waiting for a run';
  if (shards === 0) return 'waiting for shards';
  return shards === 1 ? '1 shard in hand' : `${shards} shards in hand`;
}
