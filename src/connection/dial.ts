import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Connection } from './connection.js';
import type { Origin } from './origin.js';
import { ReceiveMemory } from './receive-memory.js';
import type { Address } from './resolve.js';
import type { TlsSettings } from './settings.js';
import { tlsContext } from './tls-context.js';

/** TLS delivers decrypted records, of at most this many bytes (RFC 8446 §5.1). */
export const TLS_RECORD_BYTES = 16 * 1024;

/** A socket that was told to connect; its connection, once there is one, is told what it receives. */
export interface Dialled {
  readonly socket: Socket;
  connection: Connection | undefined;
}

/** Begins to connect to one address by TCP. */
export function dialTcp(origin: Origin, address: Address, recvSize: number): Dialled {
  return dial(recvSize, false, (onread) =>
    connectTcp({ host: address.address, port: origin.port, noDelay: true, onread }),
  );
}

/** Begins to connect to one address by TCP and then TLS, with the origin's name in SNI and checked in the certificate. */
export function tlsDialler(origin: Origin, settings: TlsSettings, recvSize: number) {
  const { connect: connectTls } = process.getBuiltinModule('node:tls'); // Loaded only for who wants it.
  const size = Math.min(recvSize, TLS_RECORD_BYTES);
  const tls = tlsOptions(origin, settings);
  return (address: Address): Dialled => {
    const dialled = dial(size, true, (onread) => {
      // Node takes `onread` and `noDelay` here as for TCP; its types leave them out.
      const more: ConnectionOptions & { onread: OnReadOpts; noDelay: boolean } = {
        host: address.address,
        port: origin.port,
        noDelay: true,
        onread,
      };
      return connectTls(Object.assign(more, tls));
    });
    keepSession(dialled.socket, origin, settings);
    return dialled;
  };
}

/** Whose name is told and checked, and by what. Throws `option-invalid`. */
export function tlsOptions(origin: Origin, settings: TlsSettings): ConnectionOptions {
  const context = tlsContext(settings);
  return {
    // An address is no server name.
    servername: isIP(origin.host) === 0 ? origin.host : undefined,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: settings.insecure !== true,
    secureContext: context.secureContext,
    session: context.sessionOf(origin.key),
  };
}

/** Remembers the session that the origin gives, for the next connection to it. */
export function keepSession(socket: Socket, origin: Origin, settings: TlsSettings): void {
  const context = tlsContext(settings);
  socket.on('session', (session: Buffer) => context.keepSession(origin.key, session));
}

/** `tls`: records that were decrypted before `stop` came still arrive, and nobody has taken the ones before. */
function dial(size: number, tls: boolean, connect: (onread: OnReadOpts) => Socket): Dialled {
  const dialled = { connection: undefined } as { -readonly [K in keyof Dialled]: Dialled[K] };
  const memory = new ReceiveMemory(size);
  const next = () => {
    const { connection } = dialled;
    return tls && connection?.stopped ? memory.fresh() : memory.next(connection?.isIdle ?? false);
  };
  dialled.socket = connect({
    // Node's types leave out that there may be nothing new.
    buffer: next as () => Buffer,
    callback: (length) => dialled.connection?.received(memory.received(length)) ?? false,
  });
  dialled.socket.once('close', () => memory.close());
  return dialled;
}
