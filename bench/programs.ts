import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The system's programs that the bench runs, and where each was found. */
export interface Programs {
  readonly nginx: string;
  readonly curl: string;
  readonly bash: string;
  /** GNU time: the only one that tells a process's peak memory. */
  readonly time: string;
}

const NAMES = ['nginx', 'curl', 'bash', 'time'] as const;
/** Debian's nginx lies here, outside the path of an ordinary user. */
const ALSO_IN = ['/usr/sbin', '/usr/local/sbin'];
const INSTALL = fileURLToPath(new URL('../scripts/install-peers.sh', import.meta.url));

/** Finds the programs; installs what is missing where that is possible, and otherwise throws and says what to install. */
export function findPrograms(): Programs {
  if (missing().length > 0 && process.getuid?.() === 0 && find('apt-get') !== undefined) {
    execFileSync('sh', [INSTALL], { stdio: 'inherit' });
  }
  const still = missing();
  if (still.length > 0) {
    throw new Error(
      `These programs are missing: ${still.join(', ')}. Install them (on Debian and Ubuntu: sudo sh scripts/install-peers.sh) and run the bench again.`,
    );
  }
  return { nginx: find('nginx')!, curl: find('curl')!, bash: find('bash')!, time: find('time')! };
}

function missing(): string[] {
  return NAMES.filter((name) => find(name) === undefined);
}

function find(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO_IN];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
