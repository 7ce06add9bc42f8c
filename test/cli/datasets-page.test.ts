/** The commands of docs/DATASETS.md for many machines, as they stand there but for the ports. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, type Running, start, until } from './support/command.js';
import { finished } from './support/crew.js';

const LONG = 120_000;
const page = readFileSync(join(import.meta.dirname, '../../docs/DATASETS.md'), 'utf8');
const section = page.slice(page.indexOf('### To see it here'), page.indexOf('### What may happen'));
const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);

test(
  'what is to be seen on one machine is to be seen',
  async () => {
    expect(blocks).toHaveLength(3);
    const cover = readFileSync(join(import.meta.dirname, '../../assets/cover.jpg'));
    const server = createServer((_, response) =>
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(cover),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const cwd = scratchDirectory();
    const port = await freePort();
    const ours = (block: string) =>
      block
        .replaceAll('127.0.0.1:8080', `127.0.0.1:${(server.address() as AddressInfo).port}`)
        .replaceAll('6390', String(port))
        .replaceAll('npx sluice', `exec '${process.execPath}' '${CLI}'`);
    const run = (block: string): Running => start('bash', ['-c', ours(block)], { cwd });
    const redis = run(`exec ${blocks[0]}`);
    await until(() => redis.stdout.includes('Ready to accept connections'));
    const [planner, worker] = [run(blocks[1]!), run(blocks[2]!)];
    expect([(await planner.ended).status, (await worker.ended).status]).toEqual([0, 0]);
    expect(planner.stdout.toString()).toMatch(/^400 of 400 pictures \(100\.0 %\) in 8 shards$/m);
    expect(finished(join(cwd, 'many'))).toBe(8);
  },
  LONG,
);
