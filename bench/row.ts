import type { ClientName } from './clients.js';
import type { Material } from './material.js';
import type { ProgramName, Programs } from './programs.js';

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
 * `time` is ours over the peer's, `cpu` our CPU time over the peer's, and `memory` our peak over the peer's: they must be at most the bound.
 */
export interface Target {
  readonly kind: 'speed' | 'time' | 'cpu' | 'memory';
  readonly bound: number;
}

/** One line of the table: ours beside a peer. */
export interface Claim {
  readonly work: string;
  readonly ours: Side;
  readonly peer: Side;
  readonly target: Target;
}

/** One line of the table of memory: ours against a fixed bound. */
export interface Ceiling {
  readonly work: string;
  /** A figure a round. */
  readonly bytes: readonly number[];
  readonly bound: number;
}

/** What a row has found. */
export interface Findings {
  readonly claims: readonly Claim[];
  readonly ceilings?: readonly Ceiling[];
  /** What else is worth telling, a sentence each. */
  readonly notes?: readonly string[];
}

/** What a row is run with. */
export interface Setting {
  readonly material: Material;
  readonly programs: Programs;
  /** The server's origin, `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** The path of a client of ours, as plain JavaScript. */
  client(name: ClientName): string;
  /** How many rounds to make of those that a full run makes. */
  rounds(full: number): number;
}

/** One benchmark: measures, and gives its claims. */
export interface Row {
  readonly name: string;
  /** The programs that it needs beside those that all rows need: without them it is left out. */
  readonly needs: readonly ProgramName[];
  run(setting: Setting): Promise<Findings>;
}
