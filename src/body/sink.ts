import type { ResponseHead } from '../http/response-reader.js';
import type { ImageType } from '../image/inspector.js';

/** What a stage or sink answers to bytes: nothing when it has taken them, or a promise of when it has. */
export type Taken = Promise<void> | undefined;

/**
 * Where a body goes at last. `write` is called with views on a buffer that is used again as soon as the bytes are taken; while they
 * are not, the socket is not read. After the last byte exactly one of `commit` and `abort` is called.
 */
export interface BodySink {
  write(data: Buffer): Taken;
  /** The body is whole and right: make it what it is called. */
  commit(): Taken;
  /** It is not: leave nothing behind that looks whole. */
  abort(error: Error): void;
  /** The file's path, once `commit` was called, where there is a file. */
  readonly file?: string | undefined;
  /** Where the whole body can be read again before `commit`: a path or the bytes; undefined where it is gone. */
  readonly stored?: string | Uint8Array | undefined;
}

/** What is known when a place for the body must be chosen: before its first byte is stored. */
export interface Offer {
  /** The URL that answered, redirects followed. */
  readonly url: URL;
  readonly head: ResponseHead;
  /** From the first bytes; undefined when they are no image that we know. */
  readonly type: ImageType | undefined;
  /** Aborted when the retrieval ends early; undefined when nothing can end it early. */
  readonly signal: AbortSignal | undefined;
}

/** Chooses a sink for a body. */
export type Destination = (offer: Offer) => BodySink | Promise<BodySink>;
