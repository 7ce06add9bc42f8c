/** Ways to send that decide what the client's receives are like. */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readKernelQueues } from '../../../src/flow/kernel-queue.js';

/**
 * Sends `bytes` in pieces of `size`, each when the client has received all of the one before (its kernel's queue says so): what the
 * client's receives are like then depends on `size` alone, however busy the machine is.
 */
export async function sendInStep(socket: Socket, bytes: Uint8Array, size: number): Promise<void> {
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    await send(socket, bytes.subarray(at, at + size));
    await receivedBy(socket);
  }
}

/** Sends `bytes` in pieces of `size` with `gapMs` between them. */
export async function sendWithGaps(
  socket: Socket,
  bytes: Uint8Array,
  size: number,
  gapMs: number,
): Promise<void> {
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    await send(socket, bytes.subarray(at, at + size));
    await sleep(gapMs);
  }
}

/** Resolves when the kernel has taken the bytes, or the connection is gone. */
export async function send(socket: Socket, bytes: Uint8Array | string): Promise<void> {
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
}

/**
 * Sends `bytes` in pieces of `size` so that the client always finds about `ahead` bytes that it has not received yet. Less, and it would run dry;
 * more, and TCP's window would close: Linux opens it again only when the queue is nearly empty, so that a receive now and then is short.
 */
export async function sendAhead(
  socket: Socket,
  bytes: Uint8Array,
  size: number,
  ahead: number,
): Promise<void> {
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    await send(socket, bytes.subarray(at, at + size));
    while (unreceived(socket) > ahead && !socket.destroyed) await sleep(LOOK_MS);
  }
}

/** How long the client is given at least to be told of what was sent. */
const LOOK_MS = 5;

/** Resolves when the client has received all that was sent, or the connection is gone. */
export async function receivedBy(socket: Socket): Promise<void> {
  do await sleep(LOOK_MS);
  while (unreceived(socket) > 0 && !socket.destroyed);
}

/** Bytes that lie in the client's kernel. */
function unreceived({ localPort, remotePort }: Socket): number {
  if (localPort === undefined || remotePort === undefined) return 0;
  return readKernelQueues({ localPort: remotePort, remotePort: localPort, family: 4 })?.rx ?? 0;
}
