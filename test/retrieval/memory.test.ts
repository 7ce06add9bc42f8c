/** The peak memory of a process (VmHWM of proc(5), in MiB) that retrieves much more than that. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { child } from '../support/child.js';
import { pour, rawServer } from '../support/raw-server.js';
import { scratchDirectory } from '../support/scratch.js';

const TOTAL = 300 * 1024 * 1024;

/** Of which Node itself takes 40 to 50 MiB (measured: 51 to 53 MiB in all, with Node 20). */
const PEAK_MIB = 100;

const RETRIEVE = `
import { readFileSync } from 'node:fs';
const [, url, file, options] = process.argv;
const receipt = await sluice.retrieve(url, { ...JSON.parse(options), to: { file } });
const peak = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024;
console.log(JSON.stringify({ peak, bodyBytes: receipt.bodyBytes }));
`;

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
    const isPicture = 'expect' in options;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`);
      if (isPicture) {
        // A GIF that has ended; the rest is its tail.
        const gif = Buffer.from(
          '4749463839610100010000000021f90400000000002c00000000010001000002024401003b',
          'hex',
        );
        socket.write(gif);
        pour(socket, TOTAL - gif.length);
      } else pour(socket, TOTAL);
    });
    const file = name.startsWith('/') ? name : join(scratchDirectory(), name);
    const { ended } = await child(RETRIEVE, server.url(), file, JSON.stringify(options));
    const { code, stdout, stderr } = await ended;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { peak, bodyBytes } = JSON.parse(stdout) as { peak: number; bodyBytes: number };
    expect(bodyBytes).toBe(TOTAL);
    if (!name.startsWith('/')) expect(statSync(file).size).toBe(TOTAL);
    expect(peak).toBeLessThan(PEAK_MIB);
  });
});
