import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dnsServer } from '../support/dns-server.js';
import { scratchDirectory } from '../support/scratch.js';
import { until } from '../support/until.js';
import { pull, rowsOf } from './support/pull.js';

const HOSTS = 150;
/** Names that lie resolved ahead at most, and the one that is being asked. */
const MOST_AHEAD = 64 + 1;
const SOME = 40;

test('pull has names resolved before they are needed, no more than so many, and each once', async () => {
  const names = await dnsServer((_, type) => (type === 'A' ? ['127.0.0.1'] : []));
  const asked = () => new Set(names.questions.map((question) => question.split(' ')[0])).size;
  let most = 0;
  let requests = 0;
  const server = createServer(async (_, response) => {
    // Only one attempt is under way: nothing else asks for names.
    if (requests++ === 0) await until(() => asked() >= SOME);
    most = Math.max(most, asked() - requests);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const folder = scratchDirectory();
  const urls = Array.from({ length: HOSTS }, (_, n) => `http://host-${n}.test:${port}/`);
  writeFileSync(join(folder, 'urls.txt'), urls.join('\n'));
  const one = ['--threads', '1', '--concurrency', '1'];
  const args = ['urls.txt', '-o', 'out', '--allow', '127.0.0.1', '--dns-servers', names.address, ...one];
  expect(await pull(args, { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
  const rows = await rowsOf(join(folder, 'out'));
  expect(rows.map(({ http_status }) => http_status)).toEqual(urls.map(() => 404));
  expect(most).toBeLessThanOrEqual(MOST_AHEAD);
  expect(names.questions.length).toBe(2 * HOSTS);
  expect(new Set(names.questions).size).toBe(2 * HOSTS);
});
