/** The peak memory of a process (VmHWM of proc(5), in MiB) that retrieves much more than that. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Field } from '../../src/http/fields.js';
import { child } from '../support/child.js';
import { answering, pour, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';

const TOTAL = 300 * 1024 * 1024;

/** Of which Node itself takes 40 to 50 MiB (measured: 51 to 53 MiB in all, with Node 20). */
const PEAK_MIB = 100;

/** zlib gives each piece a new buffer, and V8 lets some 64 MiB of them gather before it collects them (measured peak: 87 MiB). */
const GARBAGE_MIB = 80;

const RETRIEVE = `
import { readFileSync } from 'node:fs';
const [, url, file, options] = process.argv;
const receipt = await sluice.retrieve(url, { ...JSON.parse(options), addresses: 'any', to: { file } });
const peak = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024;
console.log(JSON.stringify({ peak, bodyBytes: receipt.bodyBytes }));
`;

/** Retrieves in a process of its own; tells its peak. */
async function peakOf(
  url: string,
  file: string,
  options: object,
): Promise<{ peak: number; bodyBytes: number }> {
  const { ended } = await child(RETRIEVE, url, file, JSON.stringify(options));
  const { code, stdout, stderr } = await ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as { peak: number; bodyBytes: number };
}

describe('retrieve() of 300 MiB', () => {
  test.each([
    ['a file', 'body', {}],
    ['/dev/null', '/dev/null', {}],
    [
      '/dev/null with everything watched',
      '/dev/null',
      { sha256: true, kernelQueue: true, expect: 'image', verify: 'structure' },
    ],
  ])('to %s costs less than 100 MiB', async (_, name, options) => {
    // A GIF that has ended where it is expected; the rest is its tail.
    const gif = Buffer.from(
      '4749463839610100010000000021f90400000000002c00000000010001000002024401003b',
      'hex',
    );
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`);
      socket.write(gif);
      pour(socket, TOTAL - gif.length);
    });
    const file = name.startsWith('/') ? name : join(scratchDirectory(), name);
    const { peak, bodyBytes } = await peakOf(server.url(), file, options);
    expect(bodyBytes).toBe(TOTAL);
    if (!name.startsWith('/')) expect(statSync(file).size).toBe(TOTAL);
    expect(peak).toBeLessThan(PEAK_MIB);
  });

  test('that are a few hundred KiB of gzip costs less than 180 MiB', async () => {
    const members = new Array<Buffer>(30).fill(gzipSync(Buffer.alloc(TOTAL / 30)));
    const fields: Field[] = [['Content-Encoding', 'gzip']];
    const server = await rawServer(answering(typed(Buffer.concat(members), 'text/plain', fields)));
    const { peak, bodyBytes } = await peakOf(server.url(), '/dev/null', { maxRatio: 10_000 });
    expect(bodyBytes).toBe(TOTAL);
    expect(peak).toBeLessThan(PEAK_MIB + GARBAGE_MIB);
  });
});
