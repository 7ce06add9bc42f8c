/** Whom the clock tells. */
export interface IdleListener {
  /** Nothing came for `ms` milliseconds while we waited. */
  onLate(ms: number): void;
}

/**
 * Runs out when nothing has happened for a set time while we waited. Suspended, it stands still: what we don't ask for can't be
 * late. There is one a connection, and its timer is left running between responses, for a timer a response costs more than reading its head:
 * when it fires too early it looks how much time is left.
 */
export class IdleClock {
  #listener: IdleListener | undefined;
  #since = 0;
  #ms = 0;
  #suspendedAt = 0;
  #running = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #due = 0;

  /** Begins to count `ms` from `now`, for `listener`. */
  start(ms: number, now: number, listener: IdleListener): void {
    this.#listener = listener;
    this.#ms = ms;
    this.#since = now;
    this.#running = true;
    this.#fireBy(now + ms, now);
  }

  touch(now: number): void {
    this.#since = now;
  }

  /** Stands still until `resume`: the time between does not count. */
  suspend(now: number): void {
    this.#running = false;
    this.#suspendedAt = now;
  }

  resume(now: number): void {
    this.#since += now - this.#suspendedAt;
    this.#running = true;
    this.#fireBy(this.#since + this.#ms, now);
  }

  stop(): void {
    this.#running = false;
    this.#listener = undefined;
  }

  /** The connection is gone. */
  close(): void {
    this.stop();
    clearTimeout(this.#timer);
  }

  #fireBy(due: number, now: number): void {
    if (this.#timer !== undefined) {
      if (this.#due <= due) return;
      clearTimeout(this.#timer);
    }
    this.#due = due;
    // The socket keeps the process alive while somebody waits for it; the clock alone should not.
    this.#timer = setTimeout(look, due - now, this).unref();
  }

  /** For the timer alone. */
  look(): void {
    this.#timer = undefined;
    if (!this.#running) return;
    const now = performance.now();
    const due = this.#since + this.#ms;
    if (due - now <= 1) this.#listener?.onLate(this.#ms);
    else this.#fireBy(due, now);
  }
}

function look(clock: IdleClock): void {
  clock.look();
}
