/** `sluice pull` as a process, and what it leaves. */

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duckdb } from '../../dataset/support/duckdb.js';
import { WORLD_MAX_BYTES, WORLD_TIMEOUT_S, type World } from '../../dataset/world.js';
import { CLI, type Outcome, type Running, type Start, start } from './command.js';

/** Starts `sluice pull`. */
export function startPull(args: readonly string[], how?: Start): Running {
  return start(process.execPath, [CLI, 'pull', ...args], how);
}

/** Runs `sluice pull` to its end. */
export function pull(args: readonly string[], how?: Start): Promise<Outcome> {
  return startPull(args, how).ended;
}

/** Writes the world's list into `folder`. */
export function listIn(folder: string, { list }: World, name = 'urls.txt'): string {
  const path = join(folder, name);
  writeFileSync(path, list);
  return path;
}

/** The arguments for a run on a world: to its hosts, with its bounds. */
export function onWorld({ dns }: World): string[] {
  const bounds = ['--timeout', String(WORLD_TIMEOUT_S), '--max-size', String(WORLD_MAX_BYTES)];
  return ['--allow', '127.0.0.0/8', '--dns-servers', dns, '--retry-delay', '0.1', ...bounds];
}

export interface Row {
  readonly key: string;
  readonly url: string;
  readonly status: string;
  readonly code: string | null;
  readonly sha256: string | null;
  readonly http_status: number | null;
  readonly attempts: number;
  readonly [column: string]: unknown;
}

/** The rows of all finished shards, in the order of the list. */
export async function rowsOf(directory: string): Promise<Row[]> {
  return (await duckdb(
    'SELECT * EXCLUDE (bytes) FROM $1 ORDER BY key',
    join(directory, '*.parquet'),
  )) as unknown as Row[];
}

/** What a directory holds beside finished shards. */
export function leftOver(directory: string): string[] {
  return readdirSync(directory).filter((name) => /\.(part|journal|spool)$/.test(name));
}
