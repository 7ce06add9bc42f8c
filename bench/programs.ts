import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The server, and what measures processes: `time` is GNU time, the only one that tells a process's peak memory. */
export const NEEDED_BY_ALL = ['nginx', 'bash', 'time'] as const;
/** The peers, and what prepares them. */
const PEERS = ['curl', 'wget', 'wget2', 'aria2c', 'cc', 'python3', 'openssl'] as const;

export type ProgramName = (typeof NEEDED_BY_ALL)[number] | (typeof PEERS)[number];

/** The system's programs that the bench runs, and where each was found. */
export type Programs = Readonly<Record<ProgramName, string>>;

/** Debian's nginx lies here, outside the path of an ordinary user. */
const ALSO_IN = ['/usr/sbin', '/usr/local/sbin'];
const INSTALL = fileURLToPath(new URL('../scripts/install-peers.sh', import.meta.url));
const HOW_TO_INSTALL = 'on Debian and Ubuntu: sudo sh scripts/install-peers.sh';

/** Where each program is; what can't be found stands for itself, and must not be run. Installs what is missing of `wanted` where that is possible. */
export function findPrograms(wanted: readonly ProgramName[]): Programs {
  const missing = missingOf(wanted);
  if (missing.length > 0 && process.getuid?.() === 0 && find('apt-get') !== undefined) {
    execFileSync('sh', [INSTALL], { stdio: 'inherit' });
  }
  const names: readonly ProgramName[] = [...NEEDED_BY_ALL, ...PEERS];
  return Object.fromEntries(names.map((name) => [name, find(name) ?? name])) as Programs;
}

/** What to say where some of `names` are missing; undefined where all are there. */
export function complaintOf(names: readonly ProgramName[]): string | undefined {
  const missing = missingOf(names);
  return missing.length === 0 ? undefined : `${missing.join(', ')} missing (${HOW_TO_INSTALL})`;
}

function missingOf(names: readonly ProgramName[]): ProgramName[] {
  return names.filter((name) => find(name) === undefined);
}

function find(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO_IN];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
