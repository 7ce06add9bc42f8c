/**
 * How long a list takes: the formulas of docs/SCALE.md. Each resource alone gives a time below which no crew can be; the longest of these times is
 * the estimate, and its resource is what is bought, or asked for, first.
 */

/** What a crew of equal machines has. */
export interface Machines {
  readonly count: number;
  readonly cores: number;
  /** Attempts under way at once on one machine. */
  readonly places: number;
  /** Bytes a second on the link and to the disk, of one machine. */
  readonly linkRate: number;
  readonly diskRate: number;
  /** Questions a second that the name servers which one machine asks will answer. */
  readonly questionRate: number;
  /** Seconds of a core for one image, from its first byte to the shard, and for one TLS handshake. */
  readonly coreSecondsPerImage: number;
  readonly coreSecondsPerHandshake: number;
}

/** What a list is made of. Shares are of its rows, from 0 to 1. */
export interface Mix {
  readonly rows: number;
  /** Rows that bring an image, and the mean of its bytes. */
  readonly images: number;
  readonly imageBytes: number;
  /** Rows that are answered, with an image or without, and the mean seconds from the start of an attempt to its end. */
  readonly answered: number;
  readonly answerSeconds: number;
  /** Rows for which a time-out is waited, counted once for each wait, and its seconds. */
  readonly waits: number;
  readonly waitSeconds: number;
  /** Rows that need a new TLS connection, and a look-up. */
  readonly handshakes: number;
  readonly lookups: number;
  /** The host that takes longest: its rows, and the mean seconds of an answer of it. */
  readonly slowestHostRows: number;
  readonly slowestHostSeconds: number;
}

/** Names are asked for in both families (A and AAAA). */
const QUESTIONS_PER_LOOKUP = 2;

export type Resource = 'cores' | 'places' | 'link' | 'disk' | 'names' | 'politeness';

/** Seconds that each resource alone makes a list take. */
export function secondsBy(mix: Mix, machines: Machines, hostLimit: number): Record<Resource, number> {
  const { rows } = mix;
  const { count } = machines;
  const coreSeconds =
    mix.answered * machines.coreSecondsPerImage + mix.handshakes * machines.coreSecondsPerHandshake;
  const placeSeconds = mix.answered * mix.answerSeconds + mix.waits * mix.waitSeconds;
  const bytes = mix.images * mix.imageBytes;
  return {
    cores: (rows * coreSeconds) / (count * machines.cores),
    places: (rows * placeSeconds) / (count * machines.places),
    link: (rows * bytes) / (count * machines.linkRate),
    disk: (rows * bytes) / (count * machines.diskRate),
    names: (rows * mix.lookups * QUESTIONS_PER_LOOKUP) / (count * machines.questionRate),
    politeness: (mix.slowestHostRows * mix.slowestHostSeconds) / hostLimit,
  };
}

/** The resource that makes it take longest, and how long. */
export function longest(seconds: Record<Resource, number>): {
  readonly resource: Resource;
  readonly seconds: number;
} {
  const [resource] = (Object.keys(seconds) as Resource[]).sort((one, other) => seconds[other] - seconds[one]);
  return { resource: resource!, seconds: seconds[resource!] };
}

/** How many machines it takes until more would bring nothing: from there on, the slowest host sets the pace. */
export function usefulMachines(mix: Mix, machine: Machines, hostLimit: number): number {
  const { politeness, ...others } = secondsBy(mix, { ...machine, count: 1 }, hostLimit);
  return Math.max(1, Math.ceil(Math.max(...Object.values(others)) / politeness));
}
