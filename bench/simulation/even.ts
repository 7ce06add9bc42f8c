import { Crew, type CrewSettings, type Reply, type World } from './crew.js';
import { mixed } from './random.js';

/** Hosts of one size and speed, but for the first few, which are slow. Times in milliseconds. */
export interface EvenSettings {
  readonly rows: number;
  readonly hosts: number;
  readonly ms: number;
  readonly slowHosts: number;
  readonly slowMs: number;
}

/** Ten slow hosts among a thousand: 100 rows a host, and answers of a tenth of a second or of twenty. */
export const TEN_SLOW: EvenSettings = { rows: 100_000, hosts: 1_000, ms: 100, slowHosts: 10, slowMs: 20_000 };

export class Even implements World {
  readonly rows: number;
  readonly #names: readonly string[];

  constructor(readonly settings: EvenSettings) {
    this.rows = settings.rows;
    this.#names = Array.from({ length: settings.hosts }, (_, host) => `host-${host}.example`);
  }

  hostOf(row: number): string {
    return this.#names[this.#host(row)]!;
  }

  ask(row: number): Reply {
    const { ms, slowMs } = this.settings;
    const verdict = { kind: 'answered', pauseMs: 0, retryMs: undefined } as const;
    return { ms: this.isSlow(row) ? slowMs : ms, verdict };
  }

  isSlow(row: number): boolean {
    return this.#host(row) < this.settings.slowHosts;
  }

  #host(row: number): number {
    return mixed(row, 7) % this.settings.hosts;
  }
}

/** When the last row of a host that is not slow is done with, and when all are; in milliseconds. */
export function timesOf(
  settings: EvenSettings,
  crew: CrewSettings,
): { readonly rest: number; readonly all: number } {
  const world = new Even(settings);
  let rest = 0;
  const done = (row: number, _how: string, now: number) => {
    if (!world.isSlow(row)) rest = now;
  };
  const run = new Crew(world, crew, { done });
  run.runUntil(world.rows);
  return { rest, all: run.now };
}

/** Jain's index of fairness: 1 where all have the same, 1/n where one of n has all. */
export function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}
