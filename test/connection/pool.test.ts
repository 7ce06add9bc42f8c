import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Guard } from '../../src/connection/guard.js';
import { originOf } from '../../src/connection/origin.js';
import { ConnectionPool } from '../../src/connection/pool.js';
import type { ConnectSettings } from '../../src/connection/settings.js';
import { certificateFor } from '../support/certificates.js';
import { closed, rawServer } from '../support/raw-server.js';

const SETTINGS: ConnectSettings = { recvSize: 5120, tls: {}, connectTimeoutMs: 5000, tlsTimeoutMs: 5000 };

function newPool(): ConnectionPool {
  const pool = new ConnectionPool();
  onTestFinished(() => pool.close());
  return pool;
}

describe('ConnectionPool', () => {
  test('gives back an idle connection, the one used last first', async () => {
    const server = await rawServer(() => undefined);
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    expect(pool.take(origin, SETTINGS)).toBeUndefined();
    const [first, second] = [await pool.open(origin, SETTINGS), await pool.open(origin, SETTINGS)];
    pool.give(first, origin, SETTINGS);
    pool.give(second, origin, SETTINGS);
    expect(pool.take(origin, SETTINGS)).toBe(second);
    expect(pool.take(origin, SETTINGS)).toBe(first);
    expect(pool.take(origin, SETTINGS)).toBeUndefined();
    expect([first.uses, second.uses]).toEqual([1, 1]);
    first.destroy();
    second.destroy();
  });

  test('keeps 1024 in all, whatever their origins, and lets go of those that are idle longest', async () => {
    const server = await rawServer(() => undefined, { host: '0.0.0.0' });
    const origins = Array.from({ length: 1024 + 6 }, (_, n) =>
      originOf(new URL(`http://127.1.${n >> 8}.${n & 255}:${server.port}/`)),
    );
    const pool = newPool();
    // However long it takes, none of them becomes too old.
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    onTestFinished(() => now.mockRestore());
    for (const origin of origins) pool.give(await pool.open(origin, SETTINGS), origin, SETTINGS);
    const kept = origins.map((origin) => pool.take(origin, SETTINGS));
    for (const connection of kept) connection?.destroy();
    expect(kept.map((connection) => connection !== undefined)).toEqual(origins.map((_, n) => n >= 6));
  });

  test('keeps apart what differs by origin, size of a receive, trust, client certificate or lookup', async () => {
    const { cert, key } = certificateFor('IP:127.0.0.1');
    const server = await rawServer(() => undefined, { tls: { cert, key } });
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    const settings: ConnectSettings = { ...SETTINGS, tls: { ca: cert } };
    const connection = await pool.open(origin, settings);
    pool.give(connection, origin, settings);
    const others: ConnectSettings[] = [
      { ...settings, recvSize: 5121 },
      { ...settings, tls: {} },
      { ...settings, tls: { ca: cert, insecure: true } },
      { ...settings, tls: { ca: cert, cert, key } },
      { ...settings, lookup: () => Promise.resolve([]) },
    ];
    for (const other of others) expect(pool.take(origin, other)).toBeUndefined();
    for (const url of [
      server.url().replace('127.0.0.1', 'localhost'),
      'https://127.0.0.1:1/',
      'http://127.0.0.1/',
    ]) {
      expect(pool.take(originOf(new URL(url)), settings)).toBeUndefined();
    }
    expect(pool.take(origin, settings)).toBe(connection);
    connection.destroy();
  });

  test('gives none whose address the guard does not allow, and keeps it for others', async () => {
    const server = await rawServer(() => undefined);
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    const connection = await pool.open(origin, SETTINGS);
    pool.give(connection, origin, SETTINGS);
    const allowing = (allowed: boolean): Guard => ({
      admit: (_, addresses) => addresses,
      allows: (asked, { address }) => asked === origin && address === '127.0.0.1' && allowed,
    });
    expect(pool.take(origin, SETTINGS, allowing(false))).toBeUndefined();
    expect(connection.usable).toBe(true);
    expect(pool.take(origin, SETTINGS, allowing(true))).toBe(connection);
    connection.destroy();
  });

  test('gives no connection that the server has closed meanwhile', async () => {
    const server = await rawServer(({ socket }) => {
      setTimeout(() => socket.end(), 20);
    });
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    const connection = await pool.open(origin, SETTINGS);
    pool.give(connection, origin, SETTINGS);
    await closed(connection.socket);
    expect(pool.take(origin, SETTINGS)).toBeUndefined();
  });

  test('closes a connection on which bytes come while it is idle', async () => {
    const server = await rawServer(({ socket }) => {
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 20);
    });
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    const connection = await pool.open(origin, SETTINGS);
    pool.give(connection, origin, SETTINGS);
    await closed(connection.socket);
    expect(pool.take(origin, SETTINGS)).toBeUndefined();
  });

  test('closes the connections that are idle beyond 256 of one origin', async () => {
    const server = await rawServer(() => undefined);
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    const connections = await Promise.all(Array.from({ length: 258 }, () => pool.open(origin, SETTINGS)));
    for (const connection of connections) pool.give(connection, origin, SETTINGS);
    expect(connections.filter(({ usable }) => !usable)).toEqual(connections.slice(0, 2));
  });

  test('close closes all that is idle', async () => {
    const server = await rawServer(() => undefined);
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    const connection = await pool.open(origin, SETTINGS);
    pool.give(connection, origin, SETTINGS);
    pool.close();
    await closed(connection.socket);
    expect(pool.take(origin, SETTINGS)).toBeUndefined();
  });

  test('closes what was idle for more than 4 s', async () => {
    const server = await rawServer(() => undefined);
    const origin = originOf(new URL(server.url()));
    const pool = newPool();
    const connection = await pool.open(origin, SETTINGS);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    pool.give(connection, origin, SETTINGS);
    vi.advanceTimersByTime(3900);
    expect(connection.usable).toBe(true);
    vi.advanceTimersByTime(200);
    expect(connection.usable).toBe(false);
    expect(pool.take(origin, SETTINGS)).toBeUndefined();
  });
});
