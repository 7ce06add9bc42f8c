import type { SluiceError } from '../errors.js';
import type { Verdict } from '../flow/verdict.js';
import type { Field } from '../http/fields.js';

/** What is known of one retrieval: everything where it succeeded, as much as was learnt where it failed. Times in milliseconds. */
export interface Receipt {
  /** The URL that was asked for, without a name and password in it. */
  url: string;
  /** The URL that answered, redirects followed. */
  finalUrl: string;
  /** Of the final response; null when none came. */
  status: number | null;
  httpVersion: '1.0' | '1.1' | null;
  /** Bytes before the blank line. */
  headerBytes: number;
  /** The final response's fields, order and duplicates kept. */
  fields: Field[];
  /** What the server says: the Content-Type field. */
  contentType: string | null;
  /** What the bytes say: null when they are no image that sluice knows. */
  mediaType: string | null;
  /** In pixels, from the picture's own header. */
  width: number | null;
  height: number | null;
  /** Bytes received of the final response: header, framing and body. */
  wireBytes: number;
  /** Bytes of the body, content codings undone. */
  bodyBytes: number;
  /** Of the body as stored, in hexadecimal; null unless asked for or when the body is not whole. */
  sha256: string | null;
  /** The path of the file; null where the body went elsewhere. */
  file: string | null;
  /** Redirects followed. */
  hops: number;
  /** Requests sent for the final URL: more than one after retries, or after a kept-alive connection had gone stale. */
  attempts: number;
  /** Bytes of the body that an earlier attempt or run had brought, before the final response; 0 where it began at the first. */
  resumedFrom: number;
  /** The address that was connected to: the proxy's, where there is one. */
  address: string | null;
  /** The proxy that the final URL was asked through, `***` in the place of a name and password; null for none. */
  proxy: string | null;
  /** Receives of the final response: `full` of them were as long as was asked for. On https these are TLS records. */
  receives: { count: number; min: number; max: number; full: number };
  /** Sums over all hops; 0 for what a kept-alive connection spared. `firstByte`: from the request to the first byte of the reply. */
  timing: { resolve: number; connect: number; tls: number; firstByte: number; total: number };
  /** Of the final response: who set the pace, and on what that rests. */
  flow: {
    limit: Verdict['limit'];
    pausedMs: number;
    waitingMs: number;
    receivingMs: number;
    /** The most bytes that the kernel's receive queue was seen to hold; null where nobody looked. */
    kernelQueueMax: number | null;
    evidence: string;
  };
  /** Only where it failed and what came was kept: the path to go on with. */
  part?: string;
  /** Only where the retrieval failed. */
  error?: { code: SluiceError['code']; phase: SluiceError['phase']; exitCode: number; message: string };
}

// The failure carries what was learnt before it; declared here, for errors.ts lies below this layer.
declare module '../errors.js' {
  interface SluiceError {
    /** What was learnt before the retrieval failed; set on every error that `retrieve` rejects with. */
    receipt?: Receipt;
  }
}
