/** What a client is told to do: the one argument of its process, as JSON. */
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
}

/** What a client prints, as JSON. Milliseconds. */
export interface Outcome {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Gives a picture's whole body as one piece of memory. */
export type Gather = (path: string) => Promise<Uint8Array>;

export function readWork(): Work {
  return JSON.parse(process.argv[2] ?? '');
}

/**
 * Retrieves the pictures in as many loops as there are connections, each waiting for one body before it asks for the next; first those of the
 * warm-up, so that compiling and connecting are not measured. Prints the outcome.
 */
export async function runCrew(work: Work, gather: Gather): Promise<void> {
  await retrieveAll(work, work.warmUp, gather);
  const before = process.cpuUsage();
  const began = performance.now();
  await retrieveAll(work, work.pictures, gather);
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const outcome: Outcome = { wallMs, cpuMs: (user + system) / 1000 };
  console.log(JSON.stringify(outcome));
}

async function retrieveAll(work: Work, pictures: number, gather: Gather): Promise<void> {
  const { sizes, names } = work;
  let next = 0;
  const loop = async () => {
    while (next < pictures) {
      const n = next++ % names;
      const { length } = await gather(`/pictures/${n}.jpg`);
      const expected = sizes[n % sizes.length];
      if (length !== expected) throw new Error(`Picture ${n} came as ${length} bytes of ${expected}.`);
    }
  };
  await Promise.all(Array.from({ length: work.connections }, loop));
}
