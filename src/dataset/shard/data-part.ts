import type { Picture } from '../outcome.js';
import type { StoredPicture } from './journal-line.js';
import type { Layout, ShardPaths } from './layout.js';

/** A picture with what lies beside it. */
export interface Entry {
  readonly key: string;
  readonly picture: Picture;
  /** Null where the list has no captions. */
  readonly caption: string | null;
  /** The row's metadata. */
  readonly json: string;
}

/** Where the pictures of an open shard lie until it is whole. All of its methods throw `write-failed`. */
export interface DataPart {
  /** Stores one; when it has returned, a kill can't undo it. */
  put(entry: Entry): StoredPicture;
  /** Whether a picture that the journal tells of can still be there. */
  holds(key: string, stored: StoredPicture): boolean;
  /** Takes away what the journal does not tell of: what lies behind `end`, or the files of other keys than these. */
  cut(end: number, isDone: (key: string) => boolean): void;
  /** Resolves when all that was put is on the disk. */
  sync(): Promise<void>;
  /** Makes it whole; resolves when that is on the disk. */
  complete(): Promise<void>;
  /** A picture's bytes, where they go into the table. */
  readonly read?: (stored: StoredPicture) => Uint8Array;
  close(): void;
}

/** One way to keep the pictures of a shard together. */
export interface DataFormat {
  /** The part of a new shard, or what a killed run left of it. */
  open(paths: ShardPaths): DataPart;
  /** The part of a finished shard that is opened again, with the pictures that it has; the finished one stays as it is. */
  adopt(paths: ShardPaths, layout: Layout): Promise<Adopted>;
  /** Gives the whole part its name. Does nothing where it has it: a crash may come between any two of its steps. */
  publish(paths: ShardPaths): Promise<void>;
  /** Takes away what is of no use once the shard is finished, and what a killed run left of a part that no journal tells of. */
  discard(paths: ShardPaths): Promise<void>;
}

export interface Adopted {
  readonly part: DataPart;
  /** Where the picture of a key lies; undefined where it has none. */
  readonly find: (key: string) => StoredPicture | undefined;
}
