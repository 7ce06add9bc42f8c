import type { StopReason } from './observer.js';
import type { Limit } from './verdict.js';

/**
 * What was seen of one transfer, from one end or both, on one clock: what is drawn of it, live, replayed, or in a report, is a
 * function of this and of a time. It grows by batches, and at its ends only.
 *
 * Times are milliseconds since the retrieval began; lengths are bytes on the wire, header included.
 */
export interface Run {
  readonly facts: RunFacts;
  readonly columns: RunColumns;
  totals: RunTotals;
}

/** What is no series: it is not known at first and then stays. */
export interface RunFacts {
  url: string;
  /** 'both' where the server is ours, 'receiver' where it is anybody's. */
  ends: 'both' | 'receiver';
  /** At most this many bytes a receive. */
  recvSize: number;
  /** 'record' on https: decrypted TLS records, since no `recv` can be seen there. */
  unit: 'receive' | 'record';
  /** Bytes that the server hands to its kernel at once: what it can have in hand beyond what was sent. */
  sendSize?: number;
  /** The whole response, once its head says so. */
  expectedBytes?: number;
  /** The `sluice get` that does the same. */
  command?: string;
  /** The name of the lab's experiment, where it is one. */
  experiment?: string;
  head?: { readonly status: number; readonly headerBytes: number; readonly lines: readonly string[] };
  /** The first bytes of the response as they stood on the wire, in base64. */
  wireStart?: string;
  /** When the server's part was over. */
  serverEnd?: { readonly at: number; readonly outcome: 'complete' | 'broken' | 'dropped' };
  dimensions?: { readonly width: number; readonly height: number };
  /** Where the picture is: one that comes with sluice, by its path in the lab, or its bytes. */
  picture?: { readonly path: string } | { readonly mediaType: string; readonly base64: string };
  outcome?: RunOutcome;
}

/** How it ended, and who was the limit. */
export interface RunOutcome {
  /** One sentence where it failed; null where it is whole and right. */
  readonly failure: string | null;
  readonly limit: Limit;
  readonly evidence: string;
  readonly mediaType: string | null;
  readonly bodyBytes: number;
  readonly totalMs: number;
  readonly firstByteMs: number;
  readonly waitingMs: number;
  readonly pausedMs: number;
  readonly receivingMs: number;
}

/** Series, each as columns of one length; `to` may be one shorter than `from`: the last one is still going on. */
export interface RunColumns {
  /** Handed to the server's kernel `from`, taken by it `at`. */
  readonly sends: { readonly from: number[]; readonly at: number[]; readonly bytes: number[] };
  /** The server stood still: its kernel took no more. */
  readonly stalls: { readonly from: number[]; readonly to: number[] };
  readonly receives: { readonly at: number[]; readonly bytes: number[] };
  /** We did not ask. */
  readonly pauses: { readonly from: number[]; readonly to: number[]; readonly reason: StopReason[] };
  /**
   * Looks at the kernel's queues, each between `at` and `until`: sent but not acknowledged in the server's, received but not read in ours.
   * `server` is empty where the server is anybody's.
   */
  readonly queues: {
    readonly at: number[];
    readonly until: number[];
    readonly server: number[];
    readonly client: number[];
  };
}

/** Sums that leave nothing out, however much the columns do. */
export interface RunTotals {
  /** The time of these sums. */
  now: number;
  sent: number;
  sends: number;
  received: number;
  receives: number;
  /** Receives by size: `SIZE_BINS` equal bins up to `recvSize`, and one for those of exactly that. */
  sizes: number[];
}

/** In a histogram of receives, beside the bin of the full ones. */
export const SIZE_BINS = 16;

/** The columns list so many sends, receives and pauses one by one; beyond, one entry is what came between two batches. */
export const MOST_LISTED = 40_000;

/** What has been added since the batch before. */
export interface RunBatch {
  /** The response is another than before (a redirect): its receives are counted anew. */
  readonly restart?: boolean;
  readonly facts?: Partial<RunFacts>;
  readonly columns?: { readonly [Name in keyof RunColumns]?: RunColumns[Name] };
  readonly totals?: Partial<RunTotals>;
}

export function emptyColumns(): RunColumns {
  return {
    sends: { from: [], at: [], bytes: [] },
    stalls: { from: [], to: [] },
    receives: { at: [], bytes: [] },
    pauses: { from: [], to: [], reason: [] },
    queues: { at: [], until: [], server: [], client: [] },
  };
}

export function emptyTotals(): RunTotals {
  return { now: 0, sent: 0, sends: 0, received: 0, receives: 0, sizes: new Array(SIZE_BINS + 1).fill(0) };
}

/** A run of which nothing has been seen yet. */
export function newRun(facts: RunFacts): Run {
  return { facts: { ...facts }, columns: emptyColumns(), totals: emptyTotals() };
}

/** Adds a batch to a run, in place. */
export function addBatch(run: Run, { restart, facts, columns, totals }: RunBatch): void {
  if (restart) {
    Object.assign(run.columns, emptyColumns());
    run.totals = emptyTotals();
  }
  Object.assign(run.facts, facts);
  for (const [name, series] of Object.entries(columns ?? {})) {
    const into = run.columns[name as keyof RunColumns] as Record<string, unknown[]>;
    for (const [column, values] of Object.entries(series)) {
      // Not push(...values): a batch may be longer than a call's arguments.
      for (const value of values as unknown[]) into[column]!.push(value);
    }
  }
  const now = Math.max(run.totals.now, totals?.now ?? 0);
  run.totals = { ...run.totals, ...totals, now };
}

/** The bin of `SIZE_BINS` that a receive belongs to. */
export function sizeBin(bytes: number, recvSize: number): number {
  return bytes >= recvSize ? SIZE_BINS : Math.min(SIZE_BINS - 1, Math.floor((bytes / recvSize) * SIZE_BINS));
}

/** To a hundredth of a millisecond: beyond lies the event loop's own lateness. */
export function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}
