/** Draws the lab's page as the documents show it, docs/pictures/lab-*.png and report.png, from real runs in a real browser. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';

const PICTURES = 'docs/pictures';
const CHROMIUM = '/usr/bin/chromium';
/** Of at most so many colours a picture of a page is a tenth as long, and looks the same. */
const COLOURS = 128;

interface Shot {
  readonly name: string;
  readonly experiment: string;
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
  /** When it is taken, in milliseconds of the run's clock; at its end where it is left out. */
  readonly at?: number;
  readonly fullPage?: boolean;
}

const SHOTS: readonly Shot[] = [
  { name: 'lab-live', experiment: 'reservoir', theme: 'light', width: 1440, height: 1010, at: 2600 },
  { name: 'lab-dark', experiment: 'pause', theme: 'dark', width: 1440, height: 1010, at: 2200 },
  { name: 'lab-whole', experiment: 'reservoir', theme: 'light', width: 1440, height: 900, fullPage: true },
  { name: 'lab-narrow', experiment: 'slow-server', theme: 'light', width: 390, height: 1500 },
];

const scratch = mkdtempSync(join(tmpdir(), 'sluice-screenshots-'));
mkdirSync(PICTURES, { recursive: true });
const lab = spawn(process.execPath, ['dist/cli.cjs', 'lab'], { stdio: ['ignore', 'pipe', 'inherit'] });
const url = await new Promise<string>((done) => lab.stdout.once('data', (data) => done(String(data).trim())));
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});
try {
  for (const shot of SHOTS) await take(browser, shot);
  await takeReport(browser);
} finally {
  await browser.close();
  lab.kill('SIGINT');
  rmSync(scratch, { recursive: true });
}

async function take(from: Browser, shot: Shot): Promise<void> {
  const { width, height, theme, at, experiment, name, fullPage = false } = shot;
  const page = await newPage(from, width, height, theme);
  await page.goto(url);
  await page.locator(`#tab-${experiment}`).click();
  const clock = page.locator('.transport input');
  await page.locator('button.run').click();
  if (at === undefined) await page.locator('[data-limit]').waitFor({ timeout: 60_000 });
  else while (Number(await clock.getAttribute('max')) < at) await page.waitForTimeout(20);
  // The pointer lies on nothing.
  await page.mouse.move(1, 1);
  await page.waitForTimeout(200);
  await keep(name, await page.screenshot({ fullPage }));
  await page.close();
}

/** The report of a transfer whose server is slow at first. */
async function takeReport(from: Browser): Promise<void> {
  const origin = spawn(
    process.execPath,
    ['dist/cli.cjs', 'origin', 'assets/cover.jpg', '--limit-rate', '150k'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const listening = await new Promise<string>((done) =>
    origin.stdout.once('data', (data) => done(String(data))),
  );
  const { url: picture } = JSON.parse(listening.split('\n')[0]!) as { url: string };
  const file = resolve(scratch, 'report.html');
  const get = spawn(process.execPath, ['dist/cli.cjs', 'get', picture, '-o', '/dev/null', '--report', file]);
  await new Promise((done) => get.once('exit', done));
  origin.kill('SIGINT');
  const page = await newPage(from, 1440, 1010, 'light');
  await page.goto(`file://${file}`);
  await page.waitForTimeout(300);
  await keep('report', await page.screenshot());
  await page.close();
}

async function newPage(
  from: Browser,
  width: number,
  height: number,
  colorScheme: 'light' | 'dark',
): Promise<Page> {
  const context = await from.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  });
  return context.newPage();
}

async function keep(name: string, png: Buffer): Promise<void> {
  const small = await sharp(png).png({ palette: true, colours: COLOURS, effort: 10, dither: 0.4 }).toBuffer();
  writeFileSync(join(PICTURES, `${name}.png`), small);
  console.log(`${name}.png: ${small.length} bytes`);
}
