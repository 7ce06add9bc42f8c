import { work } from '../dataset/queue/work.js';
import { SluiceError } from '../errors.js';
import { escapeLine } from './escape.js';
import type { Output } from './output.js';
import { PullDisplay } from './pull-display.js';
import { type WorkFlags, workOptions } from './work-options.js';

const INTERRUPTED_STATUS = 130;

/** Works for a run that is planned elsewhere. The status is 0 when that is finished. */
export async function runWork(
  flags: WorkFlags,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<number> {
  const { result, tally } = work(workOptions(flags, signal));
  const display = flags.quiet ? undefined : new PullDisplay(stderr, tally);
  display?.start();
  try {
    const { complete, shards } = await result;
    display?.end();
    stdout.write(
      `${tally.done} rows, ${shards} ${shards === 1 ? 'shard' : 'shards'} put into the data set\n`,
    );
    if (complete) return 0;
    if (!flags.quiet) stderr.write('sluice: Left. What was not finished is for another worker.\n');
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
