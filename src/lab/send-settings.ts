import type { SendPace } from './paced-send.js';

/**
 * How the client shall know the body's end (RFC 9112 §6.3): by Content-Length, by chunks, or by our closing.
 */
export type ResponseFraming = 'length' | 'chunked' | 'close';

/**
 * How a response ends. `proper`: as its framing says. `missing`: the connection is closed and the end never told: the last chunk,
 * the last byte of a length, or, where the close is the end, a reset in its place. `open`: all is sent, and then nothing more
 * happens on the connection, not even its close.
 */
export type ResponseEnd = 'proper' | 'missing' | 'open';

/** How responses are sent. */
export interface SendSettings extends SendPace {
  /** Milliseconds from the request to the first send. */
  readonly headerDelayMs: number;
  readonly framing: ResponseFraming;
  /** '1.0': all are answered in HTTP/1.0. */
  readonly httpVersion: '1.0' | '1.1';
  readonly end: ResponseEnd;
}
