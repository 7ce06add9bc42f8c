import type { Redis } from 'ioredis';
import { reasonOf, SluiceError } from '../../errors.js';

/** Where the queue is. Plain data: it goes to threads. */
export interface QueueAddress {
  /** `redis://[[user]:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** PEM: whom to trust instead of the well-known authorities. */
  readonly ca?: string | undefined;
}

/** How long a Redis that has gone may stay away. */
const PATIENCE_MS = 60_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2000;

/**
 * A connection to the Redis at `address`, which comes back by itself for a minute when it is lost. Rejects with `option-invalid` where the address is none, and with
 * `queue-failed` where nobody answers, the password is not taken, or there is no such database.
 */
export async function connect(address: QueueAddress): Promise<Redis> {
  const { isTls } = parsed(address.url);
  const { Redis } = await import('ioredis');
  let everReady = false;
  let goneSince: number | undefined;
  const client = new Redis(address.url, {
    lazyConnect: true,
    // Commands wait for the connection to come back.
    maxRetriesPerRequest: null,
    ...(isTls ? { tls: address.ca === undefined ? {} : { ca: address.ca } } : {}),
    retryStrategy(times) {
      goneSince ??= Date.now();
      if (!everReady || Date.now() - goneSince > PATIENCE_MS) return null;
      return Math.min(FIRST_RETRY_MS * 2 ** times, LONGEST_RETRY_MS);
    },
  });
  let failure: unknown;
  client.on('error', (error) => {
    failure ??= error;
  });
  client.on('ready', () => {
    goneSince = undefined;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    failure ??= error;
  }
  if (failure !== undefined) {
    client.disconnect();
    throw queueFailed(address, failure);
  }
  everReady = true;
  return client;
}

/** What to throw for `error`, which came while the queue was in use: `isGone` is that its connection has come to its end. */
export function queueFailure(address: QueueAddress, error: unknown, isGone: boolean): unknown {
  if (error instanceof SluiceError && error.code !== 'aborted') return error;
  if (isGone) return queueFailed(address, new Error('it has been away for too long'));
  return isRefusal(error) ? queueFailed(address, error) : error;
}

/** `failure` of the queue at `address`, in one sentence that does not tell the password. */
function queueFailed({ url }: QueueAddress, failure: unknown): SluiceError {
  const { shown } = parsed(url);
  const reason = reasonOf(failure)
    .replace(/ script: .*$/, '')
    .replace(/\.$/, '');
  let says = `could not be reached: ${reason}`;
  if (isRefusal(failure)) says = `refuses what it is asked for: ${reason}`;
  if (/WRONGPASS|NOAUTH|invalid password/i.test(reason))
    says = 'wants another password: give it as redis://:PASSWORD@HOST';
  return new SluiceError('queue-failed', `The queue at ${shown} ${says}.`, { cause: failure });
}

/** What Redis itself says no to: no memory left, no right, a copy that takes no writes. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** The address without its secrets. */
export function shownAddress({ url }: QueueAddress): string {
  return parsed(url).shown;
}

function parsed(url: string): { readonly shown: string; readonly isTls: boolean } {
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts === undefined || !/^rediss?:$/.test(parts.protocol) || !/^(\/\d*)?$/.test(parts.pathname))
    throw new SluiceError(
      'option-invalid',
      'The address of the queue must be redis://[:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS.',
    );
  const { host, protocol, pathname } = parts;
  return { shown: `${protocol}//${host}${pathname}`, isTls: protocol === 'rediss:' };
}
