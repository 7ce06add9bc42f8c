import type { Material } from './material.js';
import type { Programs } from './programs.js';

/** What one run of one client cost. */
export interface Sample {
  readonly wallMs: number;
  /** User and system time of the client's process, all its threads; the server's is not in it. */
  readonly cpuMs: number;
  /** The most resident memory that the process had, where it was asked for. */
  readonly peakBytes?: number;
}

/** One client's runs, a sample a round. */
export interface Side {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/**
 * What is claimed of our client against a peer: `speed` is the peer's time over ours and must be at least the bound;
 * `time` is ours over the peer's and must be at most the bound.
 */
export interface Target {
  readonly kind: 'speed' | 'time';
  readonly bound: number;
}

/** One line of the table. */
export interface Claim {
  readonly work: string;
  readonly ours: Side;
  readonly peer: Side;
  readonly target: Target;
}

/** What a row is run with. */
export interface Setting {
  readonly material: Material;
  readonly programs: Programs;
  /** The server's origin, `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** How many rounds to make of those that a full run makes. */
  rounds(full: number): number;
}

/** One benchmark: measures, and gives its claims. */
export interface Row {
  readonly name: string;
  run(setting: Setting): Promise<readonly Claim[]>;
}
