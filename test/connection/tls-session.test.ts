import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionPool } from '../../src/connection/pool.js';
import { certificateFor } from '../support/certificates.js';
import { failureOf } from '../support/failure.js';
import { retrieve } from '../support/unguarded.js';

const CERTIFICATE = certificateFor('IP:127.0.0.1');

/** A server that closes after each response, and keeps whether each connection resumed a session. */
async function resumingServer(certificate = CERTIFICATE) {
  const resumed: boolean[] = [];
  const server = createServer(certificate, (socket: TLSSocket) => {
    resumed.push(socket.isSessionReused());
    socket.on('error', () => socket.destroy());
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'),
    );
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}/`, resumed };
}

describe('A TLS session', () => {
  test('is resumed by the next connection to the origin, and the response is the same', async () => {
    const { url, resumed } = await resumingServer();
    for (let i = 0; i < 3; i++) {
      const { bytes } = await retrieve(url, { ca: CERTIFICATE.cert, pool: new ConnectionPool() });
      expect(Buffer.from(bytes).toString()).toBe('ok');
    }
    expect(resumed).toEqual([false, true, true]);
  });

  test('is not resumed by who trusts in another way: what was accepted insecurely is looked at again', async () => {
    const { url, resumed } = await resumingServer();
    await retrieve(url, { insecure: true, pool: new ConnectionPool() });
    expect(await failureOf(retrieve(url, { pool: new ConnectionPool() }))).toMatchObject({
      code: 'certificate-rejected',
    });
    const other = certificateFor('IP:127.0.0.1', 'DNS:other.test');
    const error = await failureOf(retrieve(url, { ca: other.cert, pool: new ConnectionPool() }));
    expect(error.code).toBe('certificate-rejected');
    await retrieve(url, { ca: CERTIFICATE.cert, pool: new ConnectionPool() });
    expect(resumed.filter(Boolean)).toEqual([]);
  });
});
