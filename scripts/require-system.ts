/**
 * Makes sure that the programs which the tests run are there: installs them where they are missing and we are root on a system with apt-get,
 * otherwise says exactly what to install and ends with status 1. With `--system`, also those of `npm run test:system`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

interface Need {
  readonly program: string;
  /** A call that ends with status 0 where the program is there and has all that the tests use. */
  readonly probe: readonly string[];
  readonly debianPackage: string;
}

const TESTS: readonly Need[] = [
  // Debian's python3-minimal has no pty.
  { program: 'python3', probe: ['-c', 'import pty, socket, termios'], debianPackage: 'python3' },
  { program: 'openssl', probe: ['version'], debianPackage: 'openssl' },
  { program: 'bash', probe: ['--version'], debianPackage: 'bash' },
  { program: 'mkfifo', probe: ['--version'], debianPackage: 'coreutils' },
  { program: 'cat', probe: ['--version'], debianPackage: 'coreutils' },
  { program: 'chromium', probe: ['--version'], debianPackage: 'chromium' },
  { program: 'redis-server', probe: ['--version'], debianPackage: 'redis-server' },
];
const SYSTEM_TESTS: readonly Need[] = [
  { program: 'mount', probe: ['--version'], debianPackage: 'mount' },
  { program: 'umount', probe: ['--version'], debianPackage: 'mount' },
  { program: 'tshark', probe: ['--version'], debianPackage: 'tshark' },
];

const POLICY = '/usr/sbin/policy-rc.d';

const needed = process.argv.includes('--system') ? [...TESTS, ...SYSTEM_TESTS] : TESTS;
const missing = needed.filter((need) => !works(need));
if (missing.length > 0) {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0) install(missing);
  const still = missing.filter((need) => !works(need));
  if (still.length > 0) {
    const names = still.map(({ program }) => program).join(', ');
    console.error(`The tests need ${names}. Install: apt-get install ${packagesOf(still).join(' ')}`);
    process.exitCode = 1;
  }
}

function works({ program, probe }: Need): boolean {
  return spawnSync(program, probe, { stdio: 'ignore' }).status === 0;
}

function packagesOf(needs: readonly Need[]): string[] {
  return [...new Set(needs.map(({ debianPackage }) => debianPackage))];
}

function install(needs: readonly Need[]): void {
  // A package may start a server, as that of Redis does. A policy of ours forbids it meanwhile (invoke-rc.d(8)).
  const hasPolicy = existsSync(POLICY);
  if (!hasPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    spawnSync('apt-get', ['install', '-y', '-qq', ...packagesOf(needs)], {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } finally {
    if (!hasPolicy) rmSync(POLICY);
  }
}
