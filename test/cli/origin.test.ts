import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SMALL_JPEG } from '../support/pictures.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';
import { CLI, type Running, start, until } from './support/command.js';
import { jsonLines, ONE_SENTENCE } from './support/printed.js';

interface Entry {
  readonly type: string;
  readonly [name: string]: unknown;
}

async function startOrigin(...args: string[]): Promise<{ readonly running: Running; readonly url: string }> {
  const running = start(process.execPath, [CLI, 'origin', ...args]);
  await until(() => running.stdout.includes('\n'));
  return { running, url: jsonLines<{ url: string }>(running.stdout)[0]!.url };
}

describe('sluice origin', () => {
  it('serves a file, logs its sends as NDJSON, and ends at Ctrl-C without a stack trace', async () => {
    const file = join(scratchDirectory(), 'small.jpg');
    writeFileSync(file, SMALL_JPEG);
    const { running, url } = await startOrigin(file, '--send-size', '100', '--framing', 'chunked');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/small\.jpg$/);
    const receipt = await retrieve(url);
    expect(SMALL_JPEG.equals(receipt.bytes)).toBe(true);
    await until(() => running.stdout.includes('"end"'));
    running.kill('SIGINT');
    const { status, stdout, stderr } = await running.ended;
    expect(status).toBe(130);
    expect(stderr).toBe(`The origin is at ${url} (Ctrl-C ends it)\n`);
    const entries = jsonLines<Entry>(stdout);
    expect(entries[1]).toMatchObject({
      type: 'request',
      response: 1,
      method: 'GET',
      path: '/small.jpg',
      status: 200,
    });
    const sends = entries.filter(({ type }) => type === 'send');
    expect(sends.slice(0, -1).every(({ length }) => length === 100)).toBe(true);
    expect(sends.at(-1)!.total).toBe(receipt.wireBytes);
    expect(entries.at(-1)).toMatchObject({
      type: 'end',
      outcome: 'complete',
      bytesSent: receipt.wireBytes,
      sends: sends.length,
    });
  });

  it('serves a directory, and nothing above it', async () => {
    const outside = scratchDirectory();
    const folder = join(outside, 'served');
    mkdirSync(folder);
    writeFileSync(join(outside, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'small.jpg'), SMALL_JPEG);
    const { url } = await startOrigin(folder, '--drop-after', '300');
    await expect(retrieve(`${url}%2e%2e/secret.txt`)).rejects.toMatchObject({ code: 'http-status' });
    await expect(retrieve(`${url}small.jpg`)).rejects.toMatchObject({ code: 'cut-short' });
  });

  it.each([
    [['/nowhere/at/all'], /can't be served/],
    [['.', '--host', '203.0.113.1'], /can't listen on 203\.0\.113\.1/],
    [['.', '--port', '70000'], /port from 0 to 65535/],
    [['.', '--framing', 'smoke'], /Allowed choices are length, chunked, close/],
  ])('fails with one sentence: %o', async (args, says) => {
    const { status, stderr } = await start(process.execPath, [CLI, 'origin', ...args]).ended;
    expect(status).toBe(2);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toMatch(says);
  });
});
