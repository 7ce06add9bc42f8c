import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Outcome } from '../../src/dataset/outcome.js';
import { shardPaths } from '../../src/dataset/shard/layout.js';
import { ListTypes } from '../../src/dataset/shard/list-types.js';
import { writeTable } from '../../src/dataset/shard/table-writer.js';
import { madeDataset, recordRun } from '../dataset/support/dataset.js';
import { mixedOutcome, outcomeOf, pictureOf } from '../dataset/support/outcomes.js';
import { layoutOf } from '../dataset/support/shards.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, start } from './support/command.js';

function runReport(args: readonly string[], node: readonly string[] = []) {
  return start(process.execPath, [...node, CLI, 'report', ...args]).ended;
}

test('writes the page where it is told to, and says where', async () => {
  const directory = scratchDirectory();
  const outcomes = Array.from({ length: 25 }, (_, index) => mixedOutcome(index));
  await madeDataset(directory, layoutOf('files'), outcomes, pictureOf);
  const page = join(directory, 'a page.html');
  const { status, stdout, stderr } = await runReport([directory, '-o', page, '--sample', '3']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.toString()).toMatch(/^\/.*a page\.html: 25 rows in 3 shards, a page of [\d.]+ kB\n$/);
  expect(readFileSync(page, 'utf8').match(/<figure>/g)).toHaveLength(3);
});

test('a directory that is no data set, or is none at all, is one sentence and status 2', async () => {
  for (const directory of [scratchDirectory(), '/nowhere/at/all']) {
    const { status, stdout, stderr } = await runReport([directory]);
    expect([status, stdout.toString()]).toEqual([2, '']);
    expect(stderr).toBe(
      `sluice: ${JSON.stringify(directory)} is no data set that sluice pull made: it has no .sluice/run.json.\n`,
    );
  }
});

test('a page that cannot be written is status 23', async () => {
  const directory = scratchDirectory();
  await recordRun(directory, layoutOf('files'));
  const { status, stderr } = await runReport([directory, '-o', join(directory, 'none', 'page.html')]);
  expect([status, stderr]).toEqual([
    23,
    expect.stringMatching(/^sluice: ".*" could not be written: .*\.\n$/),
  ]);
});

test('200,000 rows fit into little memory', async () => {
  const directory = scratchDirectory();
  const layout = layoutOf('webdataset', { shardSize: 20_000 });
  await recordRun(directory, layout);
  const first = shardPaths(directory, 0, layout).table;
  const entries = entriesOf(layout.shardSize);
  await writeTable(first, { shard: 0, layout, types: new ListTypes([]), entries, read: undefined });
  for (let shard = 0; shard < 10; shard++) {
    const { table, stats } = shardPaths(directory, shard, layout);
    if (shard > 0) copyFileSync(first, table);
    const counts = { count: 20_000, successes: 20_000, failed_to_download: 0, failed_to_resize: 0 };
    writeFileSync(stats, JSON.stringify({ ...counts, start_time: shard, end_time: shard + 1, codes: {} }));
  }
  const page = join(directory, 'report.html');
  const { status, stderr } = await runReport([directory, '--sample', '2'], ['--max-old-space-size=72']);
  expect([status, stderr]).toEqual([0, '']);
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('200,000 of 200,000 pictures came: 100 %.');
  // There is no tar: the page goes on without its pictures.
  expect(html).toContain('Its bytes are not there any more.');
}, 60_000);

/** More hosts than are told apart. */
function* entriesOf(rows: number) {
  for (let index = 0; index < rows; index++) {
    const url = `https://host-${index}.example/${'long/'.repeat(20)}${index}.jpg`;
    const row = { index, url, caption: null, columns: {} };
    const outcome: Outcome = outcomeOf(index, {
      row,
      finalUrl: url,
      sha256: String(index).padStart(64, '0'),
    });
    yield { place: index, outcome, stored: null };
  }
}
