import type { Redis } from 'ioredis';
import { SluiceError } from '../../errors.js';
import { VERSION } from '../../version.js';
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
  /** The planner's: workers must have the same. */
  readonly version: string;
  /** Its absolute path where the planner is; on another machine it may be mounted elsewhere. */
  readonly directory: string;
  /** By which it is known wherever it is mounted. */
  readonly directoryId: string;
  /** Tells those who work on it from a crew that did before one machine alone went on. */
  readonly crewId: string;
  readonly layout: Layout;
  readonly policy: RowPolicy;
  readonly hostLimit: number;
  /** There are no more shards, and none is open. */
  readonly finished: boolean;
}

/** A run gives way to another when neither its planner nor a worker was heard for so long. */
const QUIET_MS = 30_000;

/**
 * Keeps a run, unless another is there that is under way, in another directory: gives that one's record instead. One step, on the clock of Redis. KEYS: where. ARGV: the record, the directory's id, seconds to keep it,
 * prefix, milliseconds after which one of whom nothing is heard is gone.
 */
const ANNOUNCE = `
local there = redis.call('GET', KEYS[1])
if there then
  local run = cjson.decode(there)
  if run.directoryId ~= ARGV[2] and not run.finished then
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local silent = ARGV[3] * 1000 - redis.call('PTTL', KEYS[1])
    local workers = redis.call('ZCOUNT', ARGV[4] .. ':' .. run.id .. ':workers', now, '+inf')
    if silent < tonumber(ARGV[5]) or workers > 0 then return there end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
return false
`;

/** The run in this database, if there is one. */
export async function readRun(redis: Redis): Promise<RunRecord | undefined> {
  const text = await redis.get(RECORD);
  return text === null ? undefined : (JSON.parse(text) as RunRecord);
}

/** Makes `run` the one of this database, or keeps it so. Throws `option-invalid` where another is under way. */
export async function announceRun(redis: Redis, address: QueueAddress, run: RunRecord): Promise<void> {
  const other = await redis.eval(
    ANNOUNCE,
    1,
    RECORD,
    JSON.stringify(run),
    run.directoryId,
    ...[KEPT_SECONDS, PREFIX, QUIET_MS],
  );
  if (typeof other !== 'string') return;
  const { directory } = JSON.parse(other) as RunRecord;
  throw new SluiceError(
    'option-invalid',
    `The queue at ${shownAddress(address)} works on another run, of ${JSON.stringify(directory)}: finish that, or use another database of it, such as /1.`,
  );
}

/** Throws `option-invalid` unless the run was planned by this version: what lies in its folder is for the same one. */
export function requireVersion({ version }: RunRecord): void {
  if (version === VERSION) return;
  throw new SluiceError(
    'option-invalid',
    `The run was planned by sluice ${version}, and this is ${VERSION}: use the same version on all machines.`,
  );
}
