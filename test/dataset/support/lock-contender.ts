/**
 * Wants the lock of each of the directories, all contenders at the same time as far as a clock can tell, and keeps those that it gets until its standard input ends. Prints for
 * each directory whether it has it.
 */

import { once } from 'node:events';
import { join } from 'node:path';
import { DirectoryLock } from '../../../src/dataset/pull/directory-lock.js';

const [startsAt, everyMs, ...directories] = process.argv.slice(2);
const held: boolean[] = [];
for (const [round, directory] of directories.entries()) {
  while (Date.now() < Number(startsAt) + round * Number(everyMs));
  const lock = await DirectoryLock.take(join(directory, 'lock'));
  held.push(lock instanceof DirectoryLock);
}
process.stdout.write(`${JSON.stringify(held)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
process.exit(0);
