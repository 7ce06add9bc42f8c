/** Sleep from which one can be woken, also just before it begins. Times in milliseconds. */
export class WakeableSleep {
  #isWoken = false;
  #end: (() => void) | undefined;

  /** What happened until now is known: only what happens from here on wakes. */
  reset(): void {
    this.#isWoken = false;
  }

  /** Resolves after `ms` (`Infinity`: never by itself), or when it was woken since the last `reset()`. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isWoken) return resolve();
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.wake(), ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this.#isWoken = true;
    this.#end?.();
    this.#end = undefined;
  }
}
