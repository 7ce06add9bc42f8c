/** Runs scenarios: a server and the built command as a process, in a directory of their own, and a look at all that came of it. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLI } from '../cli/support/command.js';
import { openServer, type RawServer } from '../support/raw-server.js';
import { differencesOf, type Ended } from './compare.js';
import { lay, snapshot } from './files.js';
import type { Scenario } from './scenario.js';

const TERMINAL = fileURLToPath(new URL('../cli/support/terminal.py', import.meta.url));
const PEAK_HOOK = new URL('peak.mjs', import.meta.url).href;
/** The bound within which every scenario has to end by itself: some fifty times what they take. */
const MOST_MS = 15_000;

/** What became of a scenario. */
export interface Result {
  readonly scenario: Scenario;
  readonly status: number | null;
  /** How it is not as it has to be, one sentence each. */
  readonly differences: readonly string[];
  /** Of the command's process, in MB; undefined where it was killed. */
  readonly peakMb: number | undefined;
  /** From its start to its end. */
  readonly ms: number;
}

/** Runs one scenario. Rejects only where it could not be run. */
export async function run(scenario: Scenario): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-hostile-'));
  const server = await openServer(scenario.server, scenario.tls === undefined ? {} : { tls: scenario.tls() });
  try {
    // The command works in `world/here`; whatever appears elsewhere in `world` is outside.
    const world = join(root, 'world');
    for (const name of ['here', 'home', 'outside', 'tmp']) mkdirSync(join(world, name), { recursive: true });
    writeFileSync(join(world, 'outside', 'precious'), 'precious');
    lay(join(world, 'here'), scenario.before ?? {});
    if (scenario.trusts !== undefined) writeFileSync(join(root, 'ca.pem'), scenario.trusts());
    const before = snapshot(world);
    const ended = await command(scenario, server, root);
    const differences = differencesOf(scenario, ended, before, snapshot(world), server.requests);
    if (server.broken.length > 0)
      differences.push(`The server's script failed: ${String(server.broken[0])}.`);
    return { scenario, status: ended.status, differences, peakMb: ended.peakMb, ms: ended.ms };
  } finally {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs all, `atOnce` at a time, in their order; each is told as it ends. */
export async function runAll(
  scenarios: readonly Scenario[],
  atOnce: number,
  onResult: (result: Result) => void,
): Promise<void> {
  const waiting = [...scenarios];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) onResult(await run(next));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function command(scenario: Scenario, server: RawServer, root: string): Promise<Ended> {
  const { url = '{origin}/cover.jpg', args = [] } = scenario;
  const filled = [...(typeof url === 'string' ? [url] : url), ...args].map((text) =>
    text
      .replaceAll('{origin}', server.url(''))
      .replaceAll('{port}', String(server.port))
      .replaceAll('{ca}', join(root, 'ca.pem')),
  );
  const get = [process.execPath, CLI, 'get', ...filled];
  const rest = scenario.onTerminal ? ['python3', TERMINAL, 'both', ...get] : get;
  const peak = join(root, 'peak');
  const began = performance.now();
  // Some of these write for ever: they must end also where nobody is left to end them.
  const child = spawn('timeout', ['--signal=KILL', `${(2 * MOST_MS) / 1000}`, ...rest], {
    cwd: join(root, 'world', 'here'),
    // Nothing of ours: no proxy, no other option of Node.
    env: {
      PATH: process.env.PATH,
      HOME: join(root, 'world', 'home'),
      TMPDIR: join(root, 'world', 'tmp'),
      NODE_OPTIONS: `--import=${PEAK_HOOK}`,
      SLUICE_PEAK: peak,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (data: Buffer) => stdout.push(data));
  child.stderr.on('data', (data: Buffer) => stderr.push(data));
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    child.kill('SIGKILL');
  }, MOST_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({
        status,
        killedAfterMs: killed ? MOST_MS : undefined,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
        peakMb: peakIn(peak),
        ms: performance.now() - began,
      });
    });
  });
}

function peakIn(path: string): number | undefined {
  return existsSync(path) ? (Number(readFileSync(path, 'latin1')) * 1024) / 1e6 : undefined;
}
