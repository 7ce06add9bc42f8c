/**
 * How far a worker may run ahead of its slowest rows. Shards are opened in the order of the list; one that waits for a slow host stays open, and
 * the next is opened beside it.
 */
export interface Window {
  /** Shards that are open at once: files, and a spool for each. */
  readonly mostShards: number;
  /** Rows in memory that are not done with. */
  readonly mostRows: number;
}

/** What a schedule says of the rows at hand. */
export interface AtHand {
  /** How many rows more could be used now. */
  wants(): number;
  /** Whether at least so many will be done with in the next seconds, and more than there are places. */
  hasEnough(rows: number): boolean;
}

/**
 * What holds a crew up is not how many shards are open but how many rows are left in them. A bound on shards alone comes to be one on the
 * slowest host: four shards of 10,000 rows with ten rows each of a host that takes 20 s an answer are done no sooner than 40 rows of it, in 140 s, while all the
 * rest took 15 s. So shards may be many, and the rows left in all of them are bounded.
 */
export const DEFAULT_WINDOW: Window = { mostShards: 64, mostRows: 40_000 };

/**
 * Whether the next shard is to be opened beside `openShards` others in which `left` rows are not done with. `enough`: where shards are scarce, and others may have nothing to
 * do, this many rows that will be done with in the next seconds; the next shard is then left to others, and what waits for slow hosts still holds up nothing.
 */
export function opensShard(
  window: Window,
  atHand: AtHand,
  left: number,
  openShards: number,
  enough?: number,
): boolean {
  if (openShards === 0) return true;
  if (left >= window.mostRows || openShards >= window.mostShards || atHand.wants() === 0) return false;
  return enough === undefined || !atHand.hasEnough(enough);
}
