import { describe, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../../src/connection/connect.js';
import type { Guard } from '../../src/connection/guard.js';
import { originOf } from '../../src/connection/origin.js';
import type { Address } from '../../src/connection/resolve.js';
import type { ConnectSettings } from '../../src/connection/settings.js';
import { errorOf } from '../support/failure.js';
import { freePort } from '../support/free-port.js';
import { silentAddress } from '../support/full-backlog.js';
import { closed, rawServer } from '../support/raw-server.js';

const V4: Address = { address: '127.0.0.1', family: 4 };
const V6: Address = { address: '::1', family: 6 };

type Settings = Partial<ConnectSettings> & { signal?: AbortSignal; guard?: Guard };

async function open(port: number, addresses: Address[], { signal, guard, ...settings }: Settings = {}) {
  const origin = originOf(new URL(`http://h.test:${port}/`));
  const all: ConnectSettings = {
    recvSize: 5120,
    tls: {},
    connectTimeoutMs: 5000,
    tlsTimeoutMs: 5000,
    lookup: () => Promise.resolve(addresses),
    ...settings,
  };
  const connection = await openConnection(origin, all, signal, guard);
  onTestFinished(() => connection.destroy());
  return connection;
}

describe('openConnection()', () => {
  test('tries the next address at once when the first refuses', async () => {
    const server = await rawServer(() => undefined);
    let fastest = Number.POSITIVE_INFINITY;
    // On a busy machine one alone may take as long as an attempt is given.
    for (let tries = 0; tries < 10 && fastest >= 200; tries++) {
      const connection = await open(server.port, [V6, V4]);
      expect(connection.address).toEqual(V4);
      expect(connection.openedIn.tls).toBe(0);
      fastest = Math.min(fastest, connection.openedIn.connect);
    }
    expect(fastest).toBeLessThan(200);
  });

  test('connects to ::1', async () => {
    const server = await rawServer(() => undefined, { host: '::1' });
    const connection = await open(server.port, [V6]);
    expect(connection.address).toEqual(V6);
  });

  test('tries the next address after 250 ms when the first does not answer (RFC 8305 section 5)', async () => {
    const silent = await silentAddress();
    const server = await rawServer(() => undefined, { port: silent.port });
    const connection = await open(server.port, [silent.address, V4]);
    expect(connection.address).toEqual(V4);
    expect(connection.openedIn.connect).toBeGreaterThan(200);
    expect(connection.openedIn.connect).toBeLessThan(900);
  });

  test('closes the slower of two connections', async () => {
    const silent = await silentAddress();
    const server = await rawServer(() => undefined, { port: silent.port });
    await open(server.port, [silent.address, V4]);
    expect(await silent.attempts()).toBe(0);
    expect(server.sockets).toHaveLength(1);
  });

  test('throws connection-refused that names every address when all refuse', async () => {
    const port = await freePort();
    const error = await errorOf(open(port, [V4, V6]));
    expect(error).toMatchObject({ code: 'connection-refused', exitCode: 7, phase: 'connect' });
    expect(error.message).toBe(
      `No connection could be made to 127.0.0.1:${port} (refused), [::1]:${port} (refused).`,
    );
    expect(error.publicMessage).not.toMatch(/\d/);
    expect(error.cause).toBeInstanceOf(AggregateError);
  });

  test('throws timeout-connect that names the addresses and the seconds when none answers', async () => {
    const silent = await silentAddress();
    const error = await errorOf(open(silent.port, [silent.address], { connectTimeoutMs: 200 }));
    expect(error).toMatchObject({ code: 'timeout-connect', exitCode: 28, phase: 'connect' });
    expect(error.message).toContain(`${silent.address.address}:${silent.port} took longer than 0.2 s`);
    expect(await silent.attempts()).toBe(0);
  });

  test('throws timeout-resolve when the lookup never answers', async () => {
    const lookup = () => new Promise<Address[]>(() => undefined);
    const error = await errorOf(open(1, [], { lookup, connectTimeoutMs: 80 }));
    expect(error).toMatchObject({ code: 'timeout-resolve', exitCode: 28, phase: 'resolve' });
    expect(error.message).toBe('Resolving h.test took longer than 0.08 s.');
  });

  test('rejects with the reason of the signal, before and while it resolves and connects', async () => {
    const silent = await silentAddress();
    const reason = new Error('enough');
    const before = AbortSignal.abort(reason);
    await expect(open(silent.port, [V4], { signal: before })).rejects.toBe(reason);
    for (const lookup of [
      () => new Promise<Address[]>(() => undefined),
      () => Promise.resolve([silent.address]),
    ]) {
      const controller = new AbortController();
      const opening = open(silent.port, [], { lookup, signal: controller.signal });
      setTimeout(() => controller.abort(reason), 40);
      await expect(opening).rejects.toBe(reason);
    }
    expect(await silent.attempts()).toBe(0);
  });

  test('dials what the guard admits of the addresses found, and nothing else', async () => {
    const refused = await rawServer(() => undefined, { host: '127.0.0.3' });
    const server = await rawServer(() => undefined, { port: refused.port });
    const found = [{ ...V4, address: '127.0.0.3' }, V6, V4];
    const asked: unknown[] = [];
    const guard: Guard = {
      admit: ({ host, port }, addresses) => {
        asked.push([host, port, addresses]);
        return addresses.filter(({ address }) => address === V4.address);
      },
      allows: () => true,
    };
    const connection = await open(server.port, found, { guard });
    expect(connection.address).toEqual(V4);
    expect([server.sockets.length, refused.sockets.length]).toEqual([1, 0]);
    expect(asked).toEqual([['h.test', server.port, expect.arrayContaining(found)]]);
  });

  test('rejects with what the guard throws, and connects to nobody', async () => {
    const server = await rawServer(() => undefined);
    const refusal = new Error('not there');
    const guard: Guard = {
      admit: () => {
        throw refusal;
      },
      allows: () => true,
    };
    await expect(open(server.port, [V4], { guard })).rejects.toBe(refusal);
    expect(server.sockets).toEqual([]);
  });

  test('leaves no connection behind that was made while the signal was aborted', async () => {
    const server = await rawServer(() => undefined);
    const controller = new AbortController();
    const opening = open(server.port, [V4], { signal: controller.signal });
    setImmediate(() => controller.abort(new Error('enough')));
    const outcome = await opening.catch(() => undefined);
    outcome?.destroy();
    for (const socket of server.sockets) await closed(socket);
    expect(outcome?.usable ?? false).toBe(false);
  });
});
