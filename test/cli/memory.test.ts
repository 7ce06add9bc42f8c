import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pour, rawServer } from '../support/raw-server.js';
import { head } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { startGet } from './support/command.js';
import { peakMemory } from './support/memory.js';
import { send } from './support/pacing.js';

const BODY_BYTES = 300_000_000;
const LAST_BYTES = 1000;
/** Node alone needs 45 to 50 MB. */
const MOST_MEMORY = 100_000_000;

test.each([
  ['a file', 'large'],
  ['/dev/null', '/dev/null'],
])('get takes a body of 300 MB to %s in less than 100 MB of memory', async (_, output) => {
  const folder = scratchDirectory();
  let peak: number | undefined;
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await send(socket, head({ fields: [['Content-Length', String(BODY_BYTES)]] }));
    await pour(socket, BODY_BYTES - LAST_BYTES).done;
    // The process waits for the rest: there is time to look at it.
    peak = peakMemory(running.pid);
    await send(socket, Buffer.alloc(LAST_BYTES));
  });
  const running = startGet([server.url('/large'), '-o', output], { cwd: folder });
  const { status, stderr } = await running.ended;
  expect([status, stderr]).toEqual([0, '']);
  if (output === 'large') expect(statSync(join(folder, output)).size).toBe(BODY_BYTES);
  expect(peak).toBeGreaterThan(20_000_000);
  expect(peak).toBeLessThan(MOST_MEMORY);
});
