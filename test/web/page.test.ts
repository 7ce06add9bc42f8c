import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { send } from '../cli/support/pacing.js';
import { jpegOf } from '../support/pictures.js';
import { rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { until } from '../support/until.js';
import { TestBrowser } from './support/browser.js';
import { openExperiment, runToEnd, savedTrace, TestLab, textOf } from './support/lab.js';

/** Pictures of the page as the test saw it, kept for whoever wants to look. */
const ARTEFACTS = join(import.meta.dirname, '../../test-results/lab');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Real runs take their time, and longer where others want the processor.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let lab: TestLab;
let browser: TestBrowser;
beforeAll(async () => {
  mkdirSync(ARTEFACTS, { recursive: true });
  [lab, browser] = await Promise.all([TestLab.start(), TestBrowser.start()]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
  expect(browser.complaints).toEqual([]);
});

async function open(name: string): Promise<Page> {
  const page = await browser.newPage();
  await openExperiment(page, lab, name);
  return page;
}

/** What accessibility rules the page breaks, by axe-core. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations: found } = await axe.run();
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** The chart and the stage as they are painted. */
async function drawing(page: Page): Promise<{ chart: string; stage: string }> {
  // Two frames: what follows from the time shown is drawn in the first.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page.evaluate(() => ({
    chart: document.querySelector<HTMLCanvasElement>('.chart canvas')!.toDataURL(),
    stage: document.querySelector('.reservoir')!.outerHTML + document.querySelector('.end-ours')!.outerHTML,
  }));
}

