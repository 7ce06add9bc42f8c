import { fileURLToPath } from 'node:url';
import { start, until } from './command.js';

const PROGRAM = fileURLToPath(new URL('full-backlog.py', import.meta.url));

/** A port on 127.0.0.1 where connecting gets no answer, until the end of the test. */
export async function silentPort(): Promise<number> {
  // Node accepts whatever comes; a queue that stays full needs a program that does not.
  const listener = start('python3', [PROGRAM]);
  await until(() => listener.stdout.includes('\n'));
  return Number(listener.stdout.toString());
}
