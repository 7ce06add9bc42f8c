import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { type ParsedAddress, parseAddress } from './address-policy.js';

/** One entry of `allow`: whom it names, and at which port; at any that is not a bad one where it names none. */
export interface AddressException {
  readonly names: { readonly host: string } | { readonly network: readonly [ParsedAddress, number] };
  readonly port: number | undefined;
}

/** How an entry must look, for messages. */
export const EXCEPTION_FORM =
  'a host name (no wildcards), an IP address or a CIDR block such as 10.0.0.0/8, alone or with a port: HOST:PORT, [IPV6]:PORT';

const BRACKETED = /^\[([^[\]]+)\](?::(\d{1,5}))?$/;
const PLAIN = /^([^:[\]]+)(?::(\d{1,5}))?$/;
/** What the URL parser behind `domainToASCII` would cut off, decode or pass over. */
const NO_HOST = /[\0-\x20/?#@\\%]/;
const LABELS = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/** Reads one entry; undefined for what is none. */
export function readException(text: string): AddressException | undefined {
  const bracketed = BRACKETED.exec(text);
  const [, subject, digits] = bracketed ?? PLAIN.exec(text) ?? [text, text];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65_535) return undefined;
  const network = readNetwork(subject!);
  if (network !== undefined) {
    if (bracketed !== null && !subject!.includes(':')) return undefined;
    return { names: { network }, port };
  }
  const host = bracketed === null ? readHost(subject!) : undefined;
  return host === undefined ? undefined : { names: { host }, port };
}

/** Whether one of `exceptions` names `address`, or the host that resolved to it, at `port`. */
export function isExcepted(
  exceptions: readonly AddressException[],
  host: string,
  address: string,
  port: number,
): boolean {
  return exceptions.some(
    (entry) => (entry.port === undefined || entry.port === port) && isNamed(entry, host, address),
  );
}

/** Whether one of them names `port` itself, together with the address or its host. */
export function isPortExcepted(
  exceptions: readonly AddressException[],
  host: string,
  address: string,
  port: number,
): boolean {
  return exceptions.some((entry) => entry.port === port && isNamed(entry, host, address));
}

function isNamed({ names }: AddressException, host: string, address: string): boolean {
  if ('host' in names) return names.host === withoutTrailingDot(host.toLowerCase());
  const [network, bits] = names.network;
  const parsed = parseAddress(address);
  return parsed !== undefined && parsed.kind() === network.kind() && parsed.match(network, bits);
}

/** An address or a block, IPv4-mapped ones as IPv4. A block with bits beyond its prefix is none: which one was meant is not clear. */
function readNetwork(text: string): readonly [ParsedAddress, number] | undefined {
  const [, address, prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = address === undefined ? undefined : parseAddress(address);
  if (address === undefined || parsed === undefined) return undefined;
  const mapped = parsed.kind() === 'ipv4' && isIP(address) === 6 ? 96 : 0;
  const longest = parsed.kind() === 'ipv4' ? 32 : 128;
  const bits = prefix === undefined ? longest : Number(prefix) - mapped;
  if (bits < 0 || bits > longest || hasBitsBeyond(parsed, bits)) return undefined;
  return [parsed, bits];
}

function hasBitsBeyond(address: ParsedAddress, bits: number): boolean {
  return address.toByteArray().some((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return (byte & (0xff >> kept)) !== 0;
  });
}

/** A host name as URLs have it: in lower case and punycode. An address in an odd spelling (`0x7f.1`) is no name. */
function readHost(text: string): string | undefined {
  if (NO_HOST.test(text)) return undefined;
  const host = withoutTrailingDot(domainToASCII(text));
  return LABELS.test(host) && isIP(host) === 0 ? host : undefined;
}

function withoutTrailingDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
