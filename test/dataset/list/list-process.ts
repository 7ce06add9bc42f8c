/** The reading of lists in a process of its own. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, onTestFinished } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'sluice-build-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let built: Promise<string> | undefined;

/** The URL of the module in one file, made once for a test file. */
function builtModule(): Promise<string> {
  built ??= (async () => {
    await build({
      entryPoints: [new URL('../../../src/dataset/list/list.ts', import.meta.url).pathname],
      outdir: directory,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      logLevel: 'error',
    });
    return pathToFileURL(join(directory, 'list.mjs')).href;
  })();
  return built;
}

export interface ListProcess {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the process is gone. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/**
 * Runs `script` (an ES module that has `openList`) in a new process, `args` in `process.argv` from index 1 on. It is killed at the end of the
 * test if it still runs.
 */
export async function listProcess(script: string, ...args: string[]): Promise<ListProcess> {
  const source = `import { openList } from ${JSON.stringify(await builtModule())};\n${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, '--', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end before it has read all.
  child.stdin.on('error', () => {});
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const ended = (async () => {
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, stdout, stderr };
  })();
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { process: child, ended };
}
