/**
 * A file that says who works in a directory: one run at a time, of all processes and machines that see it.
 *
 * 1. Who wants it links a file that is written already to the name of the lock, which fails where there is one (link(2), also over NFS). So a lock is never half written.
 * 2. On the same system, a holder lives as long as its process. Of one elsewhere (another machine, another container, before a restart) nothing is known but that a
 *    living one touches the file every two seconds: it is dead when nothing came for ten.
 * 3. The lock of a dead one is replaced, never removed. The right to do so is itself such a lock, named by what is to be replaced: `lock.after-ID`. So there is one
 *    at a time who may, and he looks once more whether it is still there. Whoever dies as the owner of that right leaves the right of a dead one, of which the same holds.
 * 4. A holder that was taken for dead notices when it looks for its lock the next time.
 */

import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../../errors.js';
import { bootId } from '../../save/part-record.js';

const BEAT_MS = 2_000;
const WATCH_MS = 10_000;
const LOOK_MS = 100;

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
}

interface Claim extends Partial<LockHolder> {
  readonly boot?: string | null;
  /** The processes among which `pid` counts: a container has its own. */
  readonly space?: string | null;
}

/** What the locks say that this process holds, or is about to. */
const OURS = new Set<string>();

/** A lock that is held, until it is released. */
export class DirectoryLock {
  readonly #lost = new AbortController();
  readonly #beating: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly text: string,
  ) {
    this.#beating = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  /** Takes the lock at `path`, or gives who holds it. Throws what the file system says. `watchMs`: how long a holder elsewhere is watched. */
  static async take(path: string, watchMs = WATCH_MS): Promise<DirectoryLock | LockHolder> {
    const claim: Claim = {
      pid: process.pid,
      host: hostname(),
      boot: bootId(),
      space: processSpace(),
    };
    const text = JSON.stringify({ ...claim, id: randomUUID() });
    OURS.add(text);
    let holder: LockHolder | undefined;
    try {
      holder = await hold(path, text, watchMs);
      if (holder === undefined) {
        sweep(path, text);
        return new DirectoryLock(path, text);
      }
    } catch (error) {
      OURS.delete(text);
      throw error;
    }
    OURS.delete(text);
    return holder;
  }

  /** Another has it, since this one was taken for dead. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    clearInterval(this.#beating);
    // Not while somebody replaces it, who takes us for dead.
    const right = rightTo(this.path, this.text);
    try {
      if (textAt(this.path) !== this.text || (await hold(right, this.text, WATCH_MS)) !== undefined) return;
      if (textAt(this.path) === this.text) rmSync(this.path, { force: true });
      rmSync(right, { force: true });
    } catch (error) {
      // A full disk takes not even that. The lock stays, and nobody beats it: the next who wants it takes it as from the dead.
      if (systemCode(error) === undefined) throw error;
    } finally {
      OURS.delete(this.text);
    }
  }

  #beat(): void {
    try {
      if (textAt(this.path) === this.text) utimesSync(this.path, new Date(), new Date());
      else this.#lost.abort();
    } catch {
      // A file system that is away for a moment: the next beat may come through.
    }
  }
}

/** Makes the file at `path` say `text`, unless it is held by one that lives: then gives who that is. */
async function hold(path: string, text: string, watchMs: number): Promise<LockHolder | undefined> {
  for (;;) {
    if (isLinked(path, text)) return undefined;
    const theirs = textAt(path);
    if (theirs === undefined) continue;
    const holder = await livingHolder(path, theirs, watchMs);
    if (holder !== undefined) return holder;
    const right = rightTo(path, theirs);
    const other = await hold(right, text, watchMs);
    if (other !== undefined) return other;
    try {
      if (textAt(path) !== theirs) continue;
      renameSync(written(path, text), path);
      return undefined;
    } finally {
      rmSync(right, { force: true });
    }
  }
}

/** Whether the file is there now and says `text`; false where another was there before, or it is to be tried again. */
function isLinked(path: string, text: string): boolean {
  const own = written(path, text);
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    // Over a network an answer may get lost: then it was we who made the link. And a new holder sweeps away what lies beside the lock.
    if (systemCode(error) === 'EEXIST') return textAt(path) === text;
    if (systemCode(error) === 'ENOENT') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    rmSync(own, { force: true });
  }
  // A file system without links: there a lock may be seen before it says anything.
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A file of our own beside `path` that says `text`. */
function written(path: string, text: string): string {
  const own = `${path}.${randomUUID()}`;
  writeFileSync(own, text);
  return own;
}

function rightTo(path: string, text: string): string {
  return `${path}.after-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** Who holds the lock that says `text`; undefined where he is dead, or it says something else by now. */
async function livingHolder(path: string, text: string, watchMs: number): Promise<LockHolder | undefined> {
  if (text === '') await sleep(LOOK_MS);
  const { pid, host = hostname(), boot, space = processSpace() } = claimIn(text);
  if (pid === undefined) return undefined;
  const holder = { pid, host };
  if (OURS.has(text)) return holder;
  if (boot === bootId() && space === processSpace()) {
    // The process before us may have had our number.
    return pid !== process.pid && isAlive(pid) ? holder : undefined;
  }
  const touchedAt = lastTouch(path);
  for (const until = performance.now() + watchMs; performance.now() < until; ) {
    await sleep(LOOK_MS);
    if (textAt(path) !== text) return undefined;
    if (lastTouch(path) !== touchedAt) return holder;
  }
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else's lives.
    return systemCode(error) === 'EPERM';
  }
}

/** By opening it: over a network that is what asks the server. */
function lastTouch(path: string): number | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return fstatSync(fd).mtimeMs;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Nothing where the lock is not one of ours, or its process was killed before it could say who it is. */
function claimIn(text: string): Claim {
  try {
    return (JSON.parse(text) ?? {}) as Claim;
  } catch {
    return {};
  }
}

function processSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null; // Not Linux.
  }
}

/** Takes away what those have left beside the lock who were killed while they wanted it. Whoever still wants it makes its files anew; the right to our own is not ours to take. */
function sweep(path: string, text: string): void {
  const right = rightTo(path, text);
  for (const name of readdirSync(dirname(path))) {
    const other = join(dirname(path), name);
    if (other.startsWith(`${path}.`) && !other.startsWith(right)) rmSync(other, { force: true });
  }
}
