import type { LimitBounds } from '../schedule/adaptive-limit.js';
import type { Window } from '../schedule/window.js';
import type { Layout } from '../shard/layout.js';
import type { FailureSelector } from '../shard/wanted-failures.js';
import type { RowPolicy } from './policy.js';

/** What a member of the crew is told once. */
export interface MemberSettings {
  readonly directory: string;
  readonly layout: Layout;
  readonly policy: RowPolicy;
  readonly limit: LimitBounds;
  readonly window: Window;
  /** Bytes of all bodies in flight. */
  readonly memoryBytes: number;
  /** Finished shards are opened again for these failures; all with an empty list; undefined: they stay as they are. */
  readonly retryFailed: readonly FailureSelector[] | undefined;
}
