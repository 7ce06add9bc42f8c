import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { PREFIX } from './run-record.js';

/**
 * A host's slots for all crews of a run, in Redis: one hash a host, changed by one script, so that each change is one step.
 *
 * 1. A crew says how many slots it would like, and how many it uses; it gets a share for the length of a lease. Slots that are lent but not used count as used.
 * 2. All shares together are never more than the host's limit. A crew that does not renew its lease loses its share: a dead one's slots come back by themselves.
 * 3. Where all want more than there is, each gets its part of the limit; what does not divide goes to those that have had nothing for the longest time. What a crew uses is
 *    never taken from it: it gets less as it gives slots back. Those that hold slots are told when another wants some.
 * 4. A pause and a lowered limit are the host's, and hold for all; a pause is told to all at once. Times are on the clock of Redis: nobody else's clock has to be right.
 *
 * KEYS: the host. ARGV: crew, slots wanted, slots used, lease, host limit, pause, milliseconds since the start of an attempt that was too much (-1: none), good answers,
 * channel, the host's name. Gives: share, fair share, crews without a slot of their own though they want one, milliseconds that are left of the pause, by how much the limit is
 * lowered.
 */
const SCRIPT = `
local key, crew, channel, host = KEYS[1], ARGV[1], ARGV[9], ARGV[10]
local wanted, used, lease, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local pauseMs, startedAgo, answers = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local is = { _lowered = 0, _run = 0, _paused = 0, _called = 0 }
local crews, since = {}, now
local fields = redis.call('HGETALL', key)
for i = 1, #fields, 2 do
  local name, value = fields[i], fields[i + 1]
  if is[name] then is[name] = tonumber(value)
  else
    local share, want, ends, from = value:match('^(%d+) (%d+) (%d+) (%d+)$')
    if name == crew then since = tonumber(from)
    elseif tonumber(ends) <= now then redis.call('HDEL', key, name)
    else crews[name] = { share = tonumber(share), want = tonumber(want), from = tonumber(from) } end
  end
end
local lowered, run, paused = is._lowered, is._run, is._paused
if startedAgo >= 0 and now - startedAgo >= paused then
  lowered, run, paused = most - math.max(1, math.floor((most - lowered) / 2)), 0, math.max(paused, now)
end
if pauseMs > 0 and now + pauseMs > paused then
  paused = now + pauseMs
  redis.call('PUBLISH', channel, pauseMs .. ' ' .. host)
end
if lowered > 0 and answers > 0 then
  run = run + answers
  lowered, run = math.max(0, lowered - math.floor(run / 10)), run % 10
end
local limit = most - lowered
local othersHold, othersWant, others, before = 0, 0, 0, 0
for name, other in pairs(crews) do
  othersHold, othersWant = othersHold + other.share, othersWant + other.want
  if other.want > 0 then
    others = others + 1
    if other.from < since or (other.from == since and name < crew) then before = before + 1 end
  end
end
local fair, waiting = limit, 0
if others > 0 and wanted + othersWant > limit then
  local part = math.floor(limit / (others + 1))
  if before < limit % (others + 1) then part = part + 1 end
  fair = math.max(part, limit - othersWant)
  waiting = math.max(0, others + 1 - limit)
end
local share = math.max(used, math.min(wanted, fair, limit - othersHold))
if share < wanted and othersHold > 0 and now - is._called >= 100 then
  is._called = now
  redis.call('PUBLISH', channel, '0 ' .. host)
end
if share > 0 then since = now end
if share == 0 and wanted == 0 then redis.call('HDEL', key, crew)
else redis.call('HSET', key, crew, share .. ' ' .. wanted .. ' ' .. (now + lease) .. ' ' .. since) end
redis.call('HSET', key, '_lowered', lowered, '_run', run, '_paused', paused, '_called', is._called)
local keep = math.max(lease, paused - now)
if lowered > 0 then keep = math.max(keep, 600000) end
redis.call('PEXPIRE', key, keep)
return { share, fair, waiting, math.max(0, paused - now), lowered }
`;

/** What a crew says of a host. Times in milliseconds. */
export interface HostWish {
  readonly host: string;
  readonly wanted: number;
  readonly used: number;
  readonly pauseMs: number;
  /** How long ago the last attempt began that was too much for the host; undefined where none was. */
  readonly overloadedAgoMs: number | undefined;
  readonly answers: number;
}

/** What a crew gets of a host. */
export interface HostShare {
  readonly slots: number;
  /** More than these only until they are given back: others want them. */
  readonly fair: number;
  /** There are more crews than slots: whoever gives one back leaves it to another. */
  readonly crowded: boolean;
  readonly pauseMs: number;
  readonly lowered: number;
}

export class HostBudget {
  readonly #crew = randomUUID();

  constructor(
    private readonly redis: Redis,
    private readonly run: string,
    private readonly hostLimit: number,
    private readonly leaseMs: number,
  ) {
    redis.defineCommand('shareOfHost', { numberOfKeys: 1, lua: SCRIPT });
  }

  /** All wishes in one go. */
  async shares(wishes: readonly HostWish[]): Promise<HostShare[]> {
    const pipeline = this.redis.pipeline();
    for (const { host, wanted, used, pauseMs, overloadedAgoMs, answers } of wishes) {
      const key = `${PREFIX}:${this.run}:host:${host}`;
      const numbers = [wanted, used, this.leaseMs, this.hostLimit, pauseMs, overloadedAgoMs ?? -1, answers];
      const [channel, rounded] = [channelOf(this.run), numbers.map(Math.ceil)];
      (pipeline as unknown as WithShares).shareOfHost(key, this.#crew, ...rounded, channel, host);
    }
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, reply]) => {
      if (error !== null) throw error;
      const [slots, fair, waiting, pauseMs, lowered] = reply as [number, number, number, number, number];
      return { slots, fair, crowded: waiting > 0, pauseMs, lowered };
    });
  }
}

/** Where crews are told of a host: milliseconds of a new pause, or 0 where another wants slots; and its name. */
export function channelOf(run: string): string {
  return `${PREFIX}:${run}:hosts`;
}

interface WithShares {
  shareOfHost(key: string, ...args: (string | number)[]): unknown;
}
