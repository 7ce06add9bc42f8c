import { SluiceError } from '../errors.js';

/** The signal that ends a retrieval: the caller's, or the total time-out. */
export class TotalClock {
  readonly signal: AbortSignal;

  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #forward: (() => void) | undefined;

  constructor(ms: number | undefined, outer: AbortSignal | undefined) {
    this.#outer = outer;
    const controller = new AbortController();
    this.signal = controller.signal;
    if (ms !== undefined) {
      const late = () =>
        new SluiceError('timeout-total', `The retrieval was not complete after ${ms / 1000} s.`);
      this.#timer = setTimeout(() => controller.abort(late()), ms);
    }
    if (outer === undefined) return;
    this.#forward = () => {
      controller.abort(new SluiceError('aborted', 'The retrieval was aborted.', { cause: outer.reason }));
    };
    if (outer.aborted) this.#forward();
    else outer.addEventListener('abort', this.#forward, { once: true });
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#forward !== undefined) this.#outer?.removeEventListener('abort', this.#forward);
  }
}
