import type { Destination } from '../body/sink.js';
import { dnsLookup } from '../connection/dns-lookup.js';
import type { ConnectionPool } from '../connection/pool.js';
import type { Lookup } from '../connection/resolve.js';
import type { ConnectSettings, TlsSettings } from '../connection/settings.js';
import { SluiceError } from '../errors.js';
import type { FlowObserver } from '../flow/observer.js';
import { type Pacing, recvSizeForRate } from '../flow/pacing.js';
import type { TraceEvent } from '../flow/trace.js';
import type { Field } from '../http/fields.js';
import { type AddressException, EXCEPTION_FORM, readException } from './address-exceptions.js';
import { type Addresses, type AddressRules, PUBLIC_ONLY } from './address-guard.js';
import { fieldList, type Headers, type OwnRequest, ownRequest } from './own-fields.js';
import { type ProxyRule, proxyRule } from './proxy-rule.js';
import type { RetryPolicy } from './retry.js';
import type { MinSpeed } from './speed-floor.js';

/** How sure to be that a picture is whole: not at all, by its own structure, or by decoding it as well. */
export type Verify = 'none' | 'structure' | 'decode';

/** Limits in time, in milliseconds. Our own pauses never count as the server's. */
export interface Timeouts {
  /** Resolving and connecting. Default 15 000. */
  connect?: number | undefined;
  /** The TLS handshake. Default 15 000. */
  tls?: number | undefined;
  /** From the request to the end of the header. Default 60 000. */
  firstByte?: number | undefined;
  /** No byte of the body while we ask for some. Default 30 000. */
  idle?: number | undefined;
  /** The whole retrieval, redirects and pauses included. Default: none. */
  total?: number | undefined;
}

/** How to retrieve. Everything may be left out. */
export interface RetrieveOptions {
  /** Request fields, added to or replacing ours (User-Agent, Accept, ...). */
  headers?: Headers | undefined;
  /** `name:password` for Basic authentication (RFC 7617); dropped at a redirect to another origin. */
  user?: string | undefined;
  /** The request's version. Default '1.1'. */
  httpVersion?: '1.0' | '1.1' | undefined;
  /** Redirects to follow; 0 for none: the redirect is then the response. Default 10. */
  maxRedirects?: number | undefined;
  timeouts?: Timeouts | undefined;
  /** Fail with `timeout-speed` when the mean over `overMs` in which we asked was below `rate` bytes a second. Default: none. */
  minSpeed?: MinSpeed | undefined;
  /**
   * How often to try again after a failure that may pass: nobody answered, a time-out but the total one, a broken connection, a body cut short,
   * statuses 408, 425, 429, 500, 502, 503, 504. What came already is gone on with where the server gave a strong validator. Default 0.
   */
  retries?: number | undefined;
  /** Milliseconds before the first retry, doubled for each further one up to 30 s; a Retry-After comes first. Default 500. */
  retryDelay?: number | undefined;
  /**
   * Which addresses are connected to. `'public'` (default): only those, at every hop; any other is `address-refused`, and so are the ports
   * of services that are not HTTP (the Fetch standard's bad ports). `'redirects'`: any that the URL itself leads to, but after a response
   * from a public address, redirects lead to public ones only. `'any'`: all.
   */
  addresses?: Addresses | undefined;
  /**
   * Exceptions: hosts, IP addresses or CIDR blocks, each alone or with a port (`HOST:PORT`, `[IPV6]:PORT`). A host stands for every address
   * that exactly this name resolves to. An entry with a bad port allows that port too.
   */
  allow?: readonly string[] | undefined;
  /** Refuse a body of more bytes, before and while decoding. Default: none; 100 MiB when the body is gathered in memory. */
  maxBytes?: number | undefined;
  /** Refuse a body that is more than so many times as long as its coded form, counted beyond 16 MiB. Default 100. */
  maxRatio?: number | undefined;
  /** Refuse a picture of more pixels, as soon as its header says so. Default: none. */
  maxPixels?: number | undefined;
  /** Default 'structure' where the server says `image/*`, otherwise 'none'. */
  verify?: Verify | undefined;
  /** 'image': fail with `not-an-image` unless the body is one. */
  expect?: 'image' | undefined;
  /** Compute the body's SHA-256. Default false. */
  sha256?: boolean | undefined;
  /** At most this many bytes a receive. Default 65 536. */
  recvSize?: number | undefined;
  /** Milliseconds to pause after each receive. Default 0. */
  delay?: number | undefined;
  /** Bytes a second that the mean must not exceed, held by not reading. Default: none. */
  limitRate?: number | undefined;
  /** Look at the kernel's receive queue during the transfer, as evidence for `flow` (Linux). Default false. */
  kernelQueue?: boolean | undefined;
  /** Told everything as it happens. */
  trace?: ((event: TraceEvent) => void) | undefined;
  /** Told each receive, stop and resume of every response, redirects too; a `Recording` keeps them in a few bytes each. */
  observer?: FlowObserver | undefined;
  signal?: AbortSignal | undefined;
  /** PEM certificates to trust instead of the built-in ones. */
  ca?: string | undefined;
  /** Accept any certificate of an origin; a proxy's is checked all the same. Default false. */
  insecure?: boolean | undefined;
  /** PEM of a client certificate, for origins that want one. */
  cert?: string | undefined;
  /** PEM of its private key. Default: the one that `cert` holds as well. */
  key?: string | undefined;
  /** Of the key, where it is encrypted. */
  passphrase?: string | undefined;
  /**
   * Name servers to ask instead of the system, as `ADDRESS` or `ADDRESS:PORT` (IPv6 with a port in brackets); answers are kept for their TTL. The hosts
   * file is not read then. Without it, the system's answers are kept for 10 s.
   */
  dns?: readonly string[] | undefined;
  /** Resolves names instead of the system and of `dns`. */
  lookup?: Lookup | undefined;
  /**
   * An HTTP proxy to go through, `http://[name:password@]host[:port]` or `https://`; or a function that tells the one for each URL, redirects
   * too. Default: none, whatever the environment says. The proxy resolves the host, so it does not go with addresses 'public'; it sees https only as a tunnel.
   */
  proxy?: string | ((url: URL) => string | undefined) | undefined;
  /** Kept-alive connections to share. Default: one pool for the process. */
  pool?: ConnectionPool | undefined;
}

