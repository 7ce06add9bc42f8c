import { once } from 'node:events';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Socket,
} from 'node:net';
import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { endedByCloseNotify } from '../../src/connection/tls-end.js';
import { certificateFor } from '../support/certificates.js';
import { failureOf } from '../support/failure.js';
import { retrieve } from '../support/unguarded.js';

const CERTIFICATE = certificateFor('IP:127.0.0.1');
const VERSIONS: SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];
/** How the server ends, and whether that says that it is the end. */
const ENDS: [string, boolean, (tls: TLSSocket, tcp: Socket) => void][] = [
  ['close_notify', true, (tls) => void tls.end()],
  ['the end of TCP alone', false, (_tls, tcp) => void tcp.end()],
];
const BODY_BYTES = 50_000;

/** A TLS server that sends a body that only the close ends, and ends by `end`, at once or `later`. */
async function tlsServer(
  version: SecureVersion,
  later: boolean,
  end: (tls: TLSSocket, tcp: Socket) => void,
): Promise<number> {
  const raw = new Map<number | undefined, Socket>();
  const server = createServer({ ...CERTIFICATE, minVersion: version, maxVersion: version }, (tls) => {
    tls.on('error', () => tls.destroy());
    tls.once('data', () => {
      tls.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(BODY_BYTES)}`, () => {
        const tcp = raw.get(tls.remotePort)!;
        if (later) setTimeout(() => end(tls, tcp), 30);
        else end(tls, tcp);
      });
    });
  });
  server.on('connection', (socket: Socket) => raw.set(socket.remotePort, socket));
  onTestFinished(() => {
    server.close();
    for (const socket of raw.values()) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe.each(VERSIONS)('%s', (version) => {
  describe.each([false, true])('ended later: %s', (later) => {
    test.each(ENDS)('endedByCloseNotify() of %s is %s', async (_, orderly, end) => {
      const port = await tlsServer(version, later, end);
      const onread = { buffer: Buffer.alloc(16_384), callback: () => true };
      const options = { host: '127.0.0.1', port, rejectUnauthorized: false, onread };
      const socket = connect(options);
      socket.write('GET / HTTP/1.1\r\n\r\n');
      await once(socket, 'end');
      expect(endedByCloseNotify(socket)).toBe(orderly);
      socket.destroy();
    });

    test.each(ENDS)('a body that only the close ends is whole after %s: %s', async (_, orderly, end) => {
      const port = await tlsServer(version, later, end);
      const work = retrieve(`https://127.0.0.1:${port}/`, { insecure: true });
      if (orderly) expect((await work).bodyBytes).toBe(BODY_BYTES);
      else expect(await failureOf(work)).toMatchObject({ code: 'cut-short', exitCode: 18 });
    });

    test.each(ENDS)('the same for a slow reader, after %s: %s', async (_, orderly, end) => {
      const port = await tlsServer(version, later, end);
      const slow = {
        write: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
        commit: () => undefined,
        abort: () => undefined,
      };
      const work = retrieve(`https://127.0.0.1:${port}/`, { insecure: true, to: () => slow });
      if (orderly) expect((await work).bodyBytes).toBe(BODY_BYTES);
      else expect(await failureOf(work)).toMatchObject({ code: 'cut-short', exitCode: 18 });
    });
  });
});

test('endedByCloseNotify() is true on plain TCP', async () => {
  const server = createTcpServer((socket) => void socket.end('bytes')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const socket = connectTcp((server.address() as AddressInfo).port, '127.0.0.1').resume();
  await once(socket, 'end');
  expect(endedByCloseNotify(socket)).toBe(true);
});
