import { type Phase, SluiceError } from '../errors.js';

/** Where a retrieval stands: in which phase, and who is waited for. */
export interface Standing {
  readonly phase: Phase;
  /** A clause: `the server had sent nothing`. */
  readonly says: string;
}

/** The signal that ends a retrieval: the caller's, the total time-out, or a callback of the caller's that threw. */
export class TotalClock {
  readonly signal: AbortSignal;

  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #forward: (() => void) | undefined;

  constructor(ms: number | undefined, outer: AbortSignal | undefined, standing: () => Standing) {
    this.#outer = outer;
    this.signal = this.#controller.signal;
    if (ms !== undefined) {
      const late = () => {
        const { phase, says } = standing();
        const message = `The retrieval was not complete after ${ms / 1000} s: ${says}.`;
        return new SluiceError('timeout-total', message, { phase });
      };
      this.#timer = setTimeout(() => this.abort(late()), ms);
    }
    if (outer === undefined) return;
    this.#forward = () => {
      this.abort(new SluiceError('aborted', 'The retrieval was aborted.', { cause: outer.reason }));
    };
    if (outer.aborted) this.#forward();
    else outer.addEventListener('abort', this.#forward, { once: true });
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#forward !== undefined) this.#outer?.removeEventListener('abort', this.#forward);
  }
}
