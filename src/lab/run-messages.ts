import type { RunBatch } from '../flow/run.js';
import type { RunSettings } from './run-settings.js';

/** What the threads of a run say to each other. */

/** Given to either thread at its start. */
export interface RunWork {
  readonly settings: RunSettings;
}

/** To the thread of the retrieval: begin. */
export interface Begin {
  readonly type: 'begin';
  readonly url: string;
  /** Zero of the run's clock, as `performance.timeOrigin + performance.now()`. */
  readonly start: number;
}

/** To the thread of the origin: the run's clock; and: it is over, tell what is left and end. */
export type ToOrigin = { readonly type: 'begin'; readonly start: number } | { readonly type: 'finish' };

/** From either thread. */
export type FromThread =
  /** The origin listens, or the retrieval may begin. */
  | { readonly type: 'ready'; readonly url?: string }
  | { readonly type: 'batch'; readonly batch: RunBatch; readonly clientPort?: number | undefined }
  /** Bytes of the body, in order. */
  | { readonly type: 'body'; readonly bytes: Uint8Array }
  /** What the body is, once it is known. */
  | { readonly type: 'media-type'; readonly mediaType: string }
  /** The thread has nothing more to say. */
  | { readonly type: 'over' };

/** Between two batches of a thread, in milliseconds. */
export const BATCH_MS = 33;
