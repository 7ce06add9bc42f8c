import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../../src/connection/connect.js';
import { originOf } from '../../src/connection/origin.js';
import type { ConnectSettings, TlsSettings } from '../../src/connection/settings.js';
import { certificateFor } from '../support/certificates.js';
import { errorOf, failureOf } from '../support/failure.js';
import { joiningRelay } from '../support/joining.js';
import { closed, type RawServer, rawServer } from '../support/raw-server.js';
import { retrieve } from '../support/unguarded.js';

const named = certificateFor('DNS:pictures.test', 'IP:127.0.0.1');

interface Where {
  readonly host?: string;
  readonly tls?: TlsSettings;
  readonly tlsTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

async function open(
  server: RawServer,
  { host = 'pictures.test', tls = {}, signal, ...settings }: Where = {},
) {
  const origin = originOf(new URL(`https://${host}:${server.port}/`));
  const all: ConnectSettings = {
    recvSize: 5120,
    tls,
    connectTimeoutMs: 5000,
    tlsTimeoutMs: 5000,
    lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    ...settings,
  };
  const connection = await openConnection(origin, all, signal);
  onTestFinished(() => connection.destroy());
  return connection;
}

describe('openConnection() with TLS', () => {
  test('trusts a certificate of the given authority, and tells the server the name (SNI)', async () => {
    const server = await rawServer(() => undefined, { tls: named });
    const connection = await open(server, { tls: { ca: named.cert } });
    expect(connection.usable).toBe(true);
    await sleep(20);
    expect(server.serverNames).toEqual(['pictures.test']);
  });

  test('sends no SNI for an address (RFC 6066 section 3), and checks the address', async () => {
    const server = await rawServer(() => undefined, { tls: named });
    await open(server, { host: '127.0.0.1', tls: { ca: named.cert } });
    await sleep(20);
    expect(server.serverNames).toEqual([false]);
  });

  test('throws certificate-rejected for a self-signed certificate', async () => {
    const server = await rawServer(() => undefined, { tls: named });
    const error = await errorOf(open(server));
    expect(error).toMatchObject({ code: 'certificate-rejected', exitCode: 60, phase: 'tls' });
    expect(error.message).toContain(`pictures.test:${server.port}`);
    expect(error.publicMessage).not.toMatch(/pictures|\d/);
  });

  test('throws certificate-rejected for a certificate of another name or another authority', async () => {
    const server = await rawServer(() => undefined, { tls: named });
    const wrongName = await errorOf(open(server, { host: 'other.test', tls: { ca: named.cert } }));
    expect(wrongName).toMatchObject({ code: 'certificate-rejected', exitCode: 60 });
    expect(wrongName.message).toMatch(/other\.test/);
    const other = certificateFor('DNS:pictures.test');
    const wrongAuthority = await errorOf(open(server, { tls: { ca: other.cert } }));
    expect(wrongAuthority).toMatchObject({ code: 'certificate-rejected', exitCode: 60 });
  });

  test('accepts any certificate when it is told to', async () => {
    const server = await rawServer(() => undefined, { tls: named });
    const connection = await open(server, { host: 'other.test', tls: { insecure: true } });
    expect(connection.usable).toBe(true);
  });

  test('throws tls-failed when the server speaks plain HTTP', async () => {
    const server = await rawServer(({ socket }) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await errorOf(open(server));
    expect(error).toMatchObject({ code: 'tls-failed', exitCode: 35, phase: 'tls' });
  });

  test('throws tls-failed when the server hangs up or resets during the handshake', async () => {
    const hangsUp = await rawServer(({ socket }) => {
      socket.once('data', () => socket.end());
    });
    expect(await errorOf(open(hangsUp))).toMatchObject({ code: 'tls-failed', exitCode: 35 });
    const resets = await rawServer(({ socket }) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect(await errorOf(open(resets))).toMatchObject({ code: 'tls-failed', exitCode: 35 });
  });

  test('throws timeout-tls when the server accepts and is silent, and closes the connection', async () => {
    const server = await rawServer(() => undefined);
    const error = await errorOf(open(server, { tlsTimeoutMs: 100 }));
    expect(error).toMatchObject({ code: 'timeout-tls', exitCode: 28, phase: 'tls' });
    expect(error.message).toContain('took longer than 0.1 s');
    await closed(server.sockets[0]!);
  });

  test('rejects with the reason of the signal during the handshake, and closes the connection', async () => {
    const server = await rawServer(() => undefined);
    const controller = new AbortController();
    const reason = new Error('enough');
    const opening = open(server, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 60);
    await expect(opening).rejects.toBe(reason);
    await closed(server.sockets[0]!);
  });
});

describe('retrieve()', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'throws reply-malformed when a server speaks with the end of its %s handshake',
    async (version) => {
      const server = await rawServer(({ socket }) => void socket.write('* OK IMAP4rev1 ready\r\n'), {
        tls: { ...named, minVersion: version, maxVersion: version },
      });
      const relay = await joiningRelay(server);
      const url = `https://${relay.authority}/`;
      const error = await failureOf(retrieve(url, { ca: named.cert, timeouts: { firstByte: 5000 } }));
      expect(error).toMatchObject({ code: 'reply-malformed', exitCode: 8 });
      expect(error.message).toContain('it begins with "*"');
    },
  );
});