/** Where the body goes: to memory, to a file, to a web stream, or to a sink of one's own. */
export type BodyTarget = 'bytes' | 'stream' | FileTarget | Destination;

/** A file that appears when it is whole. */
export interface FileTarget {
  readonly file: string;
  /**
   * Go on with the `FILE.part` that an interrupted run left, where the server still has the very same bytes; and leave one, should this run be
   * interrupted. Default false: what came is kept only from 1 MiB.
   */
  readonly resume?: boolean | undefined;
}

const ADDRESSES: ReadonlySet<Addresses> = new Set(['public', 'redirects', 'any'] as const);
/** An onread buffer of more than this gains nothing and is memory a connection. */
const MAX_RECV_SIZE = 16 * 1024 * 1024;

/**
 * Every option, checked, with its default where it was left out. All have one shape, made in one place: reading options of many shapes was
 * 7 % of the time that a small picture took.
 */
export interface Settings {
  readonly fields: readonly Field[] | undefined;
  readonly user: string | undefined;
  readonly own: OwnRequest;
  readonly httpVersion: '1.0' | '1.1';
  readonly maxRedirects: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number | undefined;
  readonly minSpeed: MinSpeed | undefined;
  readonly retry: RetryPolicy;
  readonly maxBytes: number | undefined;
  readonly maxRatio: number;
  readonly maxPixels: number | undefined;
  readonly verify: Verify | undefined;
  readonly expect: 'image' | undefined;
  readonly sha256: boolean;
  readonly pacing: Pacing | undefined;
  readonly kernelQueue: boolean;
  readonly trace: RetrieveOptions['trace'];
  readonly observer: FlowObserver | undefined;
  readonly signal: AbortSignal | undefined;
  readonly pool: ConnectionPool | undefined;
  readonly proxyFor: ProxyRule | undefined;
  /** `proxyFor` tells the proxy; it is not in here. */
  readonly guard: AddressRules;
  /** No body is received, of no hop: the connection is closed after the head. */
  readonly headOnly: boolean;
  readonly connect: ConnectSettings;
}

