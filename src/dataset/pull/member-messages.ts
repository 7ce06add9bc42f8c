import type { Outcome } from '../outcome.js';
import type { QueueHosts } from '../queue/lent-hosts.js';
import type { ShardSummary } from '../shard/stats.js';
import type { MemberSettings } from './member-settings.js';
import type { ShardWork } from './shard-work.js';

/** What a thread is started with. */
export interface MemberData {
  readonly settings: MemberSettings;
  /** The table of hosts that all threads share, or where to find that which many machines share. */
  readonly hosts: SharedArrayBuffer | QueueHosts;
}

/** What a thread tells the main one. */
export type FromMember =
  | { readonly type: 'next-shard' }
  /** Wants to know when that shard is finished. */
  | { readonly type: 'await-shard'; readonly shard: number }
  | { readonly type: 'outcomes'; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'finished'; readonly shard: number; readonly summary: ShardSummary }
  /** A shard was taken away. */
  | { readonly type: 'lost'; readonly shard: number }
  /** The files of a shard that was to be dropped are closed, if they were open. */
  | { readonly type: 'dropped'; readonly shard: number }
  /** The member is done; with what it failed with, if it did. */
  | { readonly type: 'over'; readonly failure: MemberFailure | undefined };

/** An error by its parts: of a class of ours, only these survive the way between threads. */
export interface MemberFailure {
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

/** What the main thread tells a member. */
export type ToMember =
  | { readonly type: 'shard'; readonly work: ShardWork | undefined }
  | { readonly type: 'shard-finished'; readonly shard: number }
  /** Nothing more is to be done for a shard. */
  | { readonly type: 'drop-shard'; readonly shard: number }
  | { readonly type: 'stop' }
  | { readonly type: 'abort' };
