import type { Sample, Side } from './row.js';

/** A client, ready to be run once. */
export interface Contestant {
  readonly name: string;
  run(): Promise<Sample>;
}

/** On a slow machine rounds are left out after this time, but for the fewest that have a median worth the name. */
const ENOUGH_MS = 75_000;
const FEWEST_ROUNDS = 3;

/**
 * Runs all in turn, A B C A B C ...: what else the machine does falls on each of them alike. The first round warms the
 * caches of files and of the server, and is not counted.
 */
export async function inTurn(rounds: number, contestants: readonly Contestant[]): Promise<Side[]> {
  const sides = contestants.map(({ name }) => ({ name, samples: [] as Sample[] }));
  const began = performance.now();
  for (let round = 0; round <= rounds; round++) {
    if (round > FEWEST_ROUNDS && performance.now() - began > ENOUGH_MS) break;
    for (const [i, contestant] of contestants.entries()) {
      const sample = await contestant.run();
      if (round > 0) sides[i]!.samples.push(sample);
    }
  }
  return sides;
}

/** The middle value; of an even number, the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
}

/** The quotients `over[i] / under[i]` of the same rounds: neighbours in time, so a slow spell of the machine cancels. */
export function quotients(over: Side, under: Side, of: (sample: Sample) => number): number[] {
  return over.samples.map((sample, round) => of(sample) / of(under.samples[round]!));
}
