import { once } from 'node:events';
import { SluiceError } from '../errors.js';
import { Connection } from './connection.js';
import { type Dialled, dialTcp, tlsDialler } from './dial.js';
import type { Guard } from './guard.js';
import { hostPort, type Origin } from './origin.js';
import { firstToConnect } from './race.js';
import { type Address, resolveHost } from './resolve.js';
import type { ConnectSettings } from './settings.js';
import { tlsFailure } from './tls-failure.js';

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
    ? await tlsDialler(origin, settings.tls, settings.recvSize)
    : (address: Address) => dialTcp(origin, address, settings.recvSize);
  const left = settings.connectTimeoutMs - (resolved - began);
  const { dialled, address } = await withinTime(
    left,
    outer,
    (signal) => firstToConnect(addresses, origin.port, dial, signal),
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
      (signal) => handshakeEnd(dialled, signal),
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

async function handshakeEnd({ socket }: Dialled, signal: AbortSignal): Promise<void> {
  // A server that hangs up during the handshake gives 'close' and, by the moment, no error.
  const closed = once(socket, 'close', { signal }).then(() => {
    throw new Error('the server closed the connection during the handshake');
  });
  await Promise.race([once(socket, 'secureConnect', { signal }), closed]);
}

/**
 * Runs `work` with a signal that is aborted when `ms` milliseconds are over (with the error that `late` makes) or when `outer` is.
 */
export async function withinTime<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => SluiceError,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const forward = () => controller.abort(outer?.reason);
  const timer = setTimeout(() => controller.abort(late()), ms);
  outer?.addEventListener('abort', forward, { once: true });
  if (outer?.aborted) forward();
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', forward);
  }
}
