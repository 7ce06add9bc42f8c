/** What a page may ask of a run, and what it may not: a run is bounded in size and time. No I/O: the page has it too. */

/** What is retrieved: a picture of the lab's own origin, or any URL. */
export type RunSource =
  | { readonly kind: 'cover' }
  | { readonly kind: 'poster'; readonly bytes: number }
  | { readonly kind: 'url'; readonly url: string };

/** How a run is made. Sizes in bytes, pauses in milliseconds. */
export interface RunSettings {
  readonly source: RunSource;
  /** Of the origin; of no meaning for a URL. */
  readonly sendSize: number;
  readonly sendPause: number;
  readonly recvSize: number;
  readonly pause: number;
  /** Bytes a second; null for as fast as it comes. */
  readonly limitRate: number | null;
}

/** The bounds of a number, both allowed. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

export const RUN_BOUNDS = {
  posterBytes: { least: 1000, most: 32_000_000 },
  sendSize: { least: 1, most: 1_048_576 },
  sendPause: { least: 0, most: 10_000 },
  recvSize: { least: 1, most: 1_048_576 },
  pause: { least: 0, most: 10_000 },
  limitRate: { least: 100, most: 1_000_000_000 },
} as const satisfies Record<string, Bounds>;

/** The longest run, in milliseconds, and the largest body, in bytes. */
export const LONGEST_RUN_MS = 120_000;
export const LARGEST_BODY = 32_000_000;

/** Reads settings, whoever sent them. Throws a RangeError of one sentence. */
export function readRunSettings(given: unknown): RunSettings {
  const { source, sendSize, sendPause, recvSize, pause, limitRate } = objectOf(given);
  return {
    source: readSource(objectOf(source)),
    sendSize: bounded('sendSize', sendSize, true),
    sendPause: bounded('sendPause', sendPause, false),
    recvSize: bounded('recvSize', recvSize, true),
    pause: bounded('pause', pause, false),
    limitRate: limitRate === null ? null : bounded('limitRate', limitRate, false),
  };
}

function readSource({ kind, bytes, url }: Record<string, unknown>): RunSource {
  if (kind === 'cover') return { kind };
  if (kind === 'poster') return { kind, bytes: bounded('posterBytes', bytes, true) };
  if (kind !== 'url' || typeof url !== 'string' || url.length > 8000) {
    throw new RangeError('The source is neither a picture of the lab nor a URL.');
  }
  return { kind, url };
}

function bounded(name: keyof typeof RUN_BOUNDS, value: unknown, whole: boolean): number {
  const { least, most } = RUN_BOUNDS[name];
  const isRight = typeof value === 'number' && value >= least && value <= most;
  if (!isRight || (whole && !Number.isInteger(value))) {
    throw new RangeError(
      `${name} is ${String(value)}; it must be ${whole ? 'whole, ' : ''}from ${least} to ${most}.`,
    );
  }
  return value;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new RangeError('The settings are not complete.');
  return value as Record<string, unknown>;
}