function seek(page: Page, share: number): Promise<void> {
  return page.locator('.transport input').evaluate((slider: HTMLInputElement, part) => {
    slider.value = String(Number(slider.max) * part);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, share);
}

describe('the page', () => {
  it('draws a run that was saved and opened again just as it drew it, at its end and midway', async () => {
    const page = await open('rate');
    await runToEnd(page);
    const live = await drawing(page);
    await seek(page, 0.4);
    const midway = await drawing(page);
    expect(midway.chart).not.toBe(live.chart);
    const { file } = await savedTrace(page);
    await page.close();

    const replayed = await open('fast');
    await replayed.locator('input[type=file]').setInputFiles(file);
    await replayed.locator('[data-limit]').waitFor();
    await seek(replayed, 0.4);
    expect(await drawing(replayed)).toEqual(midway);
    await seek(replayed, 1);
    expect(await drawing(replayed)).toEqual(live);
    expect(await textOf(replayed, '[data-limit]')).toBe('The receiver');
    await replayed.close();
  });

  it('replays at the speed that is chosen', async () => {
    const page = await open('slow-server');
    await runToEnd(page);
    await page.locator('.speed select').selectOption('4');
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    await page.getByRole('button', { name: 'Pause the replay' }).waitFor();
    await page.getByRole('button', { name: 'Replay', exact: true }).waitFor();
    expect(await textOf(page, '.clock')).toMatch(/^(\d+\.\d\d) s of \1 s$/);
    await page.close();
  });

  it('says why a file is no trace, and goes on', async () => {
    const page = await open('fast');
    const file = (text: string) => ({
      name: 'x.json',
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    });
    await page.locator('input[type=file]').setInputFiles(file('{"format":"sluice-trace","version":99}'));
    expect(await textOf(page, '[role=alert]')).toBe('The trace is of version 99; this sluice reads 1.');
    await runToEnd(page);
    await page.close();
  });

  it('is used by the keyboard alone', async () => {
    const page = await browser.newPage();
    await page.goto(lab.url);
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    const tabTo = async (text: string) => {
      for (let i = 0; i < 30 && (await focused()) !== text; i++) await page.keyboard.press('Tab');
      expect(await focused()).toBe(text);
    };
    await tabTo('As fast as it comes');
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toBe('Your own');
    await page.keyboard.press('Home');
    await tabTo('Run');
    await page.keyboard.press('Enter');
    await page.locator('[data-limit]').waitFor();
    await page.locator('.chart').focus();
    for (const key of ['+', '+', 'ArrowRight', '-']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'All' }).and(page.locator(':enabled')).waitFor();
    await page.keyboard.press('0');
    await page.getByRole('button', { name: 'All' }).and(page.locator(':disabled')).waitFor();
    await tabTo('Save this run');
    const downloading = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    expect((await downloading).suggestedFilename()).toBe('fast.trace.json');
    await page.close();
  });

  it.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 360],
    ['dark', 1920],
  ] as const)(
    'breaks no rule of accessibility and overflows nowhere: %s, %d pixels wide',
    async (theme, width) => {
      const page = await open('own');
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await runToEnd(page);
      expect(await violations(page)).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
      await page.screenshot({ path: join(ARTEFACTS, `own-${theme}-${width}.png`), fullPage: true });
      await page.close();
    },
  );

  it('ends its run when it is closed, and leaves no thread behind', async () => {
    const threads = await lab.idleThreads();
    const page = await open('reservoir');
    await page.locator('button.run').click();
    await until(() => lab.threads() >= threads + 2);
    await page.locator('[data-doing=still]').waitFor();
    await page.screenshot({ path: join(ARTEFACTS, 'reservoir-live.png') });
    await page.close();
    await until(() => lab.threads() <= threads);
  });

  it('shows an experiment of a hundred thousand receives without listing them all, and counts each', async () => {
    const page = await open('own');
    await page.getByLabel('Picture').selectOption('poster');
    await page.getByLabel('Its size, bytes').fill('100000');
    await page.getByLabel('Receive size, bytes').fill('1');
    await page.getByLabel('Pause after each, ms').fill('0');
    await runToEnd(page);
    const { run } = await savedTrace(page);
    expect(run.totals.received).toBe(run.facts.expectedBytes);
    expect(run.totals.receives).toBe(run.totals.received);
    expect(run.totals.sizes.at(-1)).toBe(run.totals.receives);
    expect(run.columns.receives.at.length).toBeLessThan(41_000);
    expect(run.columns.receives.bytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(run.totals.received);
    await page.close();
  });

  it("retrieves a URL of one's own, says that the server's end can't be seen, and keeps no password", async () => {
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      const bytes = typed(jpegOf(50_000), 'image/jpeg');
      for (let at = 0; at < bytes.length; at += 5000) {
        await send(socket, bytes.subarray(at, at + 5000));
        await sleep(30);
      }
      socket.end();
    });
    const page = await open('own');
    await page.getByLabel('Picture').selectOption('url');
    await page.getByLabel('URL').fill(server.url('/x.jpg').replace('//', '//me:secret-word@'));
    await page.getByLabel('Pause after each, ms').fill('0');
    await runToEnd(page);
    expect(server.requests[0]).toContain('Authorization: Basic');
    expect(await textOf(page, '.end-server .doing')).toBe("can't be seen");
    expect(await textOf(page, '[data-limit]')).toBe('The sender');
    expect(await textOf(page, '.hex')).toContain('HTTP/1.1 200');
    const { run, file } = await savedTrace(page);
    expect(run.facts).toMatchObject({ ends: 'receiver', picture: { mediaType: 'image/jpeg' } });
    expect(readFileSync(file, 'utf8')).not.toContain('secret-word');
    await page.getByLabel('URL').fill('http://127.0.0.1:1/x.jpg');
    await page.locator('button.run').click();
    await page.getByText('It failed: No connection could be made to 127.0.0.1:1 (refused).').waitFor();
    await page.close();
  });

  it('refuses what is out of bounds, in words', async () => {
    const page = await open('own');
    await page.getByLabel('Receive size, bytes').fill('0');
    await page.locator('button.run').click();
    await page.getByText('recvSize is 0; it must be whole, from 1 to 1048576.').waitFor();
    await page.close();
    // Chromium itself writes of a response with status 400.
    const own = browser.complaints.filter((complaint) => !complaint.includes('status of 400'));
    browser.complaints.splice(0, browser.complaints.length, ...own);
  });

  it('twenty at once each get their run', async () => {
    const pages = await Promise.all(Array.from({ length: 20 }, () => browser.newPage()));
    await Promise.all(pages.map((page) => page.goto(lab.url)));
    await Promise.all(
      pages.map((page) => page.evaluate(() => document.querySelector<HTMLElement>('button.run')!.click())),
    );
    await Promise.all(pages.map((page) => page.locator('[data-limit]').waitFor({ timeout: 50_000 })));
    await Promise.all(pages.map((page) => page.close()));
  });
});
