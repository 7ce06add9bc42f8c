import type { ListRow } from '../row.js';

/** A shard to be worked on: what is sent to the thread that does it. */
export interface ShardWork {
  readonly shard: number;
  readonly rows: readonly ListRow[];
  /** Rows whose URL stands in the list before: the row's place in this shard, and the list's index of the first row with that URL. */
  readonly copies: readonly (readonly [place: number, firstIndex: number])[];
  /** Where it is made, if not in the data set's own directory. Who takes it away takes the shard away. */
  readonly directory?: string;
  /** Few more wait: others may be without one, and a further one beside this is only for those whose rows all wait for hosts. */
  readonly isScarce?: boolean;
}
