import type { Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { PREFIX } from './run-record.js';
import type { ShardProgress, ShardResult } from './shard-report.js';

/** A shard that so many leases have not finished is given up: it may be what ends its workers. */
const MOST_STALLS = 10;
const JOB_NAME = 'shard';

type ShardJob = Job<Record<string, never>, ShardResult, typeof JOB_NAME>;

/** What goes into the queue for a shard; adding it again does nothing. What it holds lies in the run's folder: Redis keeps nothing that can't be made anew. */
export function jobOf(shard: number) {
  return {
    name: JOB_NAME,
    data: {},
    opts: { jobId: jobIdOf(shard), removeOnComplete: true, removeOnFail: true },
  } as const;
}

function jobIdOf(shard: number): string {
  return `${JOB_NAME}-${shard}`;
}

export function shardOf(jobId: string): number {
  return Number(jobId.slice(JOB_NAME.length + 1));
}

/**
 * Only while the lock is ours: notes that this lease has begun the shard, and gives those that did before it. One step, so that a lease which is over, but does not know, never
 * stands behind the one that came after it.
 */
const BEGIN = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
local before = redis.call('SMEMBERS', KEYS[2])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], 86400)
return before
`;

/** The shards of a run as a worker takes them: each by a lease, a lock of BullMQ's, which is renewed while it is worked on. */
export class ShardQueue {
  private constructor(
    private readonly redis: Redis,
    private readonly worker: Worker<Record<string, never>, ShardResult, typeof JOB_NAME>,
    private readonly keyOf: (name: string) => string,
    readonly leaseMs: number,
  ) {}

  static async join(redis: Redis, run: string, leaseMs: number): Promise<ShardQueue> {
    const { Worker } = await import('bullmq');
    redis.defineCommand('beginShard', { numberOfKeys: 2, lua: BEGIN });
    const worker = new Worker<Record<string, never>, ShardResult, typeof JOB_NAME>(run, null, {
      ...connectionOf(redis),
      autorun: false,
      lockDuration: leaseMs,
      stalledInterval: leaseMs / 2,
      maxStalledCount: MOST_STALLS,
    });
    // The connection tells of itself.
    worker.on('error', () => undefined);
    await worker.startStalledCheckTimer();
    return new ShardQueue(redis, worker, (name) => worker.toKey(name), leaseMs);
  }

  /** A lease on the next shard; undefined where none waits. */
  async take(token: string): Promise<Lease | undefined> {
    const job = await this.worker.getNextJob(token, { block: false });
    if (job === undefined) return undefined;
    const lock = this.keyOf(`${job.id}:lock`);
    return new Lease(job, token, this.redis, lock, this.keyOf(`${job.id}:begun`), this.leaseMs);
  }

  /** Shards that wait for somebody to take them. */
  async waiting(): Promise<number> {
    return await this.redis.llen(this.keyOf('wait'));
  }

  async leave(): Promise<void> {
    await this.worker.close(true);
  }
}

/** The right to work on a shard, for as long as it is renewed. */
export class Lease {
  readonly shard: number;

  constructor(
    private readonly job: ShardJob,
    readonly token: string,
    private readonly redis: Redis,
    private readonly lock: string,
    private readonly begun: string,
    private readonly leaseMs: number,
  ) {
    this.shard = shardOf(job.id!);
  }

  /** Begins the work: the tokens of the leases before this one; undefined where it is over already. */
  async begin(): Promise<string[] | undefined> {
    const before = await (this.redis as unknown as WithBegin).beginShard(this.lock, this.begun, this.token);
    return before ?? undefined;
  }

  /** False where it is over: the shard is another's, or will be. */
  async renew(): Promise<boolean> {
    return (await this.job.extendLock(this.token, this.leaseMs)) === 1;
  }

  /** What was told last, under this lease or one before. */
  get progress(): ShardProgress | undefined {
    const { progress } = this.job;
    return typeof progress === 'object' ? (progress as unknown as ShardProgress) : undefined;
  }

  async tell(progress: ShardProgress): Promise<void> {
    await this.job.updateProgress(progress);
  }

  /** The shard is in the data set. */
  async complete(result: ShardResult): Promise<void> {
    await this.job.moveToCompleted(result, this.token, false);
    await this.redis.del(this.begun);
  }

  /** Gives the shard back, for another to begin again. */
  async giveBack(): Promise<void> {
    await this.job.moveToWait(this.token);
  }
}

interface WithBegin {
  beginShard(lock: string, begun: string, token: string): Promise<string[] | null>;
}

/** Without the version check, which writes to the console what it thinks of the server's settings. */
function connectionOf(redis: Redis) {
  return { connection: redis, prefix: PREFIX, skipVersionCheck: true } as const;
}

/** The run's queue as the planner sees it. */
export async function plannersQueue(redis: Redis, run: string) {
  const { Queue, QueueEvents } = await import('bullmq');
  const options = connectionOf(redis);
  const queue: Queue = new Queue(run, options);
  const events = new QueueEvents(run, options);
  queue.on('error', () => undefined);
  events.on('error', () => undefined);
  await events.waitUntilReady();
  return { queue, events };
}
