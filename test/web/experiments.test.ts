import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verdictOfBoth } from '../../src/flow/both-ends.js';
import type { Run } from '../../src/flow/run.js';
import { RunIndex } from '../../src/flow/run-at.js';
import type { Limit } from '../../src/flow/verdict.js';
import { shownBytes, shownCount, shownMs } from '../../web/shown.js';
import { LANE_PX } from '../../web/views/lane-measures.js';
import { TestBrowser } from './support/browser.js';
import { openExperiment, runToEnd, savedTrace, TestLab, textOf } from './support/lab.js';

// Real runs take their time, and longer where others want the processor.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let lab: TestLab;
let browser: TestBrowser;
beforeAll(async () => {
  [lab, browser] = await Promise.all([TestLab.start(), TestBrowser.start()]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
  expect(browser.complaints).toEqual([]);
});

/** Runs an experiment in a page of its own, and gives that and what was saved of it. */
async function ran(name: string): Promise<{ page: Page; run: Run; file: string }> {
  const page = await browser.newPage();
  await openExperiment(page, lab, name);
  await runToEnd(page);
  return { page, ...(await savedTrace(page)) };
}

/** Everything that the page says in figures is what its own trace says. */
async function expectFigures(page: Page, run: Run): Promise<void> {
  const { totals, facts, columns } = run;
  expect(await textOf(page, '.end-server .figure b')).toBe(shownBytes(totals.sent));
  expect(await textOf(page, '.end-ours .figure b')).toBe(shownBytes(totals.received));
  expect(await textOf(page, '.end-ours .detail')).toBe(`${shownCount(totals.receives)} receives`);
  expect(await textOf(page, '[data-time=waiting]')).toBe(shownMs(facts.outcome!.waitingMs));
  expect(await textOf(page, '[data-time=paused]')).toBe(shownMs(facts.outcome!.pausedMs));
  const verdict = page.locator('[data-limit]');
  expect(await verdict.getAttribute('data-limit')).toBe(verdictOfBoth(run)!.limit);
  expect(await verdict.getAttribute('data-alone')).toBe(facts.outcome!.limit);
  const lines = (await page.locator('.receives .lines').textContent())!.split('\n');
  expect(lines[0]).toBe(`${columns.receives.bytes[0]} ${columns.receives.bytes[0]}`);
  expect(lines.at(-1)).toBe(`${columns.receives.bytes.at(-1)} ${totals.received}`);
  expect(lines.length).toBe(totals.receives);
  for (const lane of ['still', 'paused'] as const) {
    const spans = lane === 'still' ? columns.stalls : columns.pauses;
    const ms = spans.from.reduce((sum, from, i) => sum + spans.to[i]! - from, 0);
    const said = page.locator(`[data-lane=${lane}]`);
    expect(Number(await said.getAttribute('data-count'))).toBe(spans.from.length);
    expect(Number(await said.getAttribute('data-ms'))).toBeCloseTo(ms, 0);
  }
}

function expectWhole({ totals, facts, columns }: Run): void {
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  expect(facts.outcome!.failure).toBeNull();
  expect(totals.sent).toBe(facts.expectedBytes);
  expect(totals.received).toBe(facts.expectedBytes);
  expect(sum(columns.sends.bytes)).toBe(totals.sent);
  expect(sum(columns.receives.bytes)).toBe(totals.received);
  expect(sum(totals.sizes)).toBe(totals.receives);
}

/** Colours of the picture at a few places, as the browser has decoded it. */
function painted(page: Page): Promise<{ width: number; height: number; colours: number }> {
  return page.evaluate(async () => {
    const image = document.querySelector<HTMLImageElement>('.frame img')!;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = 24;
    canvas.height = 24;
    const pen = canvas.getContext('2d')!;
    pen.drawImage(image, 0, 0, 24, 24);
    const words = new Uint32Array(pen.getImageData(0, 0, 24, 24).data.buffer);
    return { width: image.naturalWidth, height: image.naturalHeight, colours: new Set(words).size };
  });
}

describe('an experiment in the page', () => {
  // What one end says of a transfer that is over at once, or of one in which it is short of a processor, is not foreseen.
  // Nor is who waits for whom where neither end pauses and all is over in some milliseconds.
  it.each<[name: string, both: Limit | undefined, alone: Limit | undefined]>([
    ['fast', undefined, undefined],
    ['pause', 'receiver', 'receiver'],
    ['slow-server', 'sender', 'sender'],
    ['small', 'receiver', undefined],
    ['rate', 'receiver', 'receiver'],
    ['own', 'receiver', 'receiver'],
  ])('%s ends with the right verdict, and its figures are those of its trace', async (name, both, alone) => {
    const { page, run } = await ran(name);
    expectWhole(run);
    await expectFigures(page, run);
    if (both !== undefined) expect(verdictOfBoth(run)!.limit).toBe(both);
    if (alone !== undefined) expect(run.facts.outcome!.limit).toBe(alone);
    expect(await textOf(page, '.answer')).toMatch(/^[A-Z0-9].{40,}\.$/);
    const { width, height, colours } = await painted(page);
    expect({ width, height }).toEqual(run.facts.dimensions);
    expect(colours).toBeGreaterThan(100);
    await page.close();
  });

  it('reservoir shows the buffers full, the server standing still, and the verdict receiver', {
    timeout: 60_000,
  }, async () => {
    const { page, run } = await ran('reservoir');
    expectWhole(run);
    await expectFigures(page, run);
    expect(run.facts.outcome!.limit).toBe('receiver');
    expect(run.columns.stalls.from.length).toBeGreaterThan(1);
    expect(Math.max(...run.columns.queues.server)).toBeGreaterThan(1_000_000);
    expect((await painted(page)).colours).toBeGreaterThan(100);
    let still = expectQueuesToAgree(run);
    await expectBandsToAgree(page, run);
    await page.close();
    // A look is exact where nothing moved meanwhile. On a busy machine looks take long, and one run may have too few of those.
    for (let tries = 0; tries < 3 && still <= 2; tries++) {
      const again = await ran('reservoir');
      still += expectQueuesToAgree(again.run);
      await again.page.close();
    }
    expect(still).toBeGreaterThan(2);
  });
});

/**
 * What was sent and not received lies in the kernels' queues, but for what either end has in hand. What came but is not acknowledged yet is in both
 * queues. The kernel tells of one socket after the other: what moves from one queue to the other meanwhile, at most what ours holds, may be
 * missed; but not where nothing moved. Gives the number of those looks.
 */
function expectQueuesToAgree(run: Run): number {
  const { queues } = run.columns;
  const index = new RunIndex(run);
  const inHand = run.facts.sendSize! + run.facts.recvSize;
  const window = Math.max(...queues.client);
  let still = 0;
  queues.at.forEach((at, i) => {
    const until = queues.until[i]!;
    const moved = index.receivedAt(until) - index.receivedAt(at);
    if (moved === 0) still++;
    const most = index.sentAt(until) - index.receivedAt(at) + inHand;
    const least = index.sentAt(at) - index.receivedAt(until) - inHand - (moved === 0 ? 0 : window);
    const [server, client] = [queues.server[i]!, queues.client[i]!];
    expect(Math.max(server, client), `at ${at} ms`).toBeLessThanOrEqual(most);
    expect(server + client, `at ${at} ms`).toBeGreaterThanOrEqual(least);
  });
  return still;
}

/** The painted bands of the server lie where it measured that it stood still, within 50 ms. */
async function expectBandsToAgree(page: Page, { columns: { stalls } }: Run): Promise<void> {
  const { columns, end } = await page.evaluate(({ lane, gap }) => {
    const canvas = document.querySelector<HTMLCanvasElement>('.chart canvas')!;
    const over = document.querySelector<HTMLElement>('.u-over')!;
    const dpr = devicePixelRatio;
    const bottom = (over.offsetTop + over.offsetHeight) * dpr;
    const top = Math.round(bottom - 2 * (lane + gap) * dpr) + 2;
    const [width, height] = [over.offsetWidth * dpr - 4, lane * dpr - 4];
    const { data } = canvas.getContext('2d')!.getImageData(over.offsetLeft * dpr, top, width, height);
    const pixels = new Uint32Array(data.buffer);
    // Where nothing is painted, the lane has one colour, that of its first pixel.
    const isPainted = (x: number) =>
      Array.from({ length: height }, (_, y) => pixels[y * width + x]).some((pixel) => pixel !== pixels[0]);
    const slider = document.querySelector<HTMLInputElement>('.transport input')!;
    return {
      columns: Array.from({ length: width }, (_, x) => isPainted(x)),
      end: Number(slider.max),
    };
  }, LANE_PX);
  const msPerPixel = end / columns.length;
  const stood = (ms: number) => stalls.from.some((from, i) => ms >= from && ms <= stalls.to[i]!);
  const near = (ms: number) =>
    [...stalls.from, ...stalls.to].some((edge) => Math.abs(edge - ms) <= 50 + msPerPixel);
  columns.forEach((isPainted, x) => {
    const ms = (x + 0.5) * msPerPixel;
    if (!near(ms)) expect(isPainted, `at ${ms.toFixed(0)} ms`).toBe(stood(ms));
  });
}
