/**
 * Runs out when nothing has happened for `ms` milliseconds while we waited. Suspended, it stands still: what we don't ask for
 * can't be late. Touching it is a store, not a timer's restart: it is touched at every receive.
 */
export class IdleClock {
  #timer: NodeJS.Timeout | undefined;
  #since = 0;
  #ms = 0;
  #suspendedAt = 0;

  constructor(private readonly onLate: (ms: number) => void) {}

  /** Begins to count `ms` from `now`. */
  start(ms: number, now: number): void {
    clearTimeout(this.#timer);
    this.#ms = ms;
    this.#since = now;
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  touch(now: number): void {
    this.#since = now;
  }

  /** Stands still until `resume`: the time between does not count. */
  suspend(now: number): void {
    clearTimeout(this.#timer);
    this.#suspendedAt = now;
  }

  resume(now: number): void {
    this.#since += now - this.#suspendedAt;
    this.#timer = setTimeout(() => this.#look(), this.#since + this.#ms - now);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const left = this.#since + this.#ms - performance.now();
    if (left <= 1) this.onLate(this.#ms);
    else this.#timer = setTimeout(() => this.#look(), left);
  }
}
