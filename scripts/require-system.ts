/**
 * Makes sure that the programs which the tests run are there: installs them where they are missing and we are root on a system with apt-get,
 * otherwise says exactly what to install and ends with status 1.
 */
import { spawnSync } from 'node:child_process';

/** Program and the Debian package that has it. */
const NEEDED: readonly (readonly [program: string, debianPackage: string])[] = [
  ['python3', 'python3-minimal'],
  ['openssl', 'openssl'],
];

const missing = NEEDED.filter(([program]) => !runs(program));
if (missing.length > 0) {
  const packages = missing.map(([, debianPackage]) => debianPackage);
  if (process.getuid?.() === 0 && runs('apt-get')) install(packages);
  const still = missing.filter(([program]) => !runs(program));
  if (still.length > 0) {
    const names = still.map(([program]) => program).join(', ');
    console.error(
      `The tests need ${names}. Install: apt-get install ${still.map(([, name]) => name).join(' ')}`,
    );
    process.exitCode = 1;
  }
}

function runs(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function install(packages: readonly string[]): void {
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  spawnSync('apt-get', ['install', '-y', '-qq', ...packages], {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
