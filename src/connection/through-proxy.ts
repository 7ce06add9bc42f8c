import { type ErrorCode, SluiceError } from '../errors.js';
import { handshake, openConnection } from './connect.js';
import { Connection } from './connection.js';
import { type Dialled, keepSession, TLS_RECORD_BYTES, tlsOptions } from './dial.js';
import type { Origin } from './origin.js';
import type { HttpProxy } from './proxy.js';
import type { ConnectSettings } from './settings.js';
import { inSentence, noTunnel, openTunnel } from './tunnel.js';
import { withinTime } from './within-time.js';

/** The answer to CONNECT is a head. */
const ANSWER_BYTES = 4096;

/**
 * Opens a connection to `origin` by way of `proxy`. For http it is one to the proxy, which is sent the request whole; for https it is a tunnel
 * with TLS from end to end, so that the proxy learns the origin's name and no more. The proxy resolves that name. Throws `SluiceError`.
 */
export async function openThroughProxy(
  origin: Origin,
  proxy: HttpProxy,
  settings: ConnectSettings,
  outer?: AbortSignal,
): Promise<Connection> {
  const recvSize = origin.secure ? ANSWER_BYTES : settings.recvSize;
  const toProxy = await openProxy(proxy, { ...settings, recvSize }, outer);
  if (!origin.secure) return toProxy;
  try {
    return await openThroughTunnel(toProxy, origin, proxy, settings, outer);
  } catch (error) {
    toProxy.destroy();
    throw error;
  }
}

/** What is told of the proxy and not of the host, and by which code. Other failures are not of its making, such as an abort. */
const PROXY_CODES: Partial<Record<ErrorCode, ErrorCode>> = {
  'name-not-resolved': 'proxy-failed',
  'connection-refused': 'proxy-failed',
  'connection-failed': 'proxy-failed',
  'timeout-resolve': 'timeout-resolve',
  'timeout-connect': 'timeout-connect',
  'timeout-tls': 'timeout-tls',
  'tls-failed': 'tls-failed',
  'certificate-rejected': 'certificate-rejected',
};

/** Only the authorities to trust hold for a proxy too: `insecure` and the client certificate are for the origin. */
async function openProxy(
  proxy: HttpProxy,
  settings: ConnectSettings,
  outer: AbortSignal | undefined,
): Promise<Connection> {
  try {
    return await openConnection(proxy, { ...settings, tls: { ca: settings.tls.ca } }, outer);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const code = PROXY_CODES[error.code];
    if (code === undefined) throw error;
    const says = `The proxy ${proxy.shown} could not be reached: ${inSentence(error.message)}`;
    throw new SluiceError(code, says, { cause: error, phase: error.phase });
  }
}

async function openThroughTunnel(
  toProxy: Connection,
  origin: Origin,
  proxy: HttpProxy,
  settings: ConnectSettings,
  outer: AbortSignal | undefined,
): Promise<Connection> {
  const { connectTimeoutMs, recvSize } = settings;
  const { address, openedIn } = toProxy;
  const began = performance.now();
  await withinTime(
    connectTimeoutMs - openedIn.resolve - openedIn.connect,
    outer,
    () => openTunnel(toProxy, origin, proxy),
    () =>
      new SluiceError(
        'timeout-connect',
        `${noTunnel(proxy, origin)} within ${connectTimeoutMs / 1000} s for connecting.`,
      ),
  );
  const tunnelled = performance.now();
  const dialled = dialThrough(toProxy, origin, settings);
  await handshake(dialled, origin, settings, outer);
  const connection = new Connection(dialled.socket, address, {
    resolve: openedIn.resolve,
    connect: openedIn.connect + tunnelled - began,
    tls: openedIn.tls + performance.now() - tunnelled,
  });
  receiveByEvents(connection, recvSize);
  return connection;
}

/** Begins TLS with the origin on the socket to the proxy, which it takes over. */
function dialThrough(toProxy: Connection, origin: Origin, { tls }: ConnectSettings): Dialled {
  const { connect } = process.getBuiltinModule('node:tls');
  // `host` is whom the certificate must name where it is an address, which no SNI tells.
  const socket = connect({ socket: toProxy.socket, host: origin.host, ...tlsOptions(origin, tls) });
  keepSession(socket, origin, tls);
  // An error that comes late must not be an uncaught one; handshake and connection listen as well.
  socket.on('error', () => undefined);
  return { socket, connection: undefined };
}

/**
 * Node passes over `onread` where it is given a socket, so what comes through a tunnel is told by events, in buffers of their own. A stop holds here
 * too: a stream that is paused takes two records more, and then reads no further.
 */
function receiveByEvents(connection: Connection, recvSize: number): void {
  const size = Math.min(recvSize, TLS_RECORD_BYTES);
  connection.socket.on('data', (data: Buffer) => {
    for (let at = 0; at < data.length; at += size) connection.received(data.subarray(at, at + size));
  });
}
