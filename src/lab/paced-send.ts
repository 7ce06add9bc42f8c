import type { Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** How a response is cut and timed. */
export interface SendPace {
  /** Bytes handed to the kernel at once. */
  readonly sendSize: number;
  /** Milliseconds between one send and the next. */
  readonly pauseMs: number;
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
}

/** Shorter than this is the event loop's own lateness, not the client's. In milliseconds. */
const STALL_MS = 5;

/**
 * Sends `pieces` in sends of `sendSize` bytes, one outstanding at a time: the next begins when the kernel has
 * taken the whole of the one before. Rejects when the connection breaks, or with an AbortError.
 */
export async function sendPaced(
  socket: Socket,
  pieces: Iterable<Uint8Array>,
  pace: SendPace,
  record: SendRecord,
  signal: AbortSignal,
): Promise<void> {
  for (const bytes of inSends(pieces, pace.sendSize)) {
    // Sends that the kernel takes at once would keep the event loop from everybody else, the client in this
    // process among them.
    if (record.sends > 0)
      await (pace.pauseMs > 0 ? setTimeout(pace.pauseMs, undefined, { signal }) : setImmediate());
    const began = performance.now();
    const waits = await send(socket, bytes);
    const ms = performance.now() - began;
    if (waits && ms > STALL_MS) {
      record.stalls.push({ atByte: record.bytesSent, fromMs: began - record.startedAt, ms });
      record.stalledMs += ms;
    }
    record.bytesSent += bytes.length;
    record.sends++;
  }
}

/** Resolves when the kernel has taken all of `bytes`; tells whether it had to be waited for. */
function send(socket: Socket, bytes: Buffer): Promise<boolean> {
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
