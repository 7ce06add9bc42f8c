import { isIP } from 'node:net';
import { reasonOf, SluiceError, systemCode } from '../errors.js';
import { systemLookup } from './system-lookup.js';

/** One address of a host. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Gives all addresses of a host name, or throws. The port is told for those who answer by it; names have none. */
export type Lookup = (host: string, port: number) => Promise<Address[]>;

/**
 * All addresses of `host`, in the order to try them: the system's order, families in turn (RFC 8305 §4), so that a broken
 * IPv6 costs one attempt and not all of them. An address stands for itself. Throws `name-not-resolved`.
 */
export async function resolveHost(
  host: string,
  port: number,
  lookupAll: Lookup = systemLookup,
): Promise<Address[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family: family as 4 | 6 }];
  let addresses: Address[];
  try {
    addresses = await lookupAll(host, port);
  } catch (error) {
    throw new SluiceError(
      'name-not-resolved',
      `The host name ${host} could not be resolved: ${why(error)}.`,
      { cause: error },
    );
  }
  if (addresses.length === 0) {
    throw new SluiceError(
      'name-not-resolved',
      `The host name ${host} could not be resolved: it has no address.`,
    );
  }
  return familiesInTurn(addresses);
}

/** What getaddrinfo(3) and c-ares say, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name is known',
  ENODATA: 'it has no address',
  EAI_AGAIN: 'the name server did not answer',
  ETIMEOUT: 'the name server did not answer',
  ECONNREFUSED: 'the name server could not be reached',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused to answer',
};

function why(error: unknown): string {
  return REASONS[systemCode(error) ?? ''] ?? reasonOf(error);
}

/** Reorders addresses so that the families alternate, beginning with the first one's. */
export function familiesInTurn(addresses: readonly Address[]): Address[] {
  const first = addresses[0]?.family;
  const leading = addresses.filter(({ family }) => family === first);
  const others = addresses.filter(({ family }) => family !== first);
  return leading
    .flatMap((address, i) => [address, ...others.slice(i, i + 1)])
    .concat(others.slice(leading.length));
}
