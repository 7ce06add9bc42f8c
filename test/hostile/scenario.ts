import type { TlsOptions } from 'node:tls';
import type { Script } from '../support/raw-server.js';

/** A file: its bytes, a pattern that its text matches, or the path that a symbolic link has. */
export type File = Buffer | string | RegExp | { readonly link: string };
/** By their path from the command's working directory. */
export type Files = Readonly<Record<string, File>>;

/** One server that is up to no good, one call of `sluice get`, and all that may come of it. As data: nothing here runs. */
export interface Scenario {
  /** A claim, as a sentence without its full stop. */
  readonly name: string;
  /** What the server does on each connection. */
  readonly server: Script;
  /** With TLS. Made when it is needed, for a certificate takes time. */
  readonly tls?: () => TlsOptions;
  /** What is asked for: `{origin}` and `{port}` stand for the server's. Default: `{origin}/cover.jpg`. */
  readonly url?: string | readonly string[];
  /** The command's other arguments; `{port}` as above, `{ca}` for a file of `trusts`. */
  readonly args?: readonly string[];
  /** PEM. */
  readonly trusts?: () => string;
  /** What is there before. */
  readonly before?: Files;
  /** What of that is not there any more afterwards. */
  readonly removes?: readonly string[];
  /** Standard output and standard error are one terminal. */
  readonly onTerminal?: boolean;
  /** The exit status. */
  readonly status: number;
  /** What the one sentence on standard error says. Without: there is none. */
  readonly says?: RegExp;
  /** What is on standard output (on a terminal: all that it was sent). Default: nothing. */
  readonly prints?: Buffer | string | RegExp;
  /** What is there afterwards beside `before`. Default: nothing. */
  readonly leaves?: Files;
  /** What each request has to match, in order; no more requests come. */
  readonly asked?: readonly RegExp[];
}
