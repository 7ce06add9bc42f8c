import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DirectoryLock } from '../../../src/dataset/pull/directory-lock.js';
import { bootId } from '../../../src/save/part-record.js';
import { scratchDirectory } from '../../support/scratch.js';
import { until } from '../../support/until.js';

const CONTENDER = fileURLToPath(new URL('../support/lock-contender.ts', import.meta.url));
const WATCH_MS = 400;
/** No process has this number. */
const DEAD = 2 ** 22 + 1;

function textOf(pid: number, boot: string | null = bootId()): string {
  return JSON.stringify({ pid, boot, host: 'elsewhere', id: randomUUID() });
}

/** A lock that is there already; gives its path. */
function lockSaying(text: string): string {
  const path = join(scratchDirectory(), 'lock');
  writeFileSync(path, text);
  return path;
}

async function held(path: string): Promise<DirectoryLock> {
  const lock = await DirectoryLock.take(path, WATCH_MS);
  if (!(lock instanceof DirectoryLock)) throw new Error(`held by ${lock.pid}`);
  onTestFinished(() => lock.release());
  return lock;
}

/** Starts one that wants all of these; gives which it has got. */
async function contender(args: readonly string[]): Promise<boolean[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CONTENDER, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  let said = '';
  for await (const piece of child.stdout) {
    said += piece;
    if (said.endsWith('\n')) return JSON.parse(said) as boolean[];
  }
  throw new Error('it ended before it could say anything');
}

describe('DirectoryLock.take()', () => {
  test('lets one in, of many processes that want one dead lock at the same instant', async () => {
    const directories = Array.from({ length: 150 }, () => scratchDirectory());
    for (const [i, directory] of directories.entries()) {
      // Of each third nothing is there, a dead lock is, or a dead one and that of one who died when replacing it.
      const text = textOf(DEAD);
      if (i % 3 > 0) writeFileSync(join(directory, 'lock'), text);
      if (i % 3 > 1) writeFileSync(join(directory, `lock.after-${digestOf(text)}`), textOf(DEAD));
    }
    const args = [String(Date.now() + 2000), '10', ...directories];
    const contenders = await Promise.all(Array.from({ length: 4 }, () => contender(args)));
    const holders = directories.map((_, i) => contenders.filter((has) => has[i]).length);
    expect(holders).toEqual(directories.map(() => 1));
  }, 60_000);

  test('gives who holds it, in this process as well, until it is released', async () => {
    const path = join(scratchDirectory(), 'lock');
    const first = await held(path);
    expect(await DirectoryLock.take(path)).toMatchObject({ pid: process.pid });
    await first.release();
    expect(existsSync(path)).toBe(false);
    await (await held(path)).release();
  });

  test.each([
    ['a process that is gone', textOf(DEAD)],
    ['a process that had our number', textOf(process.pid)],
    ['somebody elsewhere of whom nothing is heard', textOf(process.ppid, 'another start')],
    ['a process that was killed before it could say who it is', ''],
    ['what is no lock', 'null'],
  ])('replaces that of %s, and leaves nothing beside it', async (_, text) => {
    const path = lockSaying(text);
    await held(path);
    expect(readFileSync(path, 'utf8')).toContain(`"pid":${process.pid}`);
    expect(readdirSync(join(path, '..'))).toEqual(['lock']);
  });

  test('gives one elsewhere who touches it', async () => {
    const path = lockSaying(textOf(7, 'another start'));
    const beating = setInterval(() => utimesSync(path, new Date(), new Date()), 50);
    onTestFinished(() => clearInterval(beating));
    expect(await DirectoryLock.take(path, 20_000)).toEqual({ pid: 7, host: 'elsewhere' });
  });

  test('replaces that of one who died when he was about to replace another, and so on', async () => {
    const texts = [textOf(DEAD), textOf(DEAD), textOf(DEAD)];
    const path = lockSaying(texts[0]!);
    const right = `${path}.after-${digestOf(texts[0]!)}`;
    writeFileSync(right, texts[1]!);
    writeFileSync(`${right}.after-${digestOf(texts[1]!)}`, texts[2]!);
    await held(path);
    expect(readdirSync(join(path, '..'))).toEqual(['lock']);
  });

  test('throws what the file system says', async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'lock'));
    await expect(DirectoryLock.take(join(directory, 'missing/lock'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(DirectoryLock.take(join(directory, 'lock'))).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

test('a holder that was taken for dead notices, and does not take the lock from the one who has it now', async () => {
  const path = join(scratchDirectory(), 'lock');
  const first = await held(path);
  expect(first.lost.aborted).toBe(false);
  writeFileSync(path, textOf(process.ppid));
  await until(() => first.lost.aborted);
  await first.release();
  expect(readFileSync(path, 'utf8')).toContain(`"pid":${process.ppid}`);
});

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
