import type { Redis } from 'ioredis';
import { SluiceError } from '../../errors.js';
import type { RowPolicy } from '../pull/policy.js';
import type { Layout } from '../shard/layout.js';
import { type QueueAddress, shownAddress } from './connection.js';

/** Before all of our keys. */
export const PREFIX = 'sluice';
const RECORD = `${PREFIX}:run`;
/** A run of which no planner was heard for so long is forgotten. */
const KEPT_SECONDS = 24 * 60 * 60;

/** What workers must know of the run. One run at a time in one database of Redis. */
export interface RunRecord {
  /** Tells this list with these options in this directory from other runs. */
  readonly id: string;
  /** As the planner names it; on another machine it may be mounted elsewhere. */
  readonly directory: string;
  /** By which it is known wherever it is mounted. */
  readonly directoryId: string;
  readonly layout: Layout;
  readonly policy: RowPolicy;
  readonly hostLimit: number;
  /** There are no more shards, and none is open. */
  readonly finished: boolean;
}

/** The run in this database, if there is one. */
export async function readRun(redis: Redis): Promise<RunRecord | undefined> {
  const text = await redis.get(RECORD);
  return text === null ? undefined : (JSON.parse(text) as RunRecord);
}

/** Makes `run` the one of this database, or keeps it so. Throws `option-invalid` where another is under way. */
export async function announceRun(redis: Redis, address: QueueAddress, run: RunRecord): Promise<void> {
  const text = JSON.stringify(run);
  if ((await redis.set(RECORD, text, 'EX', KEPT_SECONDS, 'NX')) === 'OK') return;
  const there = await readRun(redis);
  if (there !== undefined && there.id !== run.id && !there.finished) {
    throw new SluiceError(
      'option-invalid',
      `The queue at ${shownAddress(address)} works on another run, of ${JSON.stringify(there.directory)}: finish that, or use another database of it, such as /1.`,
    );
  }
  await redis.set(RECORD, text, 'EX', KEPT_SECONDS);
}
