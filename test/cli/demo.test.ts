import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runDemo } from '../../src/cli/demo.js';
import { DemoScreen } from '../../src/cli/demo-screen.js';
import { SluiceError } from '../../src/errors.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('runDemo()', () => {
  it('shows S1 to S8 within 30 s, claims nothing that did not hold, and leaves stuff.jpg alone', {
    timeout: 60_000,
  }, async () => {
    const printed: { readonly at: number; readonly text: string }[] = [];
    const out = (text: string) => void printed.push({ at: performance.now(), text });
    const began = performance.now();
    const status = await runDemo({ directory, out, colour: false });
    const seconds = (performance.now() - began) / 1000;
    const all = printed.map(({ text }) => text).join('');

    expect(all).not.toContain('NO!');
    expect(status, all).toBe(0);
    expect(seconds).toBeLessThan(30);
    expect(await readdir(directory)).toEqual(['stuff.jpg']);
    const cover = await readFile(new URL('../../assets/cover.jpg', import.meta.url));
    expect(cover.equals(await readFile(join(directory, 'stuff.jpg')))).toBe(true);

    for (const step of ['S1, S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8']) expect(all).toContain(`\n${step}  `);
    expect(all).toMatch(/^[\n\x20-\x7e]+$/);
    expect(all.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(all).toContain('\n    5120 5120\n');
    const header = /Header length (\d+)\n((?: {4}\S.*\n)+)/.exec(all)!;
    const lines = header[2]!
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(4));
    expect(lines.join('\r\n').length).toBe(Number(header[1]));
    expect(lines).toContain(`Content-Length: ${cover.length}`);

    const paused = printed.slice(printed.findIndex(({ text }) => text.includes('S6  ')));
    const receives = paused.filter(({ text }) => /^ {4}\d+ \d+\n$/.test(text));
    const total = Number(header[1]) + 4 + cover.length;
    expect(receives.at(-1)!.text.trim().split(' ')[1]).toBe(String(total));
    // Shown as they came: 0.25 s lie between one line and the next.
    expect(receives.at(-1)!.at - receives[0]!.at).toBeGreaterThan((receives.length - 1) * 240);
    expect(all).toMatch(/The server's end: it stood still (once|\d+ times)/);
    expect(all).toContain('Who set the pace: receiver.');
  });

  it('rejects with status 23 and prints nothing when the directory can not be written to', async () => {
    const printed: string[] = [];
    const missing = join(directory, 'missing');
    const run = runDemo({ directory: missing, out: (text) => void printed.push(text), colour: true });
    await expect(run).rejects.toMatchObject({ code: 'write-failed', exitCode: 23 });
    expect(printed).toEqual([]);
  });

  it('rejects with status 130 at the signal and leaves no half file', async () => {
    const stop = new AbortController();
    const interrupted = new SluiceError('aborted', 'Interrupted.');
    let all = '';
    const out = (text: string) => {
      all += text;
      if (text.includes('receive at most')) stop.abort(interrupted);
    };
    const run = runDemo({ directory, out, colour: true, signal: stop.signal });
    await expect(run).rejects.toMatchObject({ code: 'aborted', exitCode: 130 });
    expect(await readdir(directory)).toEqual([]);
    expect(all).toContain('\x1b[');
  });
});

describe('DemoScreen', () => {
  it('counts the claims that did not hold, and says so', () => {
    let all = '';
    const screen = new DemoScreen((text) => {
      all += text;
    }, false);
    screen.claim(true, 'One is one.');
    screen.claim(false, `One is ${'very '.repeat(20)}two.`);
    expect(screen.failed).toBe(1);
    expect(screen.tally()).toBe('1 of 2 claims held');
    expect(all).toMatch(/^ {2}yes {2}One is one\.\n {2}NO! {2}One is very [^\n]{50,70}\n {7}very /);
    expect(Math.max(...all.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
