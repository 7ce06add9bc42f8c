import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { endWithUs } from './meter.js';
import type { Sample } from './row.js';

const SOURCES = {
  sluice: new URL('./clients/sluice.ts', import.meta.url),
  undici: new URL('./clients/undici.ts', import.meta.url),
  fetch: new URL('./clients/fetch.ts', import.meta.url),
  socket: new URL('./clients/socket.ts', import.meta.url),
  'dropping-socket': new URL('./clients/dropping-socket.ts', import.meta.url),
  'storing-socket': new URL('./clients/storing-socket.ts', import.meta.url),
  recording: new URL('./clients/recording.ts', import.meta.url),
  'https-sluice': new URL('./clients/https-sluice.ts', import.meta.url),
  'https-socket': new URL('./clients/https-socket.ts', import.meta.url),
  'https-undici': new URL('./clients/https-undici.ts', import.meta.url),
  'long-list': new URL('./clients/long-list.ts', import.meta.url),
  'slow-readers': new URL('./clients/slow-readers.ts', import.meta.url),
};

/** A client of `bench/clients/`. */
export type ClientName = keyof typeof SOURCES;

/** The modules that clients are told to load: ours as it is installed, and undici. */
export const LIBRARY = new URL('../dist/index.js', import.meta.url).href;
export const UNDICI = pathToFileURL(createRequire(import.meta.url).resolve('undici')).href;

/** The clients are measured as plain JavaScript: a loader that compiles while they run would be measured too. Gives where each of them is. */
export async function compileClients(outdir: string): Promise<(name: ClientName) => string> {
  await build({
    entryPoints: Object.values(SOURCES).map(({ pathname }) => decodeURIComponent(pathname)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  });
  return (name) => join(outdir, `${name}.mjs`);
}

/** Runs a client that measures itself: its process's start and its warm-up are not in the sample. `work` is its one argument. */
export async function runClient<Outcome = Sample>(program: string, work: object): Promise<Outcome> {
  const running = promisify(execFile)(process.execPath, [program, JSON.stringify(work)]);
  const forget = endWithUs(running.child);
  const { stdout } = await running.finally(forget);
  const outcome: Outcome = JSON.parse(stdout);
  return outcome;
}
