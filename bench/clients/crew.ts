import { inLoops, measured } from './work.js';

/** Which pictures a client retrieves, and how. */
export interface Work {
  readonly origin: string;
  /** Pictures to retrieve while it is measured, and before. */
  readonly pictures: number;
  readonly warmUp: number;
  /** How many are retrieved at once. */
  readonly connections: number;
  /** In bytes, of the different pictures: picture `n` is as long as `sizes[n % sizes.length]`. */
  readonly sizes: readonly number[];
  /** How many names there are: `/pictures/0.jpg` and so on. */
  readonly names: number;
  /** The client's module, as a URL: the bench knows where it lies. */
  readonly module: string;
  readonly verify?: 'none';
  readonly sha256?: boolean;
}

/** Gives a picture's whole body as one piece of memory. */
export type Gather = (path: string) => Promise<Uint8Array>;

/**
 * Retrieves the pictures in as many loops as there are connections, each waiting for one body before it asks for the next; first those of the
 * warm-up, so that compiling and connecting are not measured. Prints the outcome.
 */
export async function runCrew(work: Work, gather: Gather): Promise<void> {
  await retrieveAll(work, work.warmUp, gather);
  await measured(() => retrieveAll(work, work.pictures, gather));
}

function retrieveAll(work: Work, pictures: number, gather: Gather): Promise<void> {
  const { sizes, names } = work;
  return inLoops(work.connections, pictures, async (i) => {
    const n = i % names;
    const { length } = await gather(`/pictures/${n}.jpg`);
    const expected = sizes[n % sizes.length];
    if (length !== expected) throw new Error(`Picture ${n} came as ${length} bytes of ${expected}.`);
  });
}
