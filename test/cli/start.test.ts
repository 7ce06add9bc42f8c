/** How the command starts: by what V8 made of it at the build, where that fits, and without it as well. */

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CommandScript } from '../../src/cli/command-script.js';
import { VERSION } from '../../src/version.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, start } from './support/command.js';

const DIST = dirname(CLI);
const built = new CommandScript(DIST);

const ACCEPTED = `
  import { readFileSync } from 'node:fs';
  import { CommandScript } from ${JSON.stringify(new URL('../../src/cli/command-script.ts', import.meta.url))};
  const command = new CommandScript(${JSON.stringify(DIST)});
  console.log(command.compile(readFileSync(command.cacheFile)).cachedDataRejected);
`;

/** The command in another directory, with `cached` beside it. */
function installed(cached: Buffer | undefined): string {
  const folder = scratchDirectory();
  const command = new CommandScript(folder);
  copyFileSync(built.file, command.file);
  copyFileSync(CLI, `${folder}/cli.cjs`);
  if (cached !== undefined) writeFileSync(command.cacheFile, cached);
  return `${folder}/cli.cjs`;
}

describe('the command', () => {
  test('is built with code that V8 accepts', async () => {
    // In a process of its own: with V8 flags like those of a test runner, V8 would not.
    const args = ['--import', 'tsx', '--input-type=module', '-e', ACCEPTED];
    const { stdout, stderr } = await start(process.execPath, args).ended;
    expect([String(stdout), stderr]).toEqual(['false\n', '']);
  });

  test.each([
    ['is not there', () => undefined],
    ['is cut', () => readFileSync(built.cacheFile).subarray(0, 10_000)],
    ['is something else', () => Buffer.from('something else')],
  ])('starts where that code %s', async (_, cached) => {
    const { status, stdout, stderr } = await start(process.execPath, [installed(cached()), '--version'])
      .ended;
    expect([status, String(stdout), stderr]).toEqual([0, `${VERSION}\n`, '']);
  });

  test('starts under flags for which V8 does not accept that code', async () => {
    const { status, stdout } = await start(process.execPath, ['--no-lazy', CLI, '--version']).ended;
    expect([status, String(stdout)]).toEqual([0, `${VERSION}\n`]);
  });
});
