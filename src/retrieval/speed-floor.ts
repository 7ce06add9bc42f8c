/** The least mean rate that is put up with. */
export interface MinSpeed {
  /** Bytes a second. */
  readonly rate: number;
  /** Milliseconds over which it is taken. */
  readonly overMs: number;
}

/** One slice of the time in which we asked. */
interface Slice {
  readonly askedMs: number;
  readonly bytes: number;
}

/** The mean is that of about as many slices; it is looked at once a slice. */
const SLICES = 8;

/**
 * Finds out that bytes come too slowly: over the last `overMs` milliseconds in which we asked for some, their mean rate was below the floor. Time in
 * which we did not ask is not counted: our own pauses are not the server's slowness.
 */
export class SpeedFloor {
  readonly #timer: NodeJS.Timeout;
  #slices: Slice[] = [];
  #bytes = 0;
  #askedMs = 0;
  /** Since when we ask, or undefined while we don't. */
  #asking: number | undefined;

  /** `onSlow` is told once, with the mean rate in bytes a second. */
  constructor(
    private readonly floor: MinSpeed,
    now: number,
    private readonly onSlow: (rate: number) => void,
  ) {
    this.#asking = now;
    this.#timer = setInterval(() => this.#look(performance.now()), floor.overMs / SLICES).unref();
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  suspend(now: number): void {
    if (this.#asking !== undefined) this.#askedMs += now - this.#asking;
    this.#asking = undefined;
  }

  resume(now: number): void {
    this.#asking = now;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    if (this.#asking !== undefined) {
      this.#askedMs += now - this.#asking;
      this.#asking = now;
    }
    if (this.#askedMs === 0) return;
    this.#slices.push({ askedMs: this.#askedMs, bytes: this.#bytes });
    this.#askedMs = 0;
    this.#bytes = 0;
    const { rate, overMs } = this.floor;
    // The oldest go as long as those that stay make up the time.
    while (asked(this.#slices) - this.#slices[0]!.askedMs >= overMs) this.#slices.shift();
    const ms = asked(this.#slices);
    if (ms < overMs) return;
    const mean = (this.#slices.reduce((sum, { bytes }) => sum + bytes, 0) / ms) * 1000;
    if (mean >= rate) return;
    this.stop();
    this.onSlow(mean);
  }
}

function asked(slices: readonly Slice[]): number {
  return slices.reduce((sum, { askedMs }) => sum + askedMs, 0);
}
