import type { HttpProxy } from './proxy.js';
import type { Lookup } from './resolve.js';

/** TLS as the user set it. */
export interface TlsSettings {
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** Accept any certificate. */
  readonly insecure?: boolean | undefined;
  /** PEM of the client certificate, with those between it and its authority. */
  readonly cert?: string | undefined;
  /** PEM of its private key. Default: the one that `cert` holds as well. */
  readonly key?: string | undefined;
  /** Of the key. */
  readonly passphrase?: string | undefined;
}

/** How to open a connection. Times in milliseconds. */
export interface ConnectSettings {
  /** The most bytes that one receive asks for: the size of the connection's buffer. */
  readonly recvSize: number;
  readonly tls: TlsSettings;
  /** For resolving and connecting together. */
  readonly connectTimeoutMs: number;
  readonly tlsTimeoutMs: number;
  readonly lookup?: Lookup | undefined;
  /** Default: none, straight to the origin. */
  readonly proxy?: HttpProxy | undefined;
}
