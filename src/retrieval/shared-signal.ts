/** Who is told of an abort. */
export interface Abortable {
  /** Where it stands among those that wait for the same signal. For this file alone. */
  place: number;
  aborted(reason: unknown): void;
}

const SHARED = new WeakMap<AbortSignal, SharedSignal>();

/** Tells `who` when `signal` is aborted, at once where it is already. */
export function listen(signal: AbortSignal, who: Abortable): void {
  if (signal.aborted) {
    who.aborted(signal.reason);
    return;
  }
  let shared = SHARED.get(signal);
  if (shared === undefined) {
    shared = new SharedSignal(signal);
    SHARED.set(signal, shared);
  }
  shared.add(who);
}

/** `who` is told no more. */
export function unlisten(signal: AbortSignal, who: Abortable): void {
  SHARED.get(signal)?.remove(who);
}

/**
 * One listener for all that wait for a signal. A crawl gives every retrieval the same one. Node warns of a signal with more than ten listeners; and each that
 * was removed still points at the next (Node 20 to 24): once such a one has grown old, all that were added after it, with what they know, outlive the
 * collections of what is young.
 */
class SharedSignal {
  readonly #waiting: Abortable[] = [];

  constructor(private readonly signal: AbortSignal) {}

  add(who: Abortable): void {
    if (this.#waiting.length === 0) this.signal.addEventListener('abort', this.#tell, { once: true });
    who.place = this.#waiting.push(who) - 1;
  }

  remove(who: Abortable): void {
    if (this.#waiting[who.place] !== who) return;
    const last = this.#waiting.pop()!;
    if (last !== who) {
      this.#waiting[who.place] = last;
      last.place = who.place;
    }
    if (this.#waiting.length === 0) this.signal.removeEventListener('abort', this.#tell);
  }

  readonly #tell = (): void => {
    const { reason } = this.signal;
    for (const who of this.#waiting.splice(0)) who.aborted(reason);
  };
}
