import { closeSync, existsSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type KindName, world } from '../dataset/world.js';
import { scratchDirectory } from '../support/scratch.js';
import { until } from './support/command.js';
import { ONE_SENTENCE } from './support/printed.js';
import { datasetOf, listIn, onWorld, pull, rowsOf, startPull } from './support/pull.js';

/** Each asked for once in a run that nothing disturbs. */
const ONCE: readonly KindName[] = [
  'good',
  'png',
  'repeated',
  'missing',
  'html',
  'noai',
  'truncated',
  'no-url',
];

// Each starts several processes, and one waits for ten seconds.
vi.setConfig({ testTimeout: 60_000 });

describe('sluice pull, interrupted', () => {
  test('finishes what is in flight, ends with 130, and goes on from there', async () => {
    const there = await world({ hosts: 20, rows: 400, kinds: ONCE, delayMs: 40 });
    const folder = scratchDirectory();
    const list = listIn(folder, there);
    const args = [
      list,
      '-o',
      join(folder, 'out'),
      '--shard-size',
      '100',
      '--concurrency',
      '8',
      ...onWorld(there),
    ];
    const running = startPull(args);
    await until(() => there.asked() >= 100);
    running.kill('SIGINT');
    const { status, stderr } = await running.ended;
    expect(status).toBe(130);
    expect(stderr).toBe('sluice: Interrupted. The same command goes on from here.\n');
    const asked = there.asked();
    expect(asked).toBeLessThan(250);
    expect((await pull(args)).status).toBe(0);
    expect([...there.requests.values()].every((times) => times === 1)).toBe(true);
    expect(await rowsOf(join(folder, 'out'))).toHaveLength(400);
  });

  test('waits for ten seconds for who does not answer, and no longer', async () => {
    const there = await world({ hosts: 3, rows: 20, kinds: ['silent'] });
    const folder = scratchDirectory();
    const list = listIn(folder, there);
    const running = startPull([list, '-o', join(folder, 'out'), ...onWorld(there), '--timeout', '60']);
    await until(() => there.asked() > 0);
    const began = performance.now();
    running.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
    expect(performance.now() - began).toBeGreaterThan(9_000);
    expect(readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.journal'))).toHaveLength(1);
    expect(existsSync(join(folder, 'out/.sluice/lock'))).toBe(false);
  });

  test('while it waits for its list', async () => {
    const folder = scratchDirectory();
    const running = startPull(['-', '-o', 'out'], { cwd: folder, stdin: 'pipe' });
    await until(() => existsSync(join(folder, 'out/.sluice/lock')));
    running.kill('SIGINT');
    expect((await running.ended).status).toBe(130);
  });
});

describe('sluice pull into a directory that has a run', () => {
  test('does nothing where it is finished, and says how it ended', async () => {
    const there = await world({ hosts: 5, rows: 60, kinds: ONCE });
    const folder = scratchDirectory();
    const args = [listIn(folder, there), '-o', join(folder, 'out'), ...onWorld(there)];
    const first = await pull(args);
    const asked = there.asked();
    const second = await pull(args);
    expect(second.status).toBe(0);
    expect(there.asked()).toBe(asked);
    const [verdict] = first.stdout.toString().split('\n');
    expect(second.stdout.toString()).toContain(verdict);
    expect(second.stdout.toString()).toContain('Failures by cause:');
  });

  test('refuses another list and other options, with the difference, and changes nothing', async () => {
    const there = await world({ hosts: 5, rows: 30, kinds: ['good', 'missing'] });
    const folder = scratchDirectory();
    const out = join(folder, 'out');
    const list = listIn(folder, there);
    const args = ['-o', out, ...onWorld(there)];
    expect((await pull([list, ...args])).status).toBe(0);
    const before = await datasetOf(out);
    const other = listIn(folder, there, 'other.txt');
    for (const [changed, difference] of [
      [[other, ...args], 'other.txt stands where urls.txt was'],
      [[list, ...args, '--shard-size', '7'], '--shard-size is 7, was 10000'],
      [[list, ...args, '--format', 'files'], '--format is "files", was "webdataset"'],
      [[list, ...args, '--resize', '32'], '--encode is "jpg", was null; --resize is 32, was null'],
    ] as const) {
      const { status, stderr } = await pull(changed);
      expect(stderr).toMatch(ONE_SENTENCE);
      expect(stderr).toContain(difference);
      expect(status).toBe(2);
    }
    writeFileSync(list, `${there.list}http://127.0.0.1/one-more.jpg\n`);
    const { status, stderr } = await pull([list, ...args]);
    expect(stderr).toMatch(/urls\.txt has \d+ bytes, had \d+/);
    expect(status).toBe(2);
    expect(await datasetOf(out)).toEqual(before);
  });

  test('knows a list from standard input by its bytes', async () => {
    const there = await world({ hosts: 3, rows: 30, kinds: ['good'] });
    const folder = scratchDirectory();
    const list = listIn(folder, there);
    const other = join(folder, 'other.txt');
    writeFileSync(other, there.list.replaceAll('good', 'png'));
    const piped = async (path: string) => {
      const file = openSync(path, 'r');
      try {
        return await pull(['-', '-o', join(folder, 'out'), ...onWorld(there)], { stdin: file });
      } finally {
        closeSync(file);
      }
    };
    expect((await piped(list)).status).toBe(0);
    expect((await piped(list)).status).toBe(0);
    expect(there.asked()).toBe(30);
    const { status, stderr } = await piped(other);
    expect(status).toBe(2);
    expect(stderr).toContain('holds another run');
    expect(there.asked()).toBe(30);
  });

  test('refuses to be the second at once', async () => {
    const there = await world({ hosts: 3, rows: 30, kinds: ['good'], delayMs: 100 });
    const folder = scratchDirectory();
    const args = [listIn(folder, there), '-o', join(folder, 'out'), '--concurrency', '2', ...onWorld(there)];
    const first = startPull(args);
    await until(() => there.asked() > 0);
    const { status, stderr } = await pull(args);
    expect(stderr).toContain(`is being written by process ${first.pid}`);
    expect(status).toBe(2);
    expect((await first.ended).status).toBe(0);
    expect(there.asked()).toBe(30);
  });
});
