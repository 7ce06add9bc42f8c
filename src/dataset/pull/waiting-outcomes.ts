import type { Outcome } from '../outcome.js';

/** Outcomes that an iteration has not taken yet: beyond, no further shard is begun until it has. */
const MOST_WAITING = 20_000;

/** Outcomes on their way to an iteration. While nobody iterates, none is kept. */
export class WaitingOutcomes {
  #outcomes: Outcome[] = [];
  #isWanted = false;
  #over = false;
  /** Who waits for outcomes, and who for room. */
  readonly #takers: (() => void)[] = [];
  readonly #givers: (() => void)[] = [];

  begin(): void {
    this.#isWanted = true;
  }

  /** Whoever iterated has left: the run goes on without. */
  leave(): void {
    this.#isWanted = false;
    this.#outcomes = [];
    for (const wake of this.#givers.splice(0)) wake();
  }

  end(): void {
    this.#over = true;
    for (const wake of this.#takers.splice(0)) wake();
  }

  put(outcomes: readonly Outcome[]): void {
    if (!this.#isWanted) return;
    for (const outcome of outcomes) this.#outcomes.push(outcome);
    for (const wake of this.#takers.splice(0)) wake();
  }

  /** Resolves when there is room for a further shard. */
  async room(): Promise<void> {
    while (this.#outcomes.length > MOST_WAITING) await new Promise<void>((wake) => this.#givers.push(wake));
  }

  /** What came since the last time; nothing at the end. */
  async take(): Promise<readonly Outcome[]> {
    while (this.#outcomes.length === 0 && !this.#over)
      await new Promise<void>((wake) => this.#takers.push(wake));
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    for (const wake of this.#givers.splice(0)) wake();
    return outcomes;
  }
}
