/**
 * A list of many rows that fail at once, to see that neither the memory nor the cost of a row grows with the list: `npx tsx scripts/try-many-rows.ts [ROWS]`. Half of the
 * rows are no URLs, half lead to ports of loopback where nobody listens, at 65,000 addresses.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const SHARD_SIZE = Math.max(100, Math.round(ROWS / 100));
const EVERY_MS = 200;
const PARTS = 10;

const folder = mkdtempSync(join(tmpdir(), 'sluice-rows-'));
try {
  const list = join(folder, 'urls.txt');
  await writeList(list);
  const out = join(folder, 'out');
  const cli = new URL('../dist/cli.js', import.meta.url).pathname;
  const args = ['pull', list, '-o', out, '--allow', '127.0.0.0/8', '--retry', '0', '-q'];
  const began = performance.now();
  const child = spawn(process.execPath, [cli, ...args, '--shard-size', String(SHARD_SIZE)], {
    stdio: 'inherit',
  });
  const samples: { ms: number; rows: number; bytes: number }[] = [];
  const timer = setInterval(() => {
    const bytes = residentBytes(child.pid!);
    if (bytes > 0) samples.push({ ms: performance.now() - began, rows: rowsDone(out), bytes });
  }, EVERY_MS);
  const status = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(timer);
  const ms = performance.now() - began;
  console.log(`${ROWS} rows in ${(ms / 1000).toFixed(1)} s, status ${status}`);
  console.log('rows done   resident MB   µs a row');
  let before = { ms: 0, rows: 0 };
  for (let part = 1; part <= PARTS; part++) {
    const sample = samples.find(({ rows }) => rows >= (ROWS * part) / PARTS) ?? samples.at(-1)!;
    const cost = (1000 * (sample.ms - before.ms)) / (sample.rows - before.rows);
    console.log(
      `${String(sample.rows).padStart(9)}   ${(sample.bytes / 1e6).toFixed(0).padStart(11)}   ${cost.toFixed(1).padStart(8)}`,
    );
    before = sample;
  }
  console.log(`peak ${(Math.max(...samples.map(({ bytes }) => bytes)) / 1e6).toFixed(0)} MB`);
} finally {
  rmSync(folder, { recursive: true });
}

async function writeList(path: string): Promise<void> {
  const stream = createWriteStream(path);
  for (let row = 0; row < ROWS; row++) {
    const host = `127.${128 + (row % 120)}.${Math.floor(row / 120) % 250}.${1 + (Math.floor(row / 30_000) % 2)}`;
    const line = row % 2 === 0 ? `no URL, row ${row}\n` : `http://${host}:2/${row}.jpg\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}

/** Of finished shards. */
function rowsDone(out: string): number {
  try {
    return readdirSync(out).filter((name) => name.endsWith('_stats.json')).length * SHARD_SIZE;
  } catch {
    return 0; // Not begun yet.
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It is gone.
  }
}
