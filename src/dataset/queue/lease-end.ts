/**
 * When something that is lent from now on is no longer ours. By two clocks, whichever says so first: that of the wall may be set back, and the other one stands still while the
 * machine sleeps.
 */
export class LeaseEnd {
  readonly #wall: number;
  readonly #steady: number;

  constructor(ms: number) {
    this.#wall = Date.now() + ms;
    this.#steady = performance.now() + ms;
  }

  get isOver(): boolean {
    return Date.now() >= this.#wall || performance.now() >= this.#steady;
  }
}
