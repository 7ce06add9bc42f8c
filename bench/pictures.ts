import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Outcome, Work } from './clients/crew.js';
import { endWithUs } from './meter.js';
import { type Contestant, inTurn } from './rounds.js';
import type { Claim, Row, Sample, Setting } from './row.js';

const PICTURES = 10_000;
const WARM_UP = 2_000;
const CONNECTIONS = 64;
const ROUNDS = 7;

const LIBRARY = new URL('../dist/index.js', import.meta.url).href;
const UNDICI = pathToFileURL(createRequire(import.meta.url).resolve('undici')).href;
const SOURCES = {
  sluice: new URL('./clients/sluice.ts', import.meta.url),
  undici: new URL('./clients/undici.ts', import.meta.url),
  fetch: new URL('./clients/fetch.ts', import.meta.url),
  socket: new URL('./clients/socket.ts', import.meta.url),
};

/** 10,000 JPEGs of 36 kB by the library over 64 connections, each body gathered in memory: against undici's `dispatch` and Node's own `fetch`. */
export const pictures: Row = {
  name: 'pictures',
  async run(setting) {
    const programs = setting.material.path('clients');
    await compile(programs);
    const work = await workFor(setting);
    const client = (name: string, program: string, more: Partial<Work>): Contestant => ({
      name,
      run: () => runClient(`${programs}/${program}.mjs`, { ...work, ...more }),
    });
    const [undici, fetch, verified, unverified, socket] = await inTurn(setting.rounds(ROUNDS), [
      client('undici dispatch', 'undici', { module: UNDICI }),
      client('fetch', 'fetch', {}),
      client('retrieve', 'sluice', { module: LIBRARY }),
      client('retrieve', 'sluice', { module: LIBRARY, verify: 'none' }),
      client('bare socket', 'socket', {}),
    ]);
    return [
      { work: 'pictures, verified', ours: verified!, peer: undici!, target: { kind: 'speed', bound: 2 } },
      { work: 'pictures, verified', ours: verified!, peer: fetch!, target: { kind: 'speed', bound: 5 } },
      {
        work: 'pictures, verify none',
        ours: unverified!,
        peer: undici!,
        target: { kind: 'speed', bound: 2 },
      },
      { work: 'pictures, verify none', ours: unverified!, peer: fetch!, target: { kind: 'speed', bound: 5 } },
      // What no client on Node's sockets can surpass: whether the targets above can be met at all.
      { work: 'pictures, the limit', ours: socket!, peer: undici!, target: { kind: 'speed', bound: 2 } },
    ] satisfies Claim[];
  },
};

/** The clients are measured as plain JavaScript: a loader that compiles while they run would be measured too. */
async function compile(outdir: string): Promise<void> {
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
}

async function workFor({ material, origin }: Setting): Promise<Work> {
  const { count, sizes } = await material.pictures();
  return {
    origin,
    pictures: PICTURES,
    warmUp: WARM_UP,
    connections: CONNECTIONS,
    sizes,
    names: count,
    module: '',
  };
}

/** The client measures itself: its process's start and its warm-up are not in the sample. */
async function runClient(program: string, work: Work): Promise<Sample> {
  const running = promisify(execFile)(process.execPath, [program, JSON.stringify(work)]);
  const forget = endWithUs(running.child);
  const { stdout } = await running.finally(forget);
  const outcome: Outcome = JSON.parse(stdout);
  return outcome;
}
