import { reasonOf, SluiceError, systemCode } from '../errors.js';
import type { Dialled } from './dial.js';
import { hostPort } from './origin.js';
import type { Address } from './resolve.js';
import type { WhenEnded } from './within-time.js';

/**
 * RFC 8305 §5: the next address is tried when the ones before have not answered for this long. They go on nevertheless: a
 * server 300 ms away must not fail because 250 ms were thought enough.
 */
const ATTEMPT_DELAY_MS = 250;

/** The first address that answered. */
export interface Winner {
  readonly dialled: Dialled;
  readonly address: Address;
}

/**
 * Connects to `addresses` in turn and takes the first that answers; the others' sockets are closed. A refusal starts
 * the next at once. Throws `connection-refused` or `connection-failed` when all failed.
 */
export function firstToConnect(
  addresses: readonly Address[],
  port: number,
  dial: (address: Address) => Dialled,
  whenEnded: WhenEnded,
): Promise<Winner> {
  return new Promise((resolve, reject) => {
    const open = new Set<Dialled>();
    const failures: { address: Address; error: Error }[] = [];
    let started = 0;
    let timer: NodeJS.Timeout | undefined;

    const settle = (winner?: Dialled) => {
      clearTimeout(timer);
      for (const other of open) if (other !== winner) other.socket.destroy();
    };
    const fail = (dialled: Dialled, address: Address, error: Error) => {
      open.delete(dialled);
      failures.push({ address, error });
      if (failures.length === addresses.length) {
        settle();
        reject(allFailed(failures, port));
      } else if (open.size === 0) next();
    };
    const next = () => {
      clearTimeout(timer);
      const address = addresses[started++];
      if (address === undefined) return;
      const dialled = dial(address);
      open.add(dialled);
      // After the race this listener stays: an error that comes late must not be an uncaught one.
      dialled.socket.on('error', (error) => {
        if (open.has(dialled)) fail(dialled, address, error);
      });
      dialled.socket.once('connect', () => {
        if (!open.has(dialled)) return;
        settle(dialled);
        open.clear();
        resolve({ dialled, address });
      });
      timer = setTimeout(next, ATTEMPT_DELAY_MS);
    };

    whenEnded(() => {
      settle();
      open.clear();
    });
    next();
  });
}

function allFailed(failures: readonly { address: Address; error: Error }[], port: number): SluiceError {
  const refused = failures.every(({ error }) => systemCode(error) === 'ECONNREFUSED');
  const tried = failures.map(({ address, error }) => `${hostPort(address.address, port)} (${says(error)})`);
  const code = refused ? 'connection-refused' : 'connection-failed';
  const cause =
    failures.length === 1 ? failures[0]!.error : new AggregateError(failures.map(({ error }) => error));
  return new SluiceError(code, `No connection could be made to ${tried.join(', ')}.`, { cause });
}

function says(error: Error): string {
  const words: Record<string, string> = {
    ECONNREFUSED: 'refused',
    ENETUNREACH: 'network unreachable',
    EHOSTUNREACH: 'host unreachable',
    ETIMEDOUT: 'no answer',
    ECONNRESET: 'reset',
  };
  return words[systemCode(error) ?? ''] ?? reasonOf(error);
}
