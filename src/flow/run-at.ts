import type { Run } from './run.js';

/** What one end is doing. */
export type ServerDoing = 'ready' | 'sending' | 'still' | 'resting' | 'done';
export type ReceiverDoing = 'ready' | 'waiting' | 'receiving' | 'paused' | 'done';

/** A run as it stood at one time; lengths in bytes. */
export interface Moment {
  readonly at: number;
  readonly sent: number;
  readonly received: number;
  readonly receives: number;
  readonly sends: number;
  /** By the last look: what lay in the kernels; null where nobody looked. */
  readonly serverQueue: number | null;
  readonly clientQueue: number | null;
  /** Of `serverQueue`, what has come to our kernel already and is kept only until that is acknowledged. */
  readonly arrived: number;
  readonly server: ServerDoing;
  readonly receiver: ReceiverDoing;
  /** Of the last `WINDOW_MS`, the share in which the server stood still, and in which we paused. */
  readonly stalled: number;
  readonly paused: number;
}

/** What an end is doing is told of the last so many milliseconds: shorter, and nobody could read it. */
const WINDOW_MS = 120;
const MOST = 0.5;

/** Sums over the columns, so that a moment is found by bisection. Grows with its run. */
export class RunIndex {
  readonly #sent: number[] = [];
  readonly #received: number[] = [];

  constructor(readonly run: Run) {}

  /** Bytes that the server's kernel had taken. */
  sentAt(at: number): number {
    const { sends } = this.run.columns;
    sums(this.#sent, sends.bytes);
    return this.#sent[lastAtOrBefore(sends.at, at)] ?? 0;
  }

  /** Bytes that we had received. */
  receivedAt(at: number): number {
    const { receives } = this.run.columns;
    sums(this.#received, receives.bytes);
    return this.#received[lastAtOrBefore(receives.at, at)] ?? 0;
  }

  at(time: number): Moment {
    const { columns, facts } = this.run;
    const { queues } = columns;
    const look = lastAtOrBefore(queues.at, time);
    const both = facts.ends === 'both';
    const [sent, received] = [this.sentAt(time), this.receivedAt(time)];
    const sends = lastAtOrBefore(columns.sends.at, time) + 1;
    const receives = lastAtOrBefore(columns.receives.at, time) + 1;
    const receiver = this.#receiver(time, receives);
    // A look is as old as it is; but where all that was sent was received, or the whole response, nothing lies anywhere.
    const isEmpty = (both && sent === received) || (receiver === 'done' && facts.outcome?.failure === null);
    return {
      at: time,
      sent,
      received,
      sends,
      receives,
      serverQueue: both ? (isEmpty ? 0 : (queues.server[look] ?? null)) : null,
      clientQueue: isEmpty ? 0 : (queues.client[look] ?? null),
      arrived: both && !isEmpty ? this.#arrived(look) : 0,
      server: this.#server(time, sends),
      receiver,
      stalled: shareWithin(columns.stalls.from, columns.stalls.to, time - WINDOW_MS, time),
      paused: shareWithin(columns.pauses.from, columns.pauses.to, time - WINDOW_MS, time),
    };
  }

  /** When the last thing that is known happened. */
  get end(): number {
    const { columns, totals, facts } = this.run;
    const last = (times: readonly number[]) => times[times.length - 1] ?? 0;
    if (facts.outcome === undefined) return totals.now;
    return Math.max(last(columns.sends.at), last(columns.receives.at), last(columns.pauses.to), 1);
  }

  /** What is in both queues at a look: they hold more than was sent and not received. */
  #arrived(look: number): number {
    const { columns, facts } = this.run;
    const { until, server, client } = columns.queues;
    const at = until[look];
    if (at === undefined) return 0;
    const [theirs, ours] = [server[look]!, client[look]!];
    const twice = theirs + ours - (this.sentAt(at) - this.receivedAt(at));
    // Less than either program has in hand says nothing.
    return twice > (facts.sendSize ?? 0) + facts.recvSize ? Math.min(twice, theirs, ours) : 0;
  }

  #server(time: number, sends: number): ServerDoing {
    const { columns, facts } = this.run;
    const { stalls } = columns;
    if (shareWithin(stalls.from, stalls.to, time - WINDOW_MS, time) >= MOST) return 'still';
    if (facts.serverEnd !== undefined && time >= facts.serverEnd.at) return 'done';
    if (sends === 0) return 'ready';
    return time - columns.sends.at[sends - 1]! < WINDOW_MS ? 'sending' : 'resting';
  }

  #receiver(time: number, receives: number): ReceiverDoing {
    const { columns, facts } = this.run;
    const { pauses } = columns;
    if (facts.outcome !== undefined && receives === columns.receives.at.length) return 'done';
    if (shareWithin(pauses.from, pauses.to, time - WINDOW_MS, time) >= MOST) return 'paused';
    if (receives === 0) return time <= 0 ? 'ready' : 'waiting';
    return time - columns.receives.at[receives - 1]! < WINDOW_MS / 2 ? 'receiving' : 'waiting';
  }
}

/** The share of the time from `begin` to `end` that lies within the spans; the last span may be open. */
export function shareWithin(
  from: readonly number[],
  to: readonly number[],
  begin: number,
  end: number,
): number {
  let covered = 0;
  for (let i = lastAtOrBefore(from, end); i >= 0; i--) {
    const until = Math.min(to[i] ?? Number.POSITIVE_INFINITY, end);
    if (until <= begin) break;
    covered += until - Math.max(from[i]!, begin);
  }
  return end > begin ? covered / (end - begin) : 0;
}

/** The index of the last of ascending `times` that is not after `at`; -1 where there is none. */
export function lastAtOrBefore(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Brings running sums up to their column; anew where the column has been begun again. */
function sums(into: number[], values: readonly number[]): void {
  if (into.length > values.length) into.length = 0;
  for (let i = into.length; i < values.length; i++) into.push((into[i - 1] ?? 0) + values[i]!);
}
