/** So many runs at once: more, and on a small machine each would slow the others. The rest stand in line. */
export const RUNS_AT_ONCE = 4;
/** So many more may wait. */
export const MOST_WAITING = 100;

interface Waiting {
  enter(): void;
  /** Told how many are before it, at first and whenever that changes. */
  moved(ahead: number): void;
}

/** Lets runs in, in the order in which they came. */
export class RunLine {
  #running = 0;
  #waiting: Waiting[] = [];

  get isFull(): boolean {
    return this.#waiting.length >= MOST_WAITING;
  }

  /** Resolves with a function that gives the place back; rejects with the signal's reason when that comes first. */
  async enter(signal: AbortSignal, moved: (ahead: number) => void): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running >= RUNS_AT_ONCE) await this.#turn(signal, moved);
    this.#running++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#running--;
      this.#waiting.shift()?.enter();
      this.#tell();
    };
  }

  #turn(signal: AbortSignal, moved: (ahead: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        this.#tell();
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiting = { enter, moved };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiting);
      moved(this.#waiting.length - 1);
    });
  }

  #tell(): void {
    this.#waiting.forEach((waiting, ahead) => void waiting.moved(ahead));
  }
}
