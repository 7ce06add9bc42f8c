import { type PullRun, pull } from '../dataset/pull/pull.js';
import type { PullResult } from '../dataset/pull/run.js';
import type { RunTally } from '../dataset/pull/run-tally.js';
import { SluiceError } from '../errors.js';
import { escapeJson, escapeLine } from './escape.js';
import type { Output } from './output.js';
import { PullDisplay } from './pull-display.js';
import { type PullFlags, pullOptions } from './pull-options.js';
import { causes, placeholderLines, placeholders, verdict } from './pull-summary.js';

/** As curl's CURLE_UNSUPPORTED_PROTOCOL would be, 1 is "not what was asked for" in every shell. */
const BELOW_STATUS = 1;
const INTERRUPTED_STATUS = 130;

/** Retrieves the lists into a data set. The status is 0 when every row has its outcome. */
export async function runPull(
  lists: readonly string[],
  flags: PullFlags,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const run = pull(pullOptions(lists, flags, signal));
  const display =
    flags.quiet || flags.json
      ? undefined
      : new PullDisplay(output.stderr, run.tally, () => workersOf(run.tally));
  display?.start();
  try {
    if (flags.json) await tellRows(run, output);
    return conclude(await run.result, run, flags, output, display);
  } catch (error) {
    display?.end();
    if (!(error instanceof SluiceError)) throw error;
    output.stderr.write(`sluice: ${escapeLine(error.message)}\n`);
    return error.exitCode;
  } finally {
    display?.end();
  }
}

/** Whoever plans has to be told that nothing happens by itself. */
function workersOf({ workers }: RunTally): string | undefined {
  if (workers === undefined) return undefined;
  if (workers === 0) return 'no workers: start "sluice work"';
  return workers === 1 ? '1 worker' : `${workers} workers`;
}

async function tellRows(run: PullRun, { stdout }: Output): Promise<void> {
  for await (const { row, ...outcome } of run) {
    const line = JSON.stringify({ type: 'row', index: row.index, url: row.url, ...outcome });
    if (!stdout.write(`${escapeJson(line)}\n`)) await new Promise((resolve) => stdout.once('drain', resolve));
  }
}

function conclude(
  result: PullResult,
  run: PullRun,
  flags: PullFlags,
  { stdout, stderr }: Output,
  display: PullDisplay | undefined,
): number {
  display?.end();
  const { complete, shards, summary } = result;
  if (flags.json) {
    const { count, successes, failedToDownload, failedToResize, codes } = summary;
    const sums = { count, successes, failedToDownload, failedToResize, codes };
    const end = { type: 'end', complete, shards, ...sums, placeholders: placeholders(run.tally) };
    stdout.write(`${escapeJson(JSON.stringify(end))}\n`);
  } else
    for (const line of [
      ...verdict(result, run.tally),
      ...causes(summary, run.tally),
      ...placeholderLines(run.tally),
    ])
      stdout.write(`${escapeLine(line)}\n`);
  if (!complete) {
    if (!flags.quiet) stderr.write('sluice: Interrupted. The same command goes on from here.\n');
    return INTERRUPTED_STATUS;
  }
  const share = summary.count === 0 ? 100 : (summary.successes / summary.count) * 100;
  return flags.failUnder !== undefined && share < flags.failUnder ? BELOW_STATUS : 0;
}
