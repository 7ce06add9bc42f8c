import type { Run } from '../src/flow/run.js';
import { lastAtOrBefore } from '../src/flow/run-at.js';

/** A time during which an end stood still; in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The spans of two columns up to `time`; one that is not over lasts until then. */
export function spansUntil(from: readonly number[], to: readonly number[], time: number): Span[] {
  return from
    .slice(0, lastAtOrBefore(from, time) + 1)
    .map((begin, i) => ({ from: begin, to: Math.min(to[i] ?? time, time) }));
}

/** The times that the server stood still. */
export function stallsOf({ columns: { stalls } }: Run, time: number): Span[] {
  return spansUntil(stalls.from, stalls.to, time);
}

/** The times that we did not ask. */
export function pausesOf({ columns: { pauses } }: Run, time: number): Span[] {
  return spansUntil(pauses.from, pauses.to, time);
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** For each of `cells` equal parts of the time from `begin` to `end`, the share of it that the spans cover. */
export function shares(spans: readonly Span[], begin: number, end: number, cells: number): Float64Array {
  const covered = new Float64Array(cells);
  const width = (end - begin) / cells;
  for (const { from, to } of spans) {
    const first = Math.max(0, Math.floor((from - begin) / width));
    const last = Math.min(cells - 1, Math.floor((to - begin) / width));
    for (let i = first; i <= last; i++) {
      const left = begin + i * width;
      covered[i]! += Math.max(0, Math.min(to, left + width) - Math.max(from, left)) / width;
    }
  }
  return covered;
}
