import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the build reads. */
const SOURCES = [
  'src',
  'web',
  'scripts/build.ts',
  'scripts/build-web.ts',
  'scripts/make-code-cache.ts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
];
/** What it makes; the oldest of these is how old the build is. */
const MADE = ['dist/cli.cjs', 'dist/command.cjs', 'dist/index.js', 'dist/report.html', 'dist/web/index.html'];

/** Builds `dist/` once before the tests of the command, if a source is newer than it. */
export function setup(): void {
  const builtAt = Math.min(...MADE.map((path) => changedAt(path) ?? 0));
  const changed = Math.max(...SOURCES.map((path) => newestIn(path)));
  if (changed > builtAt) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
}

function newestIn(path: string): number {
  const at = changedAt(path);
  if (at === undefined) return 0;
  if (!statSync(ROOT + path).isDirectory()) return at;
  return Math.max(at, ...readdirSync(ROOT + path).map((name) => newestIn(`${path}/${name}`)));
}

/** Milliseconds since 1970; undefined where there is no such file. */
function changedAt(path: string): number | undefined {
  return statSync(ROOT + path, { throwIfNoEntry: false })?.mtimeMs;
}
