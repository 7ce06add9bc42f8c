import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { readKernelQueues } from '../../../src/flow/kernel-queue.js';
import { send } from './pacing.js';

/**
 * A server that sends `bytes` and resets the connection; gives its URL. Node's own `resetAndDestroy` sends FIN before RST, and a client may see
 * that first. A socket that is closed with a request unread in the kernel is reset at once (RFC 9293 §3.6.1).
 */
export async function resettingServer(bytes: Uint8Array): Promise<string> {
  const server = createServer({ pauseOnConnect: true }, async (socket) => {
    socket.on('error', () => socket.destroy());
    const { localPort = 0, remotePort = 0 } = socket;
    // A row can be missing from one reading of the table.
    while ((readKernelQueues({ localPort, remotePort, family: 4 })?.rx ?? 0) === 0) await sleep(2);
    await send(socket, bytes);
    socket.destroy();
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/cover.jpg`;
}
