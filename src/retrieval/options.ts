import type { Destination } from '../body/sink.js';
import type { ConnectionPool } from '../connection/pool.js';
import type { Lookup } from '../connection/resolve.js';
import { SluiceError } from '../errors.js';
import type { FlowObserver } from '../flow/observer.js';
import type { TraceEvent } from '../flow/trace.js';
import type { Field } from '../http/fields.js';

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
  headers?: Record<string, string> | readonly Field[] | undefined;
  /** `name:password` for Basic authentication (RFC 7617); dropped at a redirect to another origin. */
  user?: string | undefined;
  /** The request's version. Default '1.1'. */
  httpVersion?: '1.0' | '1.1' | undefined;
  /** Redirects to follow; 0 for none: the redirect is then the response. Default 10. */
  maxRedirects?: number | undefined;
  timeouts?: Timeouts | undefined;
  /** Refuse a body of more bytes, before and while decoding. Default: none; 100 MiB when the body is gathered in memory. */
  maxBytes?: number | undefined;
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
  /** Told each receive, stop and resume of the final response; a `Recording` keeps them in a few bytes each. */
  observer?: FlowObserver | undefined;
  signal?: AbortSignal | undefined;
  /** PEM certificates to trust instead of the built-in ones. */
  ca?: string | undefined;
  /** Accept any certificate. Default false. */
  insecure?: boolean | undefined;
  /** Resolves names instead of the system. */
  lookup?: Lookup | undefined;
  /** Kept-alive connections to share. Default: one pool for the process. */
  pool?: ConnectionPool | undefined;
}

/** Where the body goes: to memory, to a file, to a web stream, or to a sink of one's own. */
export type BodyTarget = 'bytes' | 'stream' | { readonly file: string } | Destination;

const WHOLE_NUMBERS = ['maxRedirects', 'recvSize', 'maxBytes', 'maxPixels'] as const;
/** An onread buffer of more than this gains nothing and is memory a connection. */
const MAX_RECV_SIZE = 16 * 1024 * 1024;

/** Throws `option-invalid` for an option that no retrieval can obey. */
export function checkOptions(options: RetrieveOptions): void {
  for (const name of WHOLE_NUMBERS) {
    const value = options[name];
    if (value === undefined) continue;
    const least = name === 'recvSize' ? 1 : 0;
    if (!Number.isSafeInteger(value) || value < least)
      throw invalid(name, value, `a whole number from ${least}`);
  }
  if ((options.recvSize ?? 1) > MAX_RECV_SIZE)
    throw invalid('recvSize', options.recvSize, `at most ${MAX_RECV_SIZE}`);
  if (options.delay !== undefined && !(options.delay >= 0 && options.delay <= 3_600_000)) {
    throw invalid('delay', options.delay, 'from 0 to 3600000 milliseconds');
  }
  if (options.limitRate !== undefined && !(options.limitRate >= 1))
    throw invalid('limitRate', options.limitRate, 'at least 1 byte a second');
  for (const [name, ms] of Object.entries(options.timeouts ?? {})) {
    // setTimeout takes no more than 2^31-1 ms: beyond, it would fire at once.
    if (ms !== undefined && !(ms > 0 && ms < 2 ** 31))
      throw invalid(`timeouts.${name}`, ms, 'above 0 and below 2^31 milliseconds');
  }
}

function invalid(name: string, value: unknown, must: string): SluiceError {
  return new SluiceError('option-invalid', `The option ${name} is ${String(value)}; it must be ${must}.`);
}
