import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { SluiceError, systemCode } from '../../errors.js';
import { writeFailed } from '../../save/write-failed.js';
import { differencesOf, type ListIdentity } from '../list/identity.js';
import type { ShardSummary } from '../shard/stats.js';
import { DirectoryLock, type LockHolder } from './directory-lock.js';

/** What decides what the data set is: a run with another of these is another run. Plain JSON. */
export type DatasetOptions = Readonly<Record<string, string | number | boolean | null>>;

/** What is known of a run when its last shard was finished. */
export interface RunResult {
  readonly shards: number;
  readonly summary: ShardSummary;
}

/** What a run keeps of itself in `DIR/.sluice/run.json`. */
export interface RunRecord {
  readonly version: 1;
  readonly list: ListIdentity;
  readonly options: DatasetOptions;
  readonly result: RunResult | null;
}

/** What a run keeps of itself in `DIR/.sluice/`: which list and options it is of, and whether it is finished. One run at a time. */
export class RunState {
  readonly folder: string;
  /** Tells this list with these options from others. */
  readonly digest: string;
  #state: RunRecord;
  readonly #isNew: boolean;
  /** As it was found. */
  readonly #before: Pick<RunRecord, 'list' | 'options'>;

  private constructor(
    private readonly directory: string,
    private readonly list: ListIdentity,
    options: DatasetOptions,
    private readonly lock: DirectoryLock,
  ) {
    this.folder = folderOf(directory);
    this.digest = createHash('sha256')
      .update(JSON.stringify([list, options]))
      .digest('hex')
      .slice(0, 16);
    const before = runRecordIn(directory);
    if (before !== undefined) refuseDifferences(directory, before, list, options);
    this.#isNew = before === undefined;
    this.#before = before ?? { list, options };
    this.#state = { version: 1, list: before?.list ?? list, options, result: before?.result ?? null };
    this.#write();
  }

  /**
   * Begins the run in `directory`, or takes it up. Rejects with `option-invalid` where another list or other options made what lies there, with the difference, or another run
   * is at work; with `write-failed` where nothing can be written.
   */
  static async begin(directory: string, list: ListIdentity, options: DatasetOptions): Promise<RunState> {
    const lock = await locked(directory);
    try {
      return new RunState(directory, list, options, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
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
    return this.list.files.every(({ size }) => size !== null);
  }

  /** The list was read to its end: it is `list`. Throws `option-invalid` where the one that was read before is another. */
  confirm(list: ListIdentity): void {
    refuseDifferences(this.directory, this.#before, list, this.#state.options);
    this.#state = { ...this.#state, list };
  }

  /** Nothing was begun: what the directory is for is open again, where it was before. */
  forget(): void {
    if (this.#isNew) rmSync(this.#path, { force: true });
  }

  /** Another run has the directory: this one was taken for dead. */
  get lost(): AbortSignal {
    return this.lock.lost;
  }

  /** The run is over, finished or not: another may begin. */
  async release(): Promise<void> {
    await this.lock.release();
  }

  get #path(): string {
    return recordPath(this.directory);
  }

  #write(): void {
    try {
      writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#state, null, 2)}\n`);
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      throw writeFailed(this.directory, error);
    }
  }
}

async function locked(directory: string): Promise<DirectoryLock> {
  const folder = folderOf(directory);
  let lock: DirectoryLock | LockHolder;
  try {
    makeDirectory(folder);
    lock = await DirectoryLock.take(join(folder, 'lock'));
  } catch (error) {
    throw writeFailed(directory, error);
  }
  if (lock instanceof DirectoryLock) return lock;
  const where = lock.host === hostname() ? '' : ` of ${lock.host}`;
  throw new SluiceError(
    'option-invalid',
    `${JSON.stringify(directory)} is being written by process ${lock.pid}${where}: wait for it, or end it.`,
  );
}

/** Not by Node's own `recursive`: on a read-only file system that says that there is no such directory. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    if (systemCode(error) !== 'ENOENT') throw error;
    makeDirectory(dirname(path));
    mkdirSync(path);
  }
}

/** What the run in `directory` keeps of itself; undefined where there is none. Throws `option-invalid` where it is something else. */
export function runRecordIn(directory: string): RunRecord | undefined {
  const path = recordPath(directory);
  if (!existsSync(path)) return undefined;
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
    if (record.version === 1) return record;
  } catch {
    // Said below: whatever it is, it is not ours.
  }
  throw new SluiceError('option-invalid', `${JSON.stringify(path)} is no record of a run of this version.`);
}

function recordPath(directory: string): string {
  return join(folderOf(directory), 'run.json');
}

function folderOf(directory: string): string {
  return join(directory, '.sluice');
}

function refuseDifferences(
  directory: string,
  before: Pick<RunRecord, 'list' | 'options'>,
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
