import { isIP } from 'node:net';
import { SluiceError } from '../errors.js';

/** Whom to connect to: scheme, host and port (RFC 9110 §4.3.1). */
export interface Origin {
  readonly secure: boolean;
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** `scheme://host:port`, the same for every URL of this origin. */
  readonly key: string;
}

/** The origins met last, so that a crawl's next URL on a host costs one look-up. */
const MET = new Map<string, Origin>();
const MOST_MET = 1024;

/** The origin of an http or https URL; throws `scheme-unsupported` for any other. */
export function originOf(url: URL): Origin {
  const known = MET.get(url.origin);
  if (known !== undefined) return known;
  const origin = readOrigin(url);
  if (MET.size >= MOST_MET) MET.clear();
  MET.set(url.origin, origin);
  return origin;
}

function readOrigin(url: URL): Origin {
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:') {
    const scheme = url.protocol.slice(0, -1);
    throw new SluiceError(
      'scheme-unsupported',
      `The scheme "${scheme}" is not supported: only http and https are.`,
    );
  }
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { secure, host, port, key: `${url.protocol}//${url.hostname}:${port}` };
}

/** The host as it stands in a URL or a message: IPv6 addresses in brackets. */
export function hostPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