/** Settles the options; `maxBytes` is the limit where they set none. Throws `option-invalid` for what no retrieval can obey. */
export function settle(given: RetrieveOptions, maxBytes?: number): Settings {
  // V8 gives each object made by `{ ...common, more }` a shape of its own, and each reading of an unknown shape is a search: a copy has a known one.
  const options: RetrieveOptions = Object.assign({}, given);
  const { timeouts, delay, limitRate } = options;
  check(options);
  return {
    // A copy: the caller may change theirs meanwhile.
    fields: options.headers === undefined ? undefined : [...fieldList(options.headers)],
    user: options.user,
    own: ownRequest(options.headers),
    httpVersion: options.httpVersion ?? '1.1',
    maxRedirects: options.maxRedirects ?? 10,
    firstByteTimeoutMs: timeouts?.firstByte ?? 60_000,
    idleTimeoutMs: timeouts?.idle ?? 30_000,
    totalTimeoutMs: timeouts?.total,
    minSpeed: options.minSpeed,
    retry: { retries: options.retries ?? 0, delayMs: options.retryDelay ?? 500 },
    maxBytes: options.maxBytes ?? maxBytes,
    maxRatio: options.maxRatio ?? 100,
    maxPixels: options.maxPixels,
    verify: options.verify,
    expect: options.expect,
    sha256: options.sha256 ?? false,
    pacing: delay || limitRate ? { delayMs: delay, limitRate } : undefined,
    kernelQueue: options.kernelQueue ?? false,
    trace: options.trace,
    observer: options.observer,
    signal: options.signal,
    pool: options.pool,
    proxyFor: proxyRule(options),
    guard: addressRules(options),
    headOnly: false,
    connect: {
      recvSize: recvSizeForRate(options.recvSize ?? 65_536, limitRate),
      tls: tlsSettings(options),
      connectTimeoutMs: timeouts?.connect ?? 15_000,
      tlsTimeoutMs: timeouts?.tls ?? 15_000,
      lookup: options.lookup ?? (options.dns === undefined ? undefined : dnsLookup(options.dns)),
    },
  };
}

function tlsSettings({ ca, insecure, cert, key, passphrase }: RetrieveOptions): TlsSettings {
  if (cert === undefined && (key !== undefined || passphrase !== undefined)) {
    const given = key === undefined ? 'passphrase' : 'key';
    throw new SluiceError(
      'option-invalid',
      `The option ${given} belongs to a certificate: give cert as well.`,
    );
  }
  return { ca, insecure, cert, key, passphrase };
}

function addressRules({ addresses = 'public', allow }: RetrieveOptions): AddressRules {
  if (!ADDRESSES.has(addresses)) throw invalid('addresses', addresses, [...ADDRESSES].join(' or '));
  if (allow === undefined && addresses === 'public') return PUBLIC_ONLY;
  return { ...PUBLIC_ONLY, addresses, exceptions: allowed(allow ?? []) };
}

function allowed(entries: readonly string[]): AddressException[] {
  if (!Array.isArray(entries)) throw invalid('allow', entries, `a list, each entry ${EXCEPTION_FORM}`);
  return entries.map((entry: unknown) => {
    const exception = typeof entry === 'string' ? readException(entry) : undefined;
    if (exception === undefined)
      throw invalid('allow', JSON.stringify(entry), `in each entry ${EXCEPTION_FORM}`);
    return exception;
  });
}

function check({
  maxRedirects,
  minSpeed,
  retries,
  retryDelay,
  maxBytes,
  maxRatio,
  maxPixels,
  recvSize,
  delay,
  limitRate,
  timeouts,
}: RetrieveOptions): void {
  wholeNumber('maxRedirects', maxRedirects, 0);
  wholeNumber('retries', retries, 0);
  wholeNumber('maxBytes', maxBytes, 0);
  wholeNumber('maxPixels', maxPixels, 0);
  wholeNumber('recvSize', recvSize, 1);
  if (recvSize !== undefined && recvSize > MAX_RECV_SIZE)
    throw invalid('recvSize', recvSize, `at most ${MAX_RECV_SIZE}`);
  if (delay !== undefined && !(delay >= 0 && delay <= 3_600_000)) {
    throw invalid('delay', delay, 'from 0 to 3600000 milliseconds');
  }
  if (retryDelay !== undefined && !(retryDelay >= 0 && retryDelay <= 3_600_000)) {
    throw invalid('retryDelay', retryDelay, 'from 0 to 3600000 milliseconds');
  }
  if (maxRatio !== undefined && !(maxRatio >= 1)) throw invalid('maxRatio', maxRatio, 'at least 1');
  if (minSpeed !== undefined && !(minSpeed.rate > 0 && minSpeed.overMs >= 100 && minSpeed.overMs < 2 ** 31)) {
    const { rate, overMs } = minSpeed;
    throw invalid('minSpeed', `${rate} over ${overMs} ms`, 'above 0 bytes a second, over 100 ms or more');
  }
  if (limitRate !== undefined && !(limitRate >= 1))
    throw invalid('limitRate', limitRate, 'at least 1 byte a second');
  if (timeouts === undefined) return;
  for (const [name, ms] of Object.entries(timeouts)) {
    // setTimeout takes no more than 2^31-1 ms: beyond, it would fire at once.
    if (ms !== undefined && !(ms > 0 && ms < 2 ** 31)) {
      throw invalid(`timeouts.${name}`, ms, 'above 0 and below 2^31 milliseconds');
    }
  }
}

function wholeNumber(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw invalid(name, value, `a whole number from ${least}`);
}

function invalid(name: string, value: unknown, must: string): SluiceError {
  return new SluiceError('option-invalid', `The option ${name} is ${String(value)}; it must be ${must}.`);
}
