import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Dialled } from '../../src/connection/dial.js';
import { firstToConnect } from '../../src/connection/race.js';
import type { Address } from '../../src/connection/resolve.js';
import { errorOf } from '../support/failure.js';

const ADDRESSES: Address[] = [
  { address: '192.0.2.1', family: 4 },
  { address: '2001:db8::1', family: 6 },
];

function failing(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

describe('firstToConnect()', () => {
  test('throws connection-failed with the reason of each address where not all refuse', async () => {
    const reasons = [failing('ECONNREFUSED'), failing('ENETUNREACH')];
    const dial = (): Dialled => {
      const socket = new Socket();
      setImmediate(() => socket.destroy(reasons.shift()));
      return { socket, connection: undefined };
    };
    const error = await errorOf(firstToConnect(ADDRESSES, 80, dial, () => undefined));
    expect(error).toMatchObject({ code: 'connection-failed', exitCode: 7, phase: 'connect' });
    expect(error.message).toBe(
      'No connection could be made to 192.0.2.1:80 (refused), [2001:db8::1]:80 (network unreachable).',
    );
    expect(error.publicMessage).not.toMatch(/\d/);
  });
});
