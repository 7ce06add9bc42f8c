import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { SMALL_JPEG } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { reply, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get } from './support/command.js';
import { jsonLines } from './support/printed.js';

test('get retrieves several URLs over one kept-alive connection, with a line of JSON for each', async () => {
  const folder = scratchDirectory();
  const server = await rawServer(answering(typed(SMALL_JPEG, 'image/jpeg')));
  const urls = ['/a.jpg', '/b.jpg', '/c.jpg'].map((path) => server.url(path));
  const { status, stdout, stderr } = await get([...urls, '--json'], { cwd: folder });
  expect([status, stderr]).toEqual([0, '']);
  expect(jsonLines<Receipt>(stdout).map(({ url, file }) => [url, file])).toEqual([
    [urls[0], 'a.jpg'],
    [urls[1], 'b.jpg'],
    [urls[2], 'c.jpg'],
  ]);
  expect(server.sockets).toHaveLength(1);
  expect(server.requests).toHaveLength(3);
  expect(readdirSync(folder).sort()).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
});

test('get goes on after a failure, and exits with the status of the first', async () => {
  const folder = scratchDirectory();
  const answers: Record<string, Buffer> = {
    '/cut.jpg': typed(SMALL_JPEG.subarray(0, -2), 'image/jpeg'),
    '/gone.jpg': reply('', { status: '404 Not Found' }),
    '/good.jpg': typed(SMALL_JPEG, 'image/jpeg'),
  };
  const server = await rawServer(answering((request) => answers[request.split(' ')[1]!]!));
  const urls = ['/good.jpg', '/cut.jpg', '/gone.jpg', '/good.jpg'].map((path) => server.url(path));
  const { status, stdout, stderr } = await get([...urls, '--json'], { cwd: folder });
  expect(status).toBe(111);
  const receipts = jsonLines<Receipt>(stdout);
  expect(receipts.map(({ error }) => error?.exitCode)).toEqual([undefined, 111, 22, undefined]);
  expect(stderr.match(/^sluice: /gm)).toHaveLength(2);
  expect(readdirSync(folder).sort()).toEqual(['good.1.jpg', 'good.jpg']);
});

test('get goes on after a URL that is none', async () => {
  const server = await rawServer(answering(typed('a text', 'text/plain')));
  const { status, stdout } = await get(['nowhere', 'ftp://h/', server.url()]);
  expect([status, stdout.toString()]).toEqual([3, 'a text']);
});
