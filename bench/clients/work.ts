import type { RetrieveOptions } from '../../src/index.js';

/** What every retrieval of ours is told, whatever a row measures: the place for what loopback needs. */
export const ON_LOOPBACK: RetrieveOptions = { addresses: 'any' };

/** What a client that measures itself prints, as JSON. */
export interface Outcome {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes?: number;
}

/** What the client is told to do: the one argument of its process, as JSON. */
export function readWork<Work>(): Work {
  return JSON.parse(process.argv[2] ?? '');
}

/** Does `work`, and prints what it took. */
export async function measured(work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  const began = performance.now();
  await work();
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  print({ wallMs, cpuMs: (user + system) / 1000 });
}

export function print(outcome: Outcome): void {
  console.log(JSON.stringify(outcome));
}

/** Does `job` for the numbers below `count`, in as many loops as there are connections: each waits for one before it begins the next. */
export async function inLoops(
  connections: number,
  count: number,
  job: (n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const loop = async () => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: connections }, loop));
}
