import { dominantCause } from '../dataset/dominant-cause.js';
import type { PullResult } from '../dataset/pull/run.js';
import type { RunTally } from '../dataset/pull/run-tally.js';
import type { SameBytes } from '../dataset/pull/same-bytes.js';
import type { ShardSummary } from '../dataset/shard/stats.js';

const MOST_CODES = 20;
const MOST_HOSTS = 10;
/** Bytes that came for more URLs than this are told of. */
const MANY_URLS = 10;
const MOST_PLACEHOLDERS = 5;

/** How it ended, in a line or two. */
export function verdict({ summary, shards }: PullResult, tally: RunTally): string[] {
  const { count, successes } = summary;
  const share = count === 0 ? 0 : (successes / count) * 100;
  const now = tally.done === count ? '' : `, ${tally.done} rows of them now`;
  return [
    `${successes} of ${count} pictures (${share.toFixed(1)} %) in ${shards} ${shards === 1 ? 'shard' : 'shards'}${now}`,
  ];
}

/** The causes of failures, by how often they came; the hosts where most failed; and a sentence where one cause dominates. */
export function causes({ codes }: ShardSummary, tally: RunTally): string[] {
  const sorted = Object.entries(codes).sort(([, a], [, b]) => b - a);
  const failures = sorted.reduce((sum, [, times]) => sum + times, 0);
  if (failures === 0) return [];
  const width = Math.max(...sorted.map(([code]) => code.length));
  const lines = sorted
    .slice(0, MOST_CODES)
    .map(
      ([code, times]) =>
        `  ${code.padEnd(width)}  ${String(times).padStart(8)}  ${((times / failures) * 100).toFixed(1).padStart(5)} %`,
    );
  const sentence = dominantCause(Object.entries(codes));
  return ['Failures by cause:', ...lines, ...hosts(tally), ...(sentence === undefined ? [] : [sentence])];
}

/** Bytes that came for many URLs of this call, the most frequent first. */
export function placeholders({ sameBytes }: RunTally): readonly SameBytes[] {
  return sameBytes.above(MANY_URLS).slice(0, MOST_PLACEHOLDERS);
}

/** The same in lines. */
export function placeholderLines(tally: RunTally): string[] {
  const most = placeholders(tally);
  if (most.length === 0) return [];
  return [
    `The same picture for more than ${MANY_URLS} URLs, perhaps in the place of another (--drop-placeholders leaves out what has these digests):`,
    ...most.map(({ sha256, urls, url }) => `  ${sha256}  ${String(urls).padStart(8)}  ${url}`),
  ];
}

function hosts(tally: RunTally): string[] {
  const sums = [...tally.hosts].map(([host, codes]) => ({
    host: host === '' ? '(no host)' : host,
    codes: [...codes].sort(([, a], [, b]) => b - a),
    sum: [...codes.values()].reduce((sum, times) => sum + times, 0),
  }));
  if (sums.length < 2) return [];
  const most = sums.sort((a, b) => b.sum - a.sum).slice(0, MOST_HOSTS);
  const width = Math.max(...most.map(({ host }) => host.length));
  return [
    'Hosts where most failed:',
    ...most.map(({ host, codes, sum }) => {
      const shown = codes
        .slice(0, 3)
        .map(([code, times]) => `${code} ${times}`)
        .join(', ');
      return `  ${host.padEnd(width)}  ${String(sum).padStart(8)}  ${shown}`;
    }),
  ];
}
