/** Servers on loopback that say exactly the bytes that a test gives them, and keep what they were asked. */

import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';

/** One connection, from the server's end. */
export interface Peer {
  readonly socket: Socket;
  /** The next request's head, blank line included; undefined once the client has closed. */
  request(): Promise<string | undefined>;
  /** Closes TCP at once; on TLS without a close_notify. */
  cut(): void;
  /** Resets TCP at once, beneath TLS too. */
  reset(): void;
}

export interface RawServer {
  readonly port: number;
  /** `host:port`. */
  readonly authority: string;
  /** Every request's head, in order. */
  readonly requests: string[];
  /** Every connection's socket, in order. */
  readonly sockets: Socket[];
  /** The names that TLS clients asked for; false for none. */
  readonly serverNames: (string | false | null)[];
  /** What scripts threw. */
  readonly broken: unknown[];
  url(path?: string): string;
  close(): Promise<void>;
}

export interface RawServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: any that is free. */
  readonly port?: number;
  readonly tls?: TlsOptions;
  /** Neither answers the client's FIN by itself nor reads before the script does. */
  readonly quiet?: boolean;
}

/** What a server does on its connection number `index`, counted from 0. */
export type Script = (peer: Peer, index: number) => void | Promise<void>;

/** Starts a server; it is closed with all its connections at the end of the test, which fails where the script did. */
export async function rawServer(script: Script, options: RawServerOptions = {}): Promise<RawServer> {
  const server = await openServer(script, options);
  onTestFinished(async () => {
    await server.close();
    if (server.broken.length > 0) throw server.broken[0];
  });
  return server;
}

/** Starts a server for whoever closes it. */
export async function openServer(script: Script, options: RawServerOptions = {}): Promise<RawServer> {
  const { host = '127.0.0.1', port: wanted = 0, tls } = options;
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const serverNames: (string | false | null)[] = [];
  const broken: unknown[] = [];
  const open = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    const index = sockets.push(socket) - 1;
    const tcp = tls === undefined ? socket : [...open].find((one) => one.remotePort === socket.remotePort)!;
    if (tls !== undefined) serverNames.push((socket as TLSSocket).servername);
    // A client that hangs up or resets is part of many tests.
    socket.on('error', () => socket.destroy());
    const peer = peerOf(socket, tcp, requests, options.quiet === true);
    Promise.resolve(script(peer, index)).catch((error) => broken.push(error));
  };
  const server: Server =
    tls === undefined
      ? createServer({ noDelay: true, allowHalfOpen: options.quiet === true }, onConnection)
      : createTlsServer({ ...tls, noDelay: true } as TlsOptions, onConnection);
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const { port } = address;
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  const url = (path = '/') => `${tls === undefined ? 'http' : 'https'}://${authority}${path}`;
  return { port, authority, requests, sockets, serverNames, broken, url, close };
}

function peerOf(socket: Socket, tcp: Socket, requests: string[], quiet: boolean): Peer {
  const heads: string[] = [];
  let text = '';
  let closed = false;
  let wake: (() => void) | undefined;
  if (!quiet) {
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end + 4);
        heads.push(head);
        requests.push(head);
        text = text.slice(end + 4);
      }
      wake?.();
    });
  }
  const onClosed = () => {
    closed = true;
    wake?.();
  };
  socket.on('end', onClosed);
  socket.on('close', onClosed);
  return {
    socket,
    async request() {
      while (heads.length === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return heads.shift();
    },
    cut: () => void tcp.destroy(),
    reset: () => void tcp.resetAndDestroy(),
  };
}

/** A script that answers every request on every connection with the same bytes, or with what `replyTo` gives for it. */
export function answering(
  reply: Buffer | string | ((request: string, index: number) => Buffer | string),
): Script {
  return async ({ socket, request }, index) => {
    for (let head = await request(); head !== undefined; head = await request()) {
      socket.write(typeof reply === 'function' ? reply(head, index) : reply);
    }
  };
}

/** A script that answers one request with these bytes and closes its side. */
export function answeringOnce(reply: Buffer | string): Script {
  return async ({ socket, request }) => {
    if ((await request()) !== undefined) socket.end(reply);
  };
}

/** How far a server that writes with back-pressure has come. */
export interface Pouring {
  /** Bytes that the kernel has taken. */
  written: number;
  /** Milliseconds in which a write waited for the kernel to take it: how long the server stood still, at most. */
  stalledMs: number;
  /** When all is written, or the client is gone. */
  readonly done: Promise<void>;
}

/** Writes `bytes` bytes of `fill` in pieces, the next when the kernel has taken the one before. */
export function pour(socket: Socket, bytes: number, fill = 0x41, pieceBytes = 64 * 1024): Pouring {
  const piece = Buffer.alloc(pieceBytes, fill);
  let finish!: () => void;
  const pouring: Pouring = {
    written: 0,
    stalledMs: 0,
    done: new Promise((resolve) => {
      finish = resolve;
    }),
  };
  const next = () => {
    const left = bytes - pouring.written;
    if (left <= 0 || socket.destroyed) return finish();
    const began = performance.now();
    const part = left < pieceBytes ? piece.subarray(0, left) : piece;
    socket.write(part, (error) => {
      if (error) return finish();
      const took = performance.now() - began;
      // Below, it is the event loop; above, the kernel took nothing for a while.
      if (took > 20) pouring.stalledMs += took;
      pouring.written += part.length;
      next();
    });
  };
  next();
  return pouring;
}

/** Resolves when this end of the connection is closed, however that came. */
export function closed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
