import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { send } from './pacing.js';

/** Long enough for what was sent to have left the kernel: then a reset is all that is left to send. */
const BEFORE_RESET_MS = 60;

/** A server that answers a request with `bytes` and then resets the connection; gives its URL. */
export async function resettingServer(bytes: Uint8Array): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', async () => {
      await send(socket, bytes);
      await sleep(BEFORE_RESET_MS);
      socket.resetAndDestroy();
    });
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/cover.jpg`;
}
