import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address as numbers. */
export type ParsedAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** The range of every address that any host on the internet may have. */
export const PUBLIC = 'public';

/** What may be judged public in IPv6 at all: the rest of the space is reserved (IANA's IPv6 address space registry). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** NAT64's well-known prefix (RFC 6052 §2.1): a gateway connects to the IPv4 address in the last four bytes. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Ranges that ipaddr.js calls by the RFC alone. */
const NAMES: Readonly<Record<string, string>> = { rfc6052: 'nat64-local', rfc6145: 'ipv4-translated' };

interface Judged {
  readonly parsed: ParsedAddress | undefined;
  readonly range: string;
}

/** The addresses met last: a crawl asks for the same ones again and again. */
const MET = new Map<string, Judged>();
const MOST_MET = 4096;

/**
 * What an address is: `public`, or the name of the special range that it lies in (`loopback`, `private`, `link-local` …, after IANA's two
 * registries of special-purpose addresses, RFC 6890); `invalid` where it is no IP address, so that what is not understood is not public.
 *
 * An IPv4-mapped address and one of NAT64 are what the IPv4 address inside is, for that is who answers. Tunnels that carry an IPv4
 * address to who knows which relay (6to4, Teredo) are special whatever is inside. A zone (`%eth0`) does not matter.
 */
export function addressRange(address: string): string {
  return judged(address).range;
}

/** The address as numbers, an IPv4-mapped one as IPv4; undefined for what is no IP address in its one strict spelling. */
export function parseAddress(address: string): ParsedAddress | undefined {
  return judged(address).parsed;
}

function judged(address: string): Judged {
  let met = MET.get(address);
  if (met === undefined) {
    const parsed = readAddress(address);
    met = { parsed, range: rangeOf(parsed) };
    if (MET.size >= MOST_MET) MET.clear();
    MET.set(address, met);
  }
  return met;
}

function readAddress(address: string): ParsedAddress | undefined {
  const bare = address.replace(/%.*$/s, '');
  const family = isIP(bare);
  if (family === 0) return undefined;
  return ipaddr.process(family === 6 ? withoutDots(bare) : bare);
}

/**
 * An IPv6 address whose last four bytes are written as in IPv4 in hexadecimal: ipaddr.js takes `::8.8.8.8`, which is an address of its own
 * (IPv4-compatible, and inet_ntop(3) writes it so), for the IPv4-mapped `::ffff:8.8.8.8`.
 */
function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const group = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${group(a, b)}:${group(c, d)}`;
  });
}

function rangeOf(parsed: ParsedAddress | undefined): string {
  if (parsed === undefined) return 'invalid';
  const inside = isIPv6(parsed) && parsed.match(NAT64) ? lastFourBytes(parsed) : parsed;
  const range: string = inside.range();
  if (range !== 'unicast') return NAMES[range] ?? hyphenated(range);
  return !isIPv6(inside) || inside.match(GLOBAL_UNICAST) ? PUBLIC : 'reserved';
}

function isIPv6(address: ParsedAddress): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6';
}

function lastFourBytes(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** `carrierGradeNat` as `carrier-grade-nat`. */
function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
