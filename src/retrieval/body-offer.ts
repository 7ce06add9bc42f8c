import type { Offer } from '../body/sink.js';
import type { ResponseHead } from '../http/response-reader.js';
import type { ImageType } from '../image/inspector.js';
import type { TotalClock } from './total-clock.js';

/** What is known of a body when its place must be chosen. */
export class BodyOffer implements Offer {
  /** Set when the first bytes have told it. */
  type: ImageType | undefined;

  readonly #clock: TotalClock | undefined;

  constructor(
    readonly url: URL,
    readonly requestedUrl: string,
    readonly head: ResponseHead,
    clock: TotalClock | undefined,
  ) {
    this.#clock = clock;
  }

  get signal(): AbortSignal | undefined {
    return this.#clock?.signal;
  }
}
