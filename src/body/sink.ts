import type { ResponseHead } from '../http/response-reader.js';
import type { ImageType } from '../image/inspector.js';

/** What a stage or sink answers to bytes: nothing when it has taken them, or a promise of when it has. */
export type Taken = Promise<void> | undefined;

/**
 * Where a body goes at last. `write` is called with views on a buffer that is used again as soon as the bytes are taken; while they
 * are not, the socket is not read. At last exactly one of `commit`, `abort` and `suspend` is called. A retrieval that begins again aborts its sink and
 * asks for another.
 */
export interface BodySink {
  write(data: Buffer): Taken;
  /** The body is whole and right: make it what it is called. */
  commit(): Taken;
  /** It is not: leave nothing behind that looks whole. */
  abort(error: Error): void;
  /**
   * Instead of `abort`, where there is one: the body was interrupted, but what was written of it is right. Keeps what a later retrieval can go on
   * with, and gives its path; undefined where nothing is kept.
   */
  suspend?(error: Error): string | undefined;
  /** What was written can't be taken back: a retrieval may go on after an interruption, but not begin again. */
  readonly irrevocable?: boolean;
  /** The file's path, once `commit` was called, where there is a file. */
  readonly file?: string | undefined;
  /** Where the whole body can be read again before `commit`: a path or the bytes; undefined where it is gone. */
  readonly stored?: string | Uint8Array | undefined;
}

/** What is known when a place for the body must be chosen: before its first byte is stored. */
export interface Offer {
  /** The URL that answered, redirects followed. */
  readonly url: URL;
  /** The URL that was asked for, without a name and password in it. */
  readonly requestedUrl: string;
  readonly head: ResponseHead;
  /** From the first bytes; undefined when they are no image that we know. */
  readonly type: ImageType | undefined;
  /** Aborted when the retrieval ends early; undefined when nothing can end it early. */
  readonly signal: AbortSignal | undefined;
}

/** Chooses a sink for a body. */
export type Destination = (offer: Offer) => BodySink | Promise<BodySink>;
