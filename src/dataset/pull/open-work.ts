import { existsSync } from 'node:fs';
import type { Layout } from '../shard/layout.js';
import { openShard, reopenShard } from '../shard/open-shard.js';
import type { ShardWriter } from '../shard/shard-writer.js';
import type { ShardSummary } from '../shard/stats.js';
import { type FailureSelector, WantedFailures } from '../shard/wanted-failures.js';
import { Copies } from './copies.js';
import type { ShardWork } from './shard-work.js';

/** What opening a shard takes beside the shard. */
export interface Opening {
  readonly directory: string;
  readonly layout: Layout;
  /** As `MemberSettings` has it. */
  readonly retryFailed: readonly FailureSelector[] | undefined;
}

/** A shard that is open: its files, and what is left of it. Where it is made in a directory of its own, whoever takes that away takes the shard away. */
export class OpenWork {
  /** Rows that are not stored yet. */
  left: number;
  #isTaken = false;
  #finishing: Promise<ShardSummary> | undefined;

  constructor(
    readonly writer: ShardWriter,
    readonly copies: Copies,
    /** Where it is made, if not in the data set's own directory. */
    private readonly own: string | undefined,
  ) {
    this.left = writer.left;
  }

  /** It is another's now: nothing more is done for it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Does `act`, unless the shard was taken away: what fails because of that is no failure. */
  async unlessTaken(act: () => Promise<void>): Promise<void> {
    if (this.#isTaken) return;
    try {
      await act();
    } catch (error) {
      if (!this.#isTaken && !isGone(this.own)) throw error;
      await this.take();
    }
  }

  /** Takes it away. Resolves when its files are closed. */
  async take(): Promise<void> {
    this.#isTaken = true;
    // They may be gone already.
    await this.close().catch(() => undefined);
  }

  /** Finishes it: all rows are stored. */
  async finish(): Promise<ShardSummary> {
    this.#finishing = this.writer.finish();
    const summary = await this.#finishing;
    await this.#closeCopies();
    return summary;
  }

  /** Closes its files: what is being finished is finished first, and what is not can be gone on with. */
  async close(): Promise<void> {
    // What that fails with is told to who finishes it.
    await this.#finishing?.catch(() => undefined);
    await this.writer.abandon();
    await this.#closeCopies();
  }

  /** Those in the data set's own directory are for all shards. */
  async #closeCopies(): Promise<void> {
    if (this.own !== undefined) await this.copies.close();
  }
}

/**
 * Opens a shard, with `shared` for the copies of those in the data set's own directory. Gives what came of it where it is finished and there is nothing to be tried again; undefined
 * where it was taken away.
 */
export async function openWork(
  { shard, rows, directory: own }: ShardWork,
  { directory, layout, retryFailed }: Opening,
  shared: Copies,
): Promise<OpenWork | ShardSummary | undefined> {
  const at = own ?? directory;
  try {
    if (retryFailed !== undefined) {
      const again = await reopenShard(at, shard, rows.length, layout, new WantedFailures(retryFailed));
      if (again !== undefined) return new OpenWork(again, shared, own);
    }
    const { writer, finished } = await openShard(at, shard, rows.length, layout);
    if (finished !== undefined) return finished;
    return new OpenWork(writer, own === undefined ? shared : new Copies(own, layout), own);
  } catch (error) {
    if (isGone(own)) return undefined;
    throw error;
  }
}

function isGone(own: string | undefined): boolean {
  return own !== undefined && !existsSync(own);
}
