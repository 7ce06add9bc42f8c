import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get } from '../cli/support/command.js';
import { ONE_SENTENCE } from '../cli/support/printed.js';
import { jpegOf } from '../support/pictures.js';
import { rawServer } from '../support/raw-server.js';
import { chunked, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { TestBrowser } from './support/browser.js';
import { textOf } from './support/lab.js';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await TestBrowser.start();
});
afterAll(async () => {
  await browser.close();
  expect(browser.complaints).toEqual([]);
});

/** A server that gives every request the same bytes. */
function saying(bytes: Buffer) {
  return rawServer(async ({ socket, request }) => {
    await request();
    socket.end(bytes);
  });
}

const PICTURE = jpegOf(60_000);

describe('get --report', () => {
  it('writes one file that shows the transfer from disk, without a network', async () => {
    const folder = scratchDirectory();
    const server = await saying(typed(PICTURE, 'image/jpeg'));
    const args = ['--recv-size', '5120', '--delay', '0.02', '-o', 'x.jpg', '--report', 'r.html', '--json'];
    const { status, stdout } = await get([server.url('/x.jpg'), ...args], { cwd: folder });
    expect(status).toBe(0);
    const receipt = JSON.parse(stdout.toString());
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, 'r.html')).href);
    expect(await textOf(page, '[data-limit]')).toBe('The receiver');
    expect(await textOf(page, '.evidence')).toBe(receipt.flow.evidence);
    expect(await textOf(page, '.end-ours .detail')).toBe(`${receipt.receives.count} receives`);
    expect(await textOf(page, '.header .lines')).toContain('Content-Type: image/jpeg');
    expect(await textOf(page, '.hex')).toContain('HTTP/1.1 200 OK');
    const lines = (await textOf(page, '.receives .lines')).split('\n');
    expect(lines).toHaveLength(receipt.receives.count);
    expect(lines.at(-1)!.split(' ')[1]).toBe(String(receipt.wireBytes));
    const width = await page.evaluate(
      () => document.querySelector<HTMLImageElement>('.frame img')!.naturalWidth,
    );
    expect(width).toBe(70);
    await page.close();
  });

  it('lets nothing from the network become HTML or script', async () => {
    const folder = scratchDirectory();
    const evil =
      '</script><script>document.title="owned"</script><img src=x onerror=document.title="owned"><!--';
    const server = await saying(
      typed(PICTURE, 'image/jpeg', [
        ['X-Evil', evil],
        ['X-Place', '"@run@" @title@ $& <!--script-->'],
      ]),
    );
    const url = server.url(`/x.jpg?${encodeURI(evil)}"'<b>`);
    expect((await get([url, '-o', 'x.jpg', '--report', 'r.html'], { cwd: folder })).status).toBe(0);
    const text = readFileSync(join(folder, 'r.html'), 'utf8');
    expect(text).not.toContain('owned"</script>');
    expect(text.match(/<script/g)).toHaveLength(2);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, 'r.html')).href);
    expect(await textOf(page, '.header .lines')).toContain(`X-Evil: ${evil}`);
    expect(await page.title()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/x\.jpg\?.*, received in [\d.]+ ms$/);
    expect(await page.locator('img').count()).toBe(1);
    await page.close();
  });

  it('shows what failed as well, and keeps the status of the failure', async () => {
    const folder = scratchDirectory();
    const server = await saying(typed(PICTURE, 'image/jpeg').subarray(0, 30_000));
    const { status } = await get([server.url('/x.jpg'), '--report', 'r.html'], { cwd: folder });
    expect(status).toBe(18);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, 'r.html')).href);
    expect(await textOf(page, '.evidence')).toMatch(/ended .*30000|30000|bytes/);
    await page.close();
  });

  it('shows no first bytes where chunks stood between them', async () => {
    const folder = scratchDirectory();
    const server = await saying(chunked([PICTURE], [['Content-Type', 'image/jpeg']]));
    expect((await get([server.url('/x.jpg'), '--report', 'r.html'], { cwd: folder })).status).toBe(0);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, 'r.html')).href);
    expect(await textOf(page, '.hex')).toBe('They are not known.');
    await page.close();
  });

  it('holds no password', async () => {
    const folder = scratchDirectory();
    const server = await saying(typed(PICTURE, 'image/jpeg'));
    const url = server.url('/x.jpg').replace('//', '//me:secret-word@');
    expect((await get([url, '-o', 'x.jpg', '--report', 'r.html'], { cwd: folder })).status).toBe(0);
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).not.toContain('secret-word');
  });

  it('fails with 23 where it can not be written, and for more than one URL with 2', async () => {
    const server = await saying(typed(PICTURE, 'image/jpeg'));
    const folder = scratchDirectory();
    const lost = await get([server.url('/x.jpg'), '--report', '/nowhere/r.html'], { cwd: folder });
    expect(lost.status).toBe(23);
    expect(lost.stderr).toMatch(ONE_SENTENCE);
    const two = await get([server.url('/x.jpg'), server.url('/x.jpg'), '--report', 'r.html'], {
      cwd: folder,
    });
    expect(two.status).toBe(2);
  });
});
