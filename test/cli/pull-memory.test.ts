import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { scratchDirectory } from '../support/scratch.js';
import { peakMemory } from './support/memory.js';
import { startPull } from './support/pull.js';

const ROWS = 100_000;
/** It has some 210, of which 45 are Node's program. */
const MOST_MEMORY = 270_000_000;

test(`pull takes a list of ${ROWS} rows that fail at once in less than 270 MB`, async () => {
  const folder = scratchDirectory();
  const list = createWriteStream(join(folder, 'urls.txt'));
  for (let row = 0; row < ROWS; row++)
    list.write(row % 10 === 0 ? `http://127.200.0.${1 + (row % 250)}:2/${row}\n` : `no URL, row ${row}\n`);
  list.end();
  await finished(list);
  const args = ['--allow', '127.0.0.0/8', '--retry', '0', '--threads', '2', '--shard-size', '1000'];
  const running = startPull(['urls.txt', '-o', 'out', ...args], { cwd: folder });
  let peak = 0;
  const timer = setInterval(() => {
    if (running.child.exitCode === null) peak = Math.max(peak, peakMemory(running.pid) ?? 0);
  }, 200);
  try {
    const { status, stdout } = await running.ended;
    expect(status).toBe(0);
    expect(stdout.toString()).toMatch(/^0 of 100000 pictures \(0\.0 %\) in 100 shards\n/);
  } finally {
    clearInterval(timer);
  }
  expect(peak).toBeGreaterThan(20_000_000);
  expect(peak).toBeLessThan(MOST_MEMORY);
}, 120_000);
