import type { EncodeOptions } from '../encode.js';

/** What a row's picture must be, and how it is retrieved. Times in milliseconds. */
export interface RowPolicy {
  /** For one attempt at a row: resolving, connecting, receiving and storing in memory. */
  readonly timeoutMs: number;
  /** Bytes of a body. */
  readonly maxBytes: number;
  readonly maxPixels: number | undefined;
  /** Pixels of the smaller side. */
  readonly minSize: number | undefined;
  /** Of the longer to the shorter side. */
  readonly maxAspect: number | undefined;
  /** SHA-256 of pictures that stand in the place of others, in hexadecimal. */
  readonly placeholders: readonly string[];
  /** A column of the list that holds the digest of the bytes, in hexadecimal. */
  readonly verifyHash: { readonly column: string; readonly algorithm: 'sha256' | 'md5' } | undefined;
  /** `structure`: the picture is followed to its own end. */
  readonly verify: 'none' | 'structure' | 'decode';
  readonly encode: EncodeOptions | undefined;
  /** Obey X-Robots-Tag. */
  readonly optOut: boolean;
  /** Obey robots.txt too. */
  readonly robotsTxt: boolean;
  /** Our name as robots are called, in `User-Agent` and wherever sites speak to robots. */
  readonly userAgentToken: string;
  /** Exceptions to public addresses only. */
  readonly allow: readonly string[];
  /** Name servers of one's own; undefined for the system's. */
  readonly dns: readonly string[] | undefined;
  /** Attempts after the first, and milliseconds before the first of them. */
  readonly retries: number;
  readonly retryDelayMs: number;
}
