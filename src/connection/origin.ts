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

/** The origin of an http or https URL; throws `scheme-unsupported` for any other. */
export function originOf(url: URL): Origin {
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
