import { spawnSync } from 'node:child_process';

/** Throws, with what to install, unless there is a Python 3. */
export function requirePython(): void {
  const { status } = spawnSync('python3', ['-c', 'import pty, socket, termios'], { stdio: 'ignore' });
  if (status === 0) return;
  throw new Error(
    "These tests run Python 3 programs: install it so that 'python3' starts (on Debian: apt install python3).",
  );
}
