/** A process that is killed while it saves leaves no half FILE, and the next run is not hindered by what it left. */

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { child } from '../support/child.js';
import { jpegOf } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';
import { until } from '../support/until.js';

const PICTURE = jpegOf(300_000);
const REPLY = typed(PICTURE, 'image/jpeg');
const HEAD_BYTES = REPLY.length - PICTURE.length;

const RETRIEVE =
  "await sluice.retrieve(process.argv[1], { addresses: 'any', to: { file: process.argv[2] } });";

describe('a process that is killed (SIGKILL) while it retrieves to FILE', () => {
  test.each([
    ['before a byte came', 0, undefined],
    ['when the header came', HEAD_BYTES, undefined],
    ['after the first bytes of the picture', HEAD_BYTES + 100, 100],
    ['in the middle', HEAD_BYTES + 150_000, 150_000],
    ['before the last byte', REPLY.length - 1, PICTURE.length - 1],
  ])('leaves an older FILE, or none, %s', async (_, sent, stored) => {
    let whole = false;
    const server = await rawServer(answering(() => (whole ? REPLY : REPLY.subarray(0, sent))));
    const directory = scratchDirectory();
    for (const older of [undefined, 'older']) {
      whole = false;
      const file = join(directory, `cover-${older}.jpg`);
      const part = `${file}.part`;
      if (older !== undefined) writeFileSync(file, older);
      const asked = server.requests.length;
      const { process, ended } = await child(RETRIEVE, server.url(), file);
      await until(() => server.requests.length > asked);
      if (stored !== undefined) await until(() => existsSync(part) && statSync(part).size === stored);
      process.kill('SIGKILL');
      expect((await ended).signal).toBe('SIGKILL');
      if (older === undefined) expect(existsSync(file)).toBe(false);
      else expect(readFileSync(file, 'latin1')).toBe(older);

      whole = true;
      await retrieve(server.url(), { to: { file } });
      expect(PICTURE.equals(readFileSync(file))).toBe(true);
      expect(existsSync(part)).toBe(false);
    }
    expect(readdirSync(directory)).toHaveLength(2);
  });
});
