import { type Phase, SluiceError } from '../errors.js';
import { type Abortable, listen, unlisten } from './shared-signal.js';

/** Where a retrieval stands: in which phase, and who is waited for. */
export interface Standing {
  readonly phase: Phase;
  /** A clause: `the server had sent nothing`. */
  readonly says: string;
}

/** What ends a retrieval early: the caller's signal, the total time-out, or a callback of the caller's that threw. */
export class TotalClock implements Abortable {
  place = 0;
  /** Called when it ends early: whoever is at work for it just then. One at a time. */
  onAbort: (() => void) | undefined;

  #aborted: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(ms: number | undefined, outer: AbortSignal | undefined, standing: () => Standing) {
    this.#outer = outer;
    if (ms !== undefined) {
      const late = () => {
        const { phase, says } = standing();
        const message = `The retrieval was not complete after ${ms / 1000} s: ${says}.`;
        return new SluiceError('timeout-total', message, { phase });
      };
      this.#timer = setTimeout(() => this.abort(late()), ms);
    }
    if (outer !== undefined) listen(outer, this);
  }

  /** The caller's signal says so. */
  aborted(reason: unknown): void {
    this.abort(new SluiceError('aborted', 'The retrieval was aborted.', { cause: reason }));
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined;
  }

  /** What it was aborted with. */
  get reason(): unknown {
    return this.#aborted?.reason;
  }

  /** The same as a signal, made when it is first asked for: on a kept connection nobody does, and it costs as much as a request. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    // As AbortController does it: what throws `undefined` is a failure, too.
    const why = reason ?? new DOMException('This operation was aborted', 'AbortError');
    this.#aborted = { reason: why };
    this.onAbort?.();
    this.#controller?.abort(why);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#outer !== undefined) unlisten(this.#outer, this);
  }
}
