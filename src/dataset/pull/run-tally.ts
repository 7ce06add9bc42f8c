import type { Outcome } from '../outcome.js';
import type { ShardSummary } from '../shard/stats.js';
import { hostOf } from './host-of.js';
import { SameBytesCounter } from './same-bytes.js';

/** Hosts that are told apart by their failures; beyond, the rest is one. */
const MOST_HOSTS = 10_000;

/** What became of the rows of a run so far: a fold over outcomes and finished shards. */
export class RunTally {
  /** Rows done in this call. */
  done = 0;
  successes = 0;
  /** Where the work is left to workers: those of whom is heard. */
  workers: number | undefined;
  /** Bytes of bodies received in this call. */
  bytes = 0;
  /** Failures of this call, by code. */
  readonly codes = new Map<string, number>();
  /** Failures of this call, by host and code. */
  readonly hosts = new Map<string, Map<string, number>>();
  /** Pictures of this call by their bytes. */
  readonly sameBytes = new SameBytesCounter();
  /** Rows of shards that are finished, in this call or before. */
  #finished: ShardSummary = {
    count: 0,
    successes: 0,
    failedToDownload: 0,
    failedToResize: 0,
    codes: {},
    began: 0,
    ended: 0,
  };

  outcomes(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.#add(outcome);
  }

  shardFinished(
    _shard: number,
    { count, successes, failedToDownload, failedToResize, codes, began, ended }: ShardSummary,
  ): void {
    const before = this.#finished;
    const sums: Record<string, number> = { ...before.codes };
    for (const [code, times] of Object.entries(codes)) sums[code] = (sums[code] ?? 0) + times;
    this.#finished = {
      count: before.count + count,
      successes: before.successes + successes,
      failedToDownload: before.failedToDownload + failedToDownload,
      failedToResize: before.failedToResize + failedToResize,
      codes: sums,
      began: before.began === 0 ? began : Math.min(before.began, began),
      ended: Math.max(before.ended, ended),
    };
  }

  /** Of all finished shards together. */
  summary(): ShardSummary {
    return this.#finished;
  }

  #add({ row, code, bytes, status, sha256, attempts }: Outcome): void {
    this.done++;
    this.bytes += bytes;
    if (status === 'success') this.successes++;
    // A repeated URL was asked for once: its further rows are no further URLs.
    if (status === 'success' && sha256 !== null && attempts > 0) this.sameBytes.add(sha256, row.url);
    if (code === null) return;
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    this.failed(hostOf(row.url), code, 1);
  }

  /** So many rows of `host` failed with `code`. */
  failed(host: string, code: string, times: number): void {
    const name = this.hosts.size < MOST_HOSTS || this.hosts.has(host) ? host : 'other hosts';
    let codes = this.hosts.get(name);
    if (codes === undefined) {
      codes = new Map();
      this.hosts.set(name, codes);
    }
    codes.set(code, (codes.get(code) ?? 0) + times);
  }
}
