/** So much may be lost by a power cut: what was written since the last sync. */
const MOST_UNSYNCED_BYTES = 64 * 1024 * 1024;
const MOST_UNSYNCED_MS = 5000;

/**
 * Brings to the disk what is written, beside the work: whoever writes waits only where the disk is a whole lot behind, so that a slow disk slows the
 * receives. It has no timer: what comes before a lull longer than that is the kernel's care.
 */
export class BackgroundSync {
  #bytes = 0;
  #since = performance.now();
  #running: Promise<void> | undefined;
  #failed = false;

  constructor(private readonly sync: () => Promise<void>) {}

  /** To be called after each write; a promise is to be waited for. Rejects with what a sync failed with. */
  wrote(bytes: number): Promise<void> | undefined {
    this.#bytes += bytes;
    const isMuch = this.#bytes >= MOST_UNSYNCED_BYTES;
    if (this.#running !== undefined) return isMuch || this.#failed ? this.#running : undefined;
    if (isMuch || performance.now() - this.#since >= MOST_UNSYNCED_MS) this.#start();
    return undefined;
  }

  /** Resolves when no sync is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #start(): void {
    this.#bytes = 0;
    this.#since = performance.now();
    const running = this.sync().then(() => {
      this.#running = undefined;
    });
    // A failure stays in place, for whoever writes next, or settles.
    running.catch(() => {
      this.#failed = true;
    });
    this.#running = running;
  }
}
