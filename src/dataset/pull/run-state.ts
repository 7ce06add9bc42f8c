import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SluiceError, systemCode } from '../../errors.js';
import { bootId } from '../../save/part-record.js';
import { writeFailed } from '../../save/write-failed.js';
import { differencesOf, type ListIdentity } from '../list/identity.js';
import type { ShardSummary } from '../shard/stats.js';

/** What decides what the data set is: a run with another of these is another run. Plain JSON. */
export type DatasetOptions = Readonly<Record<string, string | number | boolean | null>>;

/** What is known of a run when its last shard was finished. */
export interface RunResult {
  readonly shards: number;
  readonly summary: ShardSummary;
}

interface State {
  readonly version: 1;
  readonly list: ListIdentity;
  readonly options: DatasetOptions;
  readonly result: RunResult | null;
}

/** Locks that this process holds. */
const HELD = new Set<string>();

/** What a run keeps of itself in `DIR/.sluice/`: which list and options it is of, and whether it is finished. One run at a time. */
export class RunState {
  readonly folder: string;
  /** Tells this list with these options from others. */
  readonly digest: string;
  #state: State;
  /** As it was found. */
  readonly #before: Pick<State, 'list' | 'options'>;

  /**
   * Begins the run in `directory`, or takes it up. Throws `option-invalid` where another list or other options made what lies there, with the difference, or another run
   * is at work; `write-failed` where nothing can be written.
   */
  constructor(
    private readonly directory: string,
    list: ListIdentity,
    options: DatasetOptions,
  ) {
    this.folder = join(directory, '.sluice');
    this.digest = createHash('sha256')
      .update(JSON.stringify([list, options]))
      .digest('hex')
      .slice(0, 16);
    this.#attempt(() => mkdirSync(this.folder, { recursive: true }));
    const before = this.#read();
    if (before !== undefined) refuseDifferences(directory, before, list, options);
    this.#lock();
    this.#before = before ?? { list, options };
    this.#state = { version: 1, list, options, result: before?.result ?? null };
    this.#write();
  }

  /** What came of the run, where it is finished. */
  get result(): RunResult | null {
    return this.#state.result;
  }

  /** The run is finished, or, with null, is so no longer. */
  set result(result: RunResult | null) {
    this.#state = { ...this.#state, result };
    this.#write();
  }

  /** Whether the list is known without being read: standard input is not. */
  get isListKnown(): boolean {
    return this.#state.list.files.every(({ size }) => size !== null);
  }

  /** The list was read to its end: it is `list`. Throws `option-invalid` where the one that was read before is another. */
  confirm(list: ListIdentity): void {
    refuseDifferences(this.directory, this.#before, list, this.#state.options);
    this.#state = { ...this.#state, list };
  }

  /** The run is over, finished or not: another may begin. */
  release(): void {
    rmSync(this.#lockPath, { force: true });
    HELD.delete(resolve(this.#lockPath));
  }

  get #path(): string {
    return join(this.folder, 'run.json');
  }

  get #lockPath(): string {
    return join(this.folder, 'lock');
  }

  #read(): State | undefined {
    if (!existsSync(this.#path)) return undefined;
    try {
      const state = JSON.parse(readFileSync(this.#path, 'utf8')) as State;
      if (state.version === 1) return state;
    } catch {
      // Said below: whatever it is, it is not ours.
    }
    throw new SluiceError(
      'option-invalid',
      `${JSON.stringify(this.#path)} is no record of a run of this version.`,
    );
  }

  #write(): void {
    this.#attempt(() => {
      writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#state, null, 2)}\n`);
      renameSync(`${this.#path}.new`, this.#path);
    });
  }

  /** A lock of a process that is gone is taken over. */
  #lock(): void {
    const ours = JSON.stringify({ pid: process.pid, boot: bootId() });
    for (;;) {
      try {
        writeFileSync(this.#lockPath, ours, { flag: 'wx' });
        HELD.add(resolve(this.#lockPath));
        return;
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw writeFailed(this.#lockPath, error);
      }
      const holder = holderOf(this.#lockPath);
      if (holder !== undefined) {
        throw new SluiceError(
          'option-invalid',
          `${JSON.stringify(this.directory)} is being written by process ${holder}: wait for it, or end it.`,
        );
      }
      rmSync(this.#lockPath, { force: true });
    }
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw writeFailed(this.directory, error);
    }
  }
}

/** The process that holds a lock, if it lives. */
function holderOf(path: string): number | undefined {
  if (HELD.has(resolve(path))) return process.pid;
  const { pid, boot } = lockAt(path);
  // In a container the process before us may have had our number.
  if (pid === undefined || boot !== bootId() || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // A process of somebody else's lives.
    return systemCode(error) === 'EPERM' ? pid : undefined;
  }
}

/** What a lock says; nothing where its process was killed before it could say it. */
function lockAt(path: string): { pid?: number; boot?: string | null } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid: number; boot: string | null };
  } catch {
    return {};
  }
}

function refuseDifferences(
  directory: string,
  before: Pick<State, 'list' | 'options'>,
  list: ListIdentity,
  options: DatasetOptions,
): void {
  const differences = differencesOf(before.list, list);
  for (const name of new Set([...Object.keys(before.options), ...Object.keys(options)])) {
    const [was, is] = [before.options[name] ?? null, options[name] ?? null];
    if (was !== is) differences.push(`${name} is ${JSON.stringify(is)}, was ${JSON.stringify(was)}`);
  }
  if (differences.length === 0) return;
  throw new SluiceError(
    'option-invalid',
    `${JSON.stringify(directory)} holds another run: ${differences.join('; ')}. Use another directory, or the same list and options.`,
  );
}
