/** Runs on many machines, each of them a process here, and what is to be seen of them from outside. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tarMembers } from '../../dataset/support/python.js';
import { scratchDirectory } from '../../support/scratch.js';
import { CLI, type Running, start, until } from './command.js';
import { rowsOf } from './pull.js';

export const SHARD_ROWS = 30;

/** Only what hangs is ended by this, in milliseconds: on a busy machine all of it takes long. */
export const LONG = 300_000;
/** What lies in `.sluice` when no run is under way. */
export const RECORDS = ['directory-id', 'run.json'];

export interface Place {
  readonly list: string;
  /** Where the run is that is disturbed, and the one that is not. */
  readonly out: string;
  readonly calm: string;
}

export function placeFor(list: string): Place {
  const folder = scratchDirectory();
  writeFileSync(join(folder, 'urls.txt'), list);
  return { list: join(folder, 'urls.txt'), out: join(folder, 'out'), calm: join(folder, 'calm') };
}

export function pullArgs({ list }: Place, out: string, format = 'webdataset'): string[] {
  const policy = ['--allow', '127.0.0.0/8', '--retry-delay', '0.1'];
  return [list, '-o', out, '--format', format, '--shard-size', String(SHARD_ROWS), ...policy];
}

/** A worker of one thread, in a working directory of its own. */
export function startWork(queue: string, ...more: string[]): Running {
  const quiet = more.includes('--say') ? [] : ['-q'];
  const args = ['--queue', queue, '--threads', '1', ...quiet, ...more.filter((arg) => arg !== '--say')];
  return start(process.execPath, [CLI, 'work', ...args], { cwd: scratchDirectory() });
}

/** Shards that are in the data set. */
export function finished(out: string): number {
  return existsSync(out) ? readdirSync(out).filter((name) => name.endsWith('_stats.json')).length : 0;
}

/** The leases under which is worked. */
export function leases(out: string): string[] {
  const folder = workFolder(out);
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('.gone')) : [];
}

/** Those of one worker: it has files of them open. */
export function leasesOf(out: string, { pid }: Running): string[] {
  const folder = `${workFolder(out)}/`;
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
  const names = open.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
  const held = new Set(names.map((name) => name.split('/')[0]!));
  return leases(out).filter((lease) => held.has(lease));
}

/** Waits until each of these workers has a shard in hand. */
export async function atWork(place: Place, ...workers: Running[]): Promise<void> {
  await until(() => workers.every((worker) => leasesOf(place.out, worker).length > 0));
}

/** Rows that a worker says it has done, and shards that it has put into the data set. */
export function saidBy({ stdout }: { readonly stdout: Buffer }): { rows: number; shards: number } {
  const [, rows, shards] = /^(\d+) rows, (\d+) shards? put/m.exec(stdout.toString()) ?? [];
  return { rows: Number(rows), shards: Number(shards) };
}

/** What a data set is, picture by picture, but for what differs from run to run: how long things took, and whether a URL of another shard was asked for again. */
export async function contentOf(out: string, format = 'webdataset') {
  const rows = await rowsOf(out);
  const names = readdirSync(out)
    .filter((name) => name !== '.sluice')
    .sort();
  const pictures =
    format === 'webdataset'
      ? tarMembers(...names.filter((name) => name.endsWith('.tar')).map((name) => join(out, name)))
      : filesIn(out);
  return {
    names,
    rows: rows.map((row) => ({ ...row, ms: 0, attempts: 0 })),
    pictures: pictures
      .map(({ name, sha256 }) => (name.endsWith('.json') ? name : `${name} ${sha256}`))
      .sort(),
  };
}

function filesIn(out: string): { name: string; sha256: string }[] {
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /^\d+\/.*\./.test(name))
    .map((name) => {
      const sha256 = createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex');
      return { name, sha256 };
    });
}

function workFolder(out: string): string {
  return join(out, '.sluice/crew/work');
}

/** Where a descriptor leads; nowhere where it was closed meanwhile. */
function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
