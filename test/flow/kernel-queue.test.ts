import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findQueues, readKernelQueues, watchKernelQueue } from '../../src/flow/kernel-queue.js';
import { Ledger } from '../../src/flow/ledger.js';
import { rawServer } from '../support/raw-server.js';

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const REST = '00:00000000 00000000     0        0 1 1 0000000000000000 20 4 30 10 -1\n';
const TABLE =
  HEADING +
  `   0: 0100007F:1F90 00000000:0000 0A 00000000:00000005 ${REST}` +
  `   1: 0100007F:1F90 0100007F:D431 01 0026A2E0:00000000 ${REST}` +
  `   2: 0100007F:D431 0100007F:1F90 01 00000000:0003F7A0 ${REST}` +
  `   3: 0100007F:0050 0100007F:D431 08 00000001:00000002 ${REST}`;
const TABLE6 =
  HEADING +
  `   0: 00000000000000000000000001000000:D432 00000000000000000000000001000000:1F90 01 00000000:00000400 ${REST}`;

describe('findQueues()', () => {
  test('finds the row by its ports, from either end', () => {
    expect(findQueues(TABLE, { localPort: 0xd431, remotePort: 8080, family: 4 })).toEqual({
      tx: 0,
      rx: 0x3f7a0,
    });
    expect(findQueues(TABLE, { localPort: 8080, remotePort: 0xd431, family: 4 })).toEqual({
      tx: 0x26a2e0,
      rx: 0,
    });
    expect(findQueues(TABLE, { localPort: 80, remotePort: 0xd431, family: 4 })).toEqual({ tx: 1, rx: 2 });
  });

  test('reads the table of IPv6 as well', () => {
    expect(findQueues(TABLE6, { localPort: 0xd432, remotePort: 8080, family: 6 })).toEqual({
      tx: 0,
      rx: 1024,
    });
  });

  test('is undefined without such a row', () => {
    expect(findQueues(TABLE, { localPort: 8080, remotePort: 1, family: 4 })).toBeUndefined();
    expect(findQueues(HEADING, { localPort: 8080, remotePort: 1, family: 4 })).toBeUndefined();
    expect(findQueues('', { localPort: 8080, remotePort: 1, family: 4 })).toBeUndefined();
  });
});

describe('readKernelQueues()', () => {
  test.each(['127.0.0.1', '::1'])('sees what a client on %s has not read', async (host) => {
    const bytes = 10_000;
    const server = await rawServer(({ socket }) => void socket.write(Buffer.alloc(bytes)), { host });
    const client = connect({
      host,
      port: server.port,
      onread: { buffer: Buffer.alloc(1), callback: () => false },
    });
    onTestFinished(() => void client.destroy());
    await new Promise((resolve) => client.once('connect', resolve));
    const ends = {
      localPort: Number(client.localPort),
      remotePort: server.port,
      family: host === '::1' ? 6 : 4,
    } as const;
    let queues = readKernelQueues(ends);
    for (let i = 0; i < 400 && queues?.rx !== bytes - 1; i++) {
      await sleep(5);
      queues = readKernelQueues(ends);
    }
    // One byte is read before the callback can say that it wants no more.
    expect(queues).toEqual({ tx: 0, rx: bytes - 1 });
  });
});

describe('watchKernelQueue()', () => {
  test('looks again and again until it is told to stop', async () => {
    const server = await rawServer(({ socket }) => void socket.write(Buffer.alloc(10_000)));
    const client = connect({
      host: '127.0.0.1',
      port: server.port,
      onread: { buffer: Buffer.alloc(1), callback: () => false },
    });
    onTestFinished(() => void client.destroy());
    await new Promise((resolve) => client.once('connect', resolve));
    const ledger = new Ledger(1);
    const stop = watchKernelQueue(
      { localPort: Number(client.localPort), remotePort: server.port, family: 4 },
      ledger,
    );
    for (let i = 0; i < 1000 && ledger.figures().queue.looks < 3; i++) await sleep(10);
    stop();
    const { queue } = ledger.figures();
    expect(queue.looks).toBeGreaterThanOrEqual(3);
    expect(queue.max).toBeGreaterThanOrEqual(9_999);
    await sleep(60);
    expect(ledger.figures().queue.looks).toBe(queue.looks);
  });
});
