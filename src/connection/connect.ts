import { SluiceError } from '../errors.js';
import { Connection } from './connection.js';
import { type Dialled, dialTcp, tlsDialler } from './dial.js';
import type { Guard } from './guard.js';
import { hostPort, type Origin } from './origin.js';
import { firstToConnect } from './race.js';
import { type Address, resolveHost } from './resolve.js';
import type { ConnectSettings } from './settings.js';
import { tlsFailure } from './tls-failure.js';
import { withinTime } from './within-time.js';

/**
 * Resolves `origin`, connects to its addresses in turn (to those that `guard` admits, where there is one), and makes TLS where the scheme
 * says so. Names are resolved once: what is dialled are the addresses that were admitted. Throws `SluiceError`.
 */
export async function openConnection(
  origin: Origin,
  settings: ConnectSettings,
  outer?: AbortSignal,
  guard?: Guard,
): Promise<Connection> {
  const began = performance.now();
  const seconds = settings.connectTimeoutMs / 1000;
  const found = await withinTime(
    settings.connectTimeoutMs,
    outer,
    () => resolveHost(origin.host, origin.port, settings.lookup),
    () => new SluiceError('timeout-resolve', `Resolving ${origin.host} took longer than ${seconds} s.`),
  );
  const resolved = performance.now();
  const addresses = guard === undefined ? found : guard.admit(origin, found);
  const dial = origin.secure
    ? tlsDialler(origin, settings.tls, settings.recvSize)
    : (address: Address) => dialTcp(origin, address, settings.recvSize);
  const left = settings.connectTimeoutMs - (resolved - began);
  const { dialled, address } = await withinTime(
    left,
    outer,
    (whenEnded) => firstToConnect(addresses, origin.port, dial, whenEnded),
    () => {
      const tried = addresses.map(({ address }) => hostPort(address, origin.port)).join(', ');
      return new SluiceError(
        'timeout-connect',
        `Connecting to ${tried} took longer than ${seconds} s: no answer came.`,
      );
    },
  );
  const connected = performance.now();
  if (origin.secure) await handshake(dialled, origin, settings, outer);
  const openedIn = {
    resolve: resolved - began,
    connect: connected - resolved,
    tls: origin.secure ? performance.now() - connected : 0,
  };
  dialled.connection = new Connection(dialled.socket, address, openedIn);
  return dialled.connection;
}

/** Waits for the end of the TLS handshake with `origin`. Throws `SluiceError`; the socket is closed then. */
export async function handshake(
  dialled: Dialled,
  origin: Origin,
  settings: ConnectSettings,
  outer: AbortSignal | undefined,
): Promise<void> {
  try {
    await withinTime(
      settings.tlsTimeoutMs,
      outer,
      () => handshakeEnd(dialled),
      () => {
        const where = hostPort(origin.host, origin.port);
        return new SluiceError(
          'timeout-tls',
          `The TLS handshake with ${where} took longer than ${settings.tlsTimeoutMs / 1000} s.`,
        );
      },
    );
  } catch (error) {
    dialled.socket.destroy();
    if (error instanceof SluiceError || outer?.aborted) throw error;
    throw tlsFailure(error, hostPort(origin.host, origin.port));
  }
}

function handshakeEnd({ socket }: Dialled): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off('secureConnect', made);
      socket.off('error', failed);
      socket.off('close', closed);
    };
    const made = () => {
      settle();
      resolve();
    };
    const failed = (error: Error) => {
      settle();
      reject(error);
    };
    // A server that hangs up during the handshake gives 'close' and, by the moment, no error.
    const closed = () => failed(new Error('the server closed the connection during the handshake'));
    socket.on('secureConnect', made);
    socket.on('error', failed);
    socket.on('close', closed);
  });
}
