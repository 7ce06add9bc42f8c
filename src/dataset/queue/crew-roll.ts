import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { PREFIX } from './run-record.js';

/** Enters a worker for the length of its lease. KEYS: the roll. ARGV: worker, lease in milliseconds. The clock is that of Redis. */
const ENTER = `
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], 86400)
`;

/** Gives how many are entered, without those of which nothing was heard. */
const COUNT = `
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
return redis.call('ZCARD', KEYS[1])
`;

/** Who works on a run: for those who look at it. Nothing is decided by it. */
export class CrewRoll {
  readonly #worker = randomUUID();
  readonly #key: string;

  constructor(
    private readonly redis: Redis,
    run: string,
  ) {
    this.#key = `${PREFIX}:${run}:workers`;
  }

  /** This worker is there for the next `leaseMs` milliseconds. */
  async enter(leaseMs: number): Promise<void> {
    await this.redis.eval(ENTER, 1, this.#key, this.#worker, leaseMs);
  }

  async leave(): Promise<void> {
    await this.redis.zrem(this.#key, this.#worker);
  }

  async count(): Promise<number> {
    return (await this.redis.eval(COUNT, 1, this.#key)) as number;
  }
}
