import type { RecordWithTtl } from 'node:dns';
import { isIP } from 'node:net';
import { SluiceError, systemCode } from '../errors.js';
import { cachedLookup } from './answer-cache.js';
import type { Address, Lookup } from './resolve.js';

/** A name whose record may be kept for longer is asked for again after a day. */
const MOST_KEPT_SECONDS = 86_400;
/** Of one attempt; each further one is given twice the time. All together stay below the default time for connecting. */
const ATTEMPT_MS = 1_500;
const ATTEMPTS = 3;

/** RFC 6761 §6.3: what is called so is this machine, whatever a name server says. */
const LOCALHOST = /^(.+\.)?localhost\.?$/;
const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The lookups made so far: who names the same servers again gets the same one, and so shares its answers and the connections made by it. */
const MADE = new Map<string, Lookup>();
const MOST_MADE = 16;

/**
 * Asks the name servers `servers` (`ADDRESS` or `ADDRESS:PORT`, IPv6 with a port in brackets) and nobody else, by c-ares; answers are kept for their TTL.
 * The hosts file is not read. Throws `option-invalid` for what is no address.
 */
export function dnsLookup(servers: readonly string[]): Lookup {
  const key = servers.join(',');
  const made = MADE.get(key);
  if (made !== undefined) return made;
  const wrong = servers.find((server) => !isServer(server));
  if (servers.length === 0 || wrong !== undefined) {
    const says = wrong === undefined ? 'names no server' : `names ${JSON.stringify(wrong)}`;
    throw new SluiceError(
      'option-invalid',
      `The option dns ${says}; it must list IP addresses, each with or without a port.`,
    );
  }
  const lookup = lookupBy(servers);
  if (MADE.size >= MOST_MADE) MADE.clear();
  MADE.set(key, lookup);
  return lookup;
}

function isServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, six, four, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = six === undefined ? isIP(four ?? '') === 4 : isIP(six) === 6;
  return isAddress && (port === undefined || (Number(port) > 0 && Number(port) < 65_536));
}

function lookupBy(servers: readonly string[]): Lookup {
  // Loaded only for who wants it, as node:dns is everywhere else.
  const { Resolver } = process.getBuiltinModule('node:dns/promises');
  const resolver = new Resolver({ timeout: ATTEMPT_MS, tries: ATTEMPTS });
  resolver.setServers(servers);
  return cachedLookup(async (host) => {
    if (LOCALHOST.test(host)) return { addresses: [...LOOPBACK], keepMs: Number.POSITIVE_INFINITY };
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(host, { ttl: true }),
      resolver.resolve6(host, { ttl: true }),
    ]);
    const records = [...recordsOf(four, 4), ...recordsOf(six, 6)];
    if (records.length === 0) throw failureOf(four, six);
    const ttl = Math.min(MOST_KEPT_SECONDS, ...records.map((record) => record.ttl));
    return { addresses: records.map(({ address, family }) => ({ address, family })), keepMs: ttl * 1000 };
  });
}

type Records = PromiseSettledResult<RecordWithTtl[]>;

/**
 * The kinds of address fail apart: some name servers know nothing of AAAA and break on it. IPv4 comes first, for c-ares does not
 * look which way leads out of this machine (RFC 6724); the other is tried soon after.
 */
function recordsOf(records: Records, family: 4 | 6): (RecordWithTtl & Address)[] {
  return records.status === 'fulfilled' ? records.value.map((record) => ({ ...record, family })) : [];
}

/** "No record of this kind" is an answer; but beside a failure it does not say that there is no address. */
function failureOf(...kinds: Records[]): unknown {
  const failures = kinds.flatMap((records) => (records.status === 'rejected' ? [records.reason] : []));
  return failures.find((error) => systemCode(error) !== 'ENODATA') ?? failures[0];
}
