import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = join(ROOT, 'dist/cli.cjs');

/** The command as it is installed: the bundle in `dist/`. */
export const COMMAND: readonly string[] = [process.execPath, ENTRY];

/** Builds `dist/` where there is none or a source is newer. */
export function buildIfStale(): void {
  const built = existsSync(ENTRY) ? statSync(ENTRY).mtimeMs : 0;
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const stale = sources.some((name) => statSync(join(ROOT, 'src', name)).mtimeMs > built);
  if (stale) execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'inherit' });
}
