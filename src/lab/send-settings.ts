import type { SendPace } from './paced-send.js';

/**
 * How the client shall know the body's end (RFC 9112 §6.3): by Content-Length, by chunks, or by our closing.
 */
export type ResponseFraming = 'length' | 'chunked' | 'close';

/** How responses are sent. */
export interface SendSettings extends SendPace {
  /** Milliseconds from the request to the first send. */
  readonly headerDelayMs: number;
  readonly framing: ResponseFraming;
}
