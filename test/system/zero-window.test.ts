import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunBatch } from '../../src/flow/run.js';
import { addBatch, newRun, type Run } from '../../src/flow/run.js';
import { EXPERIMENTS } from '../../src/lab/experiments.js';
import type { RunSettings } from '../../src/lab/run-settings.js';

const CLI = join(import.meta.dirname, '../../dist/cli.cjs');
const folder = mkdtempSync(join(tmpdir(), 'sluice-capture-'));
let lab: ChildProcess;
let url: string;

beforeAll(async () => {
  lab = spawn(process.execPath, [CLI, 'lab'], { stdio: ['ignore', 'pipe', 'ignore'] });
  url = await new Promise((resolve) => lab.stdout!.once('data', (data) => resolve(String(data).trim())));
});

afterAll(() => {
  lab.kill('SIGINT');
  rmSync(folder, { recursive: true });
});

/** Runs an experiment of the lab to its end, with `changes` to its settings. */
async function ran(name: string, changes: Partial<RunSettings> = {}): Promise<Run> {
  const experiment = EXPERIMENTS.find((one) => one.name === name)!;
  const settings = { ...experiment.settings, ...changes };
  const made = await fetch(`${url}runs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(settings),
  });
  const { id } = (await made.json()) as { id: string };
  const run = newRun({ url: '', ends: 'both', recvSize: settings.recvSize, unit: 'receive' });
  const text = await (await fetch(`${url}runs/${id}/events`)).text();
  for (const [, data] of text.matchAll(/^event: batches\ndata: (.+)$/gm)) {
    for (const batch of JSON.parse(data!) as RunBatch[]) addBatch(run, batch);
  }
  return run;
}

/** Captures loopback's headers while `work` goes on; gives the file. */
async function captured<T>(work: () => Promise<T>): Promise<{ file: string; result: T }> {
  const file = join(folder, `${Math.random()}.pcapng`);
  const tshark = spawn('tshark', ['-i', 'lo', '-s', '96', '-f', 'tcp', '-w', file, '-q'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => tshark.once('exit', resolve));
  // Written when it captures.
  await new Promise<void>((resolve) => {
    tshark.stderr.on('data', (data) => {
      if (String(data).includes('Capturing')) setTimeout(resolve, 500);
    });
  });
  const result = await work();
  // What is still in the capture's buffer.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  tshark.kill('SIGINT');
  await ended;
  return { file, result };
}

/** How often the receiver told the origin at `port` that its window was 0. */
function zeroWindows(file: string, port: string): number {
  const filter = `tcp.dstport == ${port} && tcp.window_size == 0 && tcp.flags.reset == 0`;
  const lines = execFileSync('tshark', ['-r', file, '-Y', filter, '-T', 'fields', '-e', 'frame.number'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return lines.toString().split('\n').filter(Boolean).length;
}

/** All frames that it saw of that origin. */
function frames(file: string, port: string): number {
  const lines = execFileSync(
    'tshark',
    ['-r', file, '-Y', `tcp.port == ${port}`, '-T', 'fields', '-e', 'frame.number'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return lines.toString().split('\n').filter(Boolean).length;
}

test('a picture larger than the buffers closes the window, as tshark sees it, and the server stands still', async () => {
  const { file, result } = await captured(() => ran('reservoir'));
  const { port } = new URL(result.facts.url);
  expect(frames(file, port)).toBeGreaterThan(10);
  expect(zeroWindows(file, port)).toBeGreaterThan(0);
  expect(result.columns.stalls.from.length).toBeGreaterThan(0);
  expect(result.facts.outcome!.limit).toBe('receiver');
});

test('what comes as fast as it can closes no window', async () => {
  let fewest = Number.POSITIVE_INFINITY;
  // The picture comes within three milliseconds. By 5120 bytes at a time that is more than can be received, and the window mostly closes once; and a
  // receiver that the machine keeps waiting for a millisecond is not fast either.
  for (let tries = 0; tries < 5 && fewest > 0; tries++) {
    const { file, result } = await captured(() => ran('fast', { recvSize: 65_536 }));
    const { port } = new URL(result.facts.url);
    expect(frames(file, port)).toBeGreaterThan(10);
    expect(result.columns.stalls.from).toEqual([]);
    fewest = Math.min(fewest, zeroWindows(file, port));
  }
  expect(fewest).toBe(0);
});
