import type { RunTally } from '../pull/run-tally.js';
import type { ShardSummary } from '../shard/stats.js';

/** What a worker tells of a shard that it has in hand. Plain JSON. */
export interface ShardProgress {
  /** The lease: what an earlier one told is void. */
  readonly token: string;
  readonly done: number;
  readonly successes: number;
  readonly bytes: number;
  readonly codes: Readonly<Record<string, number>>;
}

/** What a worker tells of a shard that it has finished. Plain JSON. */
export interface ShardResult {
  readonly summary: ShardSummary;
  /** Of bodies; undefined where another made it, and this one only found it. */
  readonly bytes: number | undefined;
  /** Failures by code, of the hosts that had most. */
  readonly hosts: readonly (readonly [host: string, codes: Readonly<Record<string, number>>])[];
}

/** Hosts of a shard that are told of. */
const MOST_HOSTS = 100;

/** `before`: what was told of the rows that others had done of it. */
export function progressOf(token: string, tally: RunTally, before: ShardProgress | undefined): ShardProgress {
  const codes = new Map(Object.entries(before?.codes ?? {}));
  for (const [code, times] of tally.codes) codes.set(code, (codes.get(code) ?? 0) + times);
  return {
    token,
    done: tally.done + (before?.done ?? 0),
    successes: tally.successes + (before?.successes ?? 0),
    bytes: tally.bytes + (before?.bytes ?? 0),
    codes: Object.fromEntries(codes),
  };
}

export function resultOf(
  token: string,
  summary: ShardSummary,
  tally: RunTally,
  before: ShardProgress | undefined,
): ShardResult {
  const sum = (codes: Map<string, number>) => [...codes.values()].reduce((all, times) => all + times, 0);
  const hosts = [...tally.hosts].sort(([, a], [, b]) => sum(b) - sum(a)).slice(0, MOST_HOSTS);
  return {
    summary,
    bytes: progressOf(token, tally, before).bytes,
    hosts: hosts.map(([host, codes]) => [host, Object.fromEntries(codes)]),
  };
}

const NOTHING: Omit<ShardProgress, 'token'> = { done: 0, successes: 0, bytes: 0, codes: {} };

/** What workers tell of their shards, folded into one tally of the run. */
export class CrewTally {
  readonly #last = new Map<number, ShardProgress>();

  constructor(private readonly tally: RunTally) {}

  /** What is told in place of what was told before, be it less: another worker may have begun the shard again. */
  progress(shard: number, progress: ShardProgress): void {
    this.#replace(this.#last.get(shard) ?? NOTHING, progress);
    this.#last.set(shard, progress);
  }

  finished(shard: number, { summary, bytes, hosts }: ShardResult): void {
    const last = this.#last.get(shard) ?? NOTHING;
    const { count, successes, codes } = summary;
    this.#replace(last, { done: count, successes, bytes: bytes ?? last.bytes, codes });
    this.#last.delete(shard);
    this.tally.shardFinished(shard, summary);
    for (const [host, failures] of hosts) {
      for (const [code, times] of Object.entries(failures)) this.tally.failed(host, code, times);
    }
  }

  #replace(last: Omit<ShardProgress, 'token'>, is: Omit<ShardProgress, 'token'>): void {
    const { tally } = this;
    tally.done += is.done - last.done;
    tally.successes += is.successes - last.successes;
    tally.bytes += is.bytes - last.bytes;
    for (const code of new Set([...Object.keys(last.codes), ...Object.keys(is.codes)])) {
      const times = (tally.codes.get(code) ?? 0) + (is.codes[code] ?? 0) - (last.codes[code] ?? 0);
      if (times === 0) tally.codes.delete(code);
      else tally.codes.set(code, times);
    }
  }
}
