/** The library in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, onTestFinished } from 'vitest';

const built = new Map<string, Promise<string>>();

/** The URL of a module with all that it imports in one, made once for a test file. */
function builtModule(module: URL): Promise<string> {
  const there = built.get(module.href);
  if (there !== undefined) return there;
  const url = (async () => {
    const outfile = join(directory, `${built.size}.mjs`);
    await build({
      entryPoints: [module.pathname],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['sharp', 'classic-level'],
      logLevel: 'error',
    });
    return pathToFileURL(outfile).href;
  })();
  built.set(module.href, url);
  return url;
}

const directory = mkdtempSync(join(tmpdir(), 'sluice-build-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the process is gone. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/**
 * Runs `script` (an ES module in which `retrieve` and the rest of the library are imported as `sluice`) in a new process,
 * `args` in `process.argv` from index 1 on. It is killed at the end of the test if it still runs.
 */
export function child(script: string, ...args: string[]): Promise<Child> {
  return childWith(new URL('../../src/index.ts', import.meta.url), script, ...args);
}

/** The same with another module as `sluice`. */
export async function childWith(module: URL, script: string, ...args: string[]): Promise<Child> {
  const source = `import * as sluice from ${JSON.stringify(await builtModule(module))};\n${script}`;
  const started = spawn(process.execPath, ['--input-type=module', '-e', source, '--', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  started.stdout.on('data', (data) => {
    stdout += String(data);
  });
  started.stderr.on('data', (data) => {
    stderr += String(data);
  });
  const ended: Child['ended'] = new Promise((resolve) => {
    started.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  onTestFinished(async () => {
    started.kill('SIGKILL');
    await ended;
  });
  return { process: started, ended };
}
