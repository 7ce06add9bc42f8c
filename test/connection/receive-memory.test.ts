import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../../src/connection/connect.js';
import { originOf } from '../../src/connection/origin.js';
import { ReceiveMemory } from '../../src/connection/receive-memory.js';
import { rawServer } from '../support/raw-server.js';

const CONNECTIONS = 200;
const RECV_SIZE = 64 * 1024;

describe('ReceiveMemory', () => {
  test('leaves every view that is held as it was, whatever others receive meanwhile', () => {
    const size = 16;
    const sockets = 100;
    const step = fc.record({
      socket: fc.nat({ max: sockets - 1 }),
      length: fc.integer({ min: 1, max: size }),
      byte: fc.nat({ max: 255 }),
      after: fc.constantFrom('over', 'more', 'held', 'closed'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 300, maxLength: 400 }), (steps) => {
        const memories = Array.from({ length: sockets }, () => new ReceiveMemory(size));
        const given = memories.map((memory) => memory.next(false)!);
        const held = new Map<number, { view: Buffer; byte: number }>();
        for (const { socket, length, byte, after } of steps) {
          const memory = memories[socket]!;
          // A socket whose bytes are held is stopped: nothing comes before they are taken.
          held.delete(socket);
          given[socket]!.fill(byte, 0, length);
          const view = memory.received(length);
          expect([...view]).toEqual(Array(length).fill(byte));
          if (after === 'held' || after === 'closed') held.set(socket, { view, byte });
          given[socket] = memory.next(after === 'over') ?? given[socket]!;
          if (after === 'closed') {
            memory.close();
            memories[socket] = new ReceiveMemory(size);
            given[socket] = memories[socket].next(false)!;
          }
          const isChanged = [...held.values()].some((one) => one.view.some((byte) => byte !== one.byte));
          expect(isChanged).toBe(false);
        }
        for (const memory of memories) memory.close();
      }),
      { numRuns: 10 },
    );
  });

  test('is none of a connection from which nothing has come', async () => {
    const server = await rawServer(() => undefined);
    const settings = { recvSize: RECV_SIZE, tls: {}, connectTimeoutMs: 5000, tlsTimeoutMs: 5000 };
    const before = process.memoryUsage().arrayBuffers;
    const origin = originOf(new URL(server.url()));
    const connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => openConnection(origin, settings)),
    );
    onTestFinished(() => connections.forEach((connection) => void connection.destroy()));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan((CONNECTIONS * RECV_SIZE) / 4);
  });
});
