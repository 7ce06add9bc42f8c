import type { Socket } from 'node:net';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';

/** How a response is cut and timed. */
export interface SendPace {
  /** Bytes handed to the kernel at once. */
  readonly sendSize: number;
  /** Milliseconds between one send and the next. */
  readonly pauseMs: number;
  /** Bytes a second that the mean does not exceed. */
  readonly limitRate?: number | undefined;
  /** Stands still of its own will for `ms` when `atByte` bytes of the response, header included, are sent. */
  readonly hold?: { readonly atByte: number; readonly ms: number } | undefined;
  /** Closes the connection after so many bytes of the response, header included. */
  readonly dropAfter?: number | undefined;
}

/** A send that the kernel did not take at once: its buffer was full, since the client's was. */
export interface Stall {
  /** Bytes of the response, header included, that the kernel had taken before this send. */
  readonly atByte: number;
  /** When it began, in milliseconds since the response began. */
  readonly fromMs: number;
  readonly ms: number;
}

/** What the sending side saw of one response, on its own clock; it grows while the response is sent. */
export interface SendRecord {
  /** When the request was complete, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Bytes that the kernel has taken, header included. */
  bytesSent: number;
  /** Sends that are over. */
  sends: number;
  readonly stalls: Stall[];
  /** The sum of the stalls. */
  stalledMs: number;
  /** The send that the kernel has not taken yet: since when, and its length. */
  pending: { readonly since: number; readonly length: number } | undefined;
}

/** One send that is over. */
export interface Send {
  /** A view on a buffer that is used again. */
  readonly bytes: Buffer;
  /** When it was handed to the kernel and when the kernel had taken it, on the clock of `performance.now()`. */
  readonly at: number;
  readonly until: number;
  /** The kernel did not take it at once, but after more than `STALL_MS`. */
  readonly stalled: boolean;
}

/** Shorter than this is the event loop's own lateness, not the client's. In milliseconds. */
export const STALL_MS = 5;

/** The connection is to be closed here: `dropAfter` was reached. */
export class Dropped extends Error {
  override readonly name = 'Dropped';
}

/**
 * Sends `pieces` in sends of `sendSize` bytes, one outstanding at a time: the next begins when the kernel has
 * taken the whole of the one before. Rejects when the connection breaks, with an AbortError, or with `Dropped`.
 */
export async function sendPaced(
  socket: Socket,
  pieces: Iterable<Uint8Array>,
  pace: SendPace,
  record: SendRecord,
  signal: AbortSignal,
  onSend?: (send: Send) => void,
): Promise<void> {
  const { sendSize, pauseMs, limitRate, hold, dropAfter } = pace;
  let firstAt: number | undefined;
  for (const bytes of cutAt(inSends(pieces, sendSize), [hold?.atByte, dropAfter])) {
    if (record.bytesSent === dropAfter) throw new Dropped();
    if (record.bytesSent === hold?.atByte) await pause(hold.ms, undefined, { signal });
    const now = performance.now();
    firstAt ??= now;
    // By the clock, not by sums of pauses: a timer's lateness never adds up.
    const due = limitRate === undefined ? 0 : firstAt + (record.bytesSent / limitRate) * 1000 - now;
    const wait = record.sends === 0 ? 0 : Math.max(due, pauseMs);
    // Sends that the kernel takes at once would keep the event loop from everybody else, the client in this
    // process among them.
    if (record.sends > 0) await (wait > 0 ? pause(wait, undefined, { signal }) : setImmediate());
    onSend?.(await send(socket, bytes, record));
  }
  if (dropAfter !== undefined && record.bytesSent === dropAfter) throw new Dropped();
}

/** Resolves when the kernel has taken all of `bytes`, and writes into the record whether it had to be waited for. */
async function send(socket: Socket, bytes: Buffer, record: SendRecord): Promise<Send> {
  const at = performance.now();
  record.pending = { since: at, length: bytes.length };
  const waits = await written(socket, bytes);
  const until = performance.now();
  const stalled = waits && until - at > STALL_MS;
  if (stalled) {
    record.stalls.push({ atByte: record.bytesSent, fromMs: at - record.startedAt, ms: until - at });
    record.stalledMs += until - at;
  }
  record.pending = undefined;
  record.bytesSent += bytes.length;
  record.sends++;
  return { bytes, at, until, stalled };
}

/** Resolves when the kernel has taken all of `bytes`; tells whether it had to be waited for. */
function written(socket: Socket, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let waits = false;
    socket.write(bytes, (error) => (error ? reject(error) : resolve(waits)));
    // libuv tries write(2) at once. What the kernel took then has left this count already; its callback comes
    // a tick later.
    waits = socket.writableLength > 0;
  });
}

/**
 * Cuts `pieces` into runs of exactly `size` bytes, the last one shorter. Each is a view on one buffer, used
 * again for the next.
 */
export function* inSends(pieces: Iterable<Uint8Array>, size: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let filled = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(size - filled, piece.length - at);
      buffer.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < size) continue;
      yield buffer;
      filled = 0;
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** Cuts sends in two where one of `places` (in bytes from the first) lies within. */
export function* cutAt(sends: Iterable<Buffer>, places: readonly (number | undefined)[]): Generator<Buffer> {
  let total = 0;
  for (let rest of sends) {
    for (;;) {
      const inside = places.filter(
        (place) => place !== undefined && place > total && place < total + rest.length,
      );
      if (inside.length === 0) break;
      const cut = Math.min(...(inside as number[])) - total;
      yield rest.subarray(0, cut);
      rest = rest.subarray(cut);
      total += cut;
    }
    yield rest;
    total += rest.length;
  }
}
