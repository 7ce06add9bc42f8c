/** What a hostile server does, in words that scenarios are made of. */

import { setTimeout as sleep } from 'node:timers/promises';
import { receivedBy, send } from '../cli/support/pacing.js';
import { jpegOf } from '../support/pictures.js';
import type { Peer, Script } from '../support/raw-server.js';
import { typed } from '../support/replies.js';

/** The picture that is asked for, and the honest answer. */
export const PICTURE = jpegOf(30_000);
export const HONEST = typed(PICTURE, 'image/jpeg');

/** The status line of what seems a good reply. */
export const HTTP_200 = 'HTTP/1.1 200 OK\r\n';

/** How long the command is given where a scenario waits for a clock to run out: what has to come before has time enough on a busy machine. */
export const SHORT = '0.7';

/** Endless bodies are written in pieces of about this size, in bytes. */
const BLOCK_BYTES = 64 * 1024;

/** Answers one request and closes its side; TLS ends with a close_notify. */
export function closesAfter(bytes: Buffer | string): Script {
  return answers(bytes, ({ socket }) => void socket.end());
}

/** Answers one request and closes TCP; TLS does not end. */
export function cutsAfter(bytes: Buffer | string): Script {
  return answers(bytes, (peer) => peer.cut());
}

/** Answers one request and, when the client has received that, resets the connection. */
export function resetsAfter(bytes: Buffer | string): Script {
  return answers(bytes, (peer) => peer.reset());
}

/** Answers one request and then says nothing more. */
export function stallsAfter(bytes: Buffer | string): Script {
  return answers(bytes, () => undefined);
}

/** Answers one request and goes on with `piece`, one every `everyMs` milliseconds, for ever. */
export function dripsAfter(bytes: Buffer | string, piece: string, everyMs = 20): Script {
  return answers(bytes, async ({ socket }) => {
    while (!socket.destroyed) {
      await send(socket, piece);
      await sleep(everyMs);
    }
  });
}

/** Answers one request and goes on with `piece` as fast as it is taken, for ever. */
export function poursAfter(bytes: Buffer | string, piece: Buffer | string): Script {
  const block = Buffer.concat(
    Array(Math.ceil(BLOCK_BYTES / piece.length)).fill(Buffer.from(piece as string, 'latin1')),
  );
  return answers(bytes, async ({ socket }) => {
    while (!socket.destroyed) await send(socket, block);
  });
}

/** Says `bytes` before it is asked anything, and closes. */
export function greets(bytes: Buffer | string): Script {
  return ({ socket }) => void socket.end(bytes);
}

/** One act after the other, a connection each; the last for all that follow. */
export function inTurn(...acts: readonly Script[]): Script {
  return (peer, index) => acts[Math.min(index, acts.length - 1)]!(peer, index);
}

/** By what is asked for; connections stay open. */
export function at(replies: Readonly<Record<string, Buffer | string>>): Script {
  return async ({ socket, request }) => {
    for (let asked = await request(); asked !== undefined; asked = await request()) {
      const target = asked.split(' ')[1]!;
      await send(socket, replies[target] ?? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    }
  };
}

function answers(bytes: Buffer | string, then: (peer: Peer) => void | Promise<void>): Script {
  return async (peer) => {
    if ((await peer.request()) === undefined) return;
    await send(peer.socket, Buffer.from(bytes as string, 'latin1'));
    await receivedBy(peer.socket);
    await then(peer);
  };
}
