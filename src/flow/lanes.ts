import { READY_MS } from './ledger.js';
import type { FlowObserver } from './observer.js';

/** What one cell of time saw. */
export interface LaneCell {
  /** Received in it. */
  bytes: number;
  /** Milliseconds of it in which we paused, and in which we waited for bytes. */
  paused: number;
  waited: number;
}

/** The most cells; there are at least half as many once the transfer is longer than that. */
const MOST_CELLS = 64;
/** A cell at the beginning, in milliseconds. */
const FIRST_CELL_MS = 1;

/** A transfer against time, in few cells: when they run out, each two become one. Memory does not grow with the transfer. */
export class FlowLanes implements FlowObserver {
  cells: LaneCell[] = [];
  /** Milliseconds that a cell stands for. */
  cellMs = FIRST_CELL_MS;

  #start = 0;
  #asking: number | undefined;
  #stopped: number | undefined;

  asked(at: number): void {
    this.cells = [];
    this.cellMs = FIRST_CELL_MS;
    this.#start = at;
    this.#asking = at;
    this.#stopped = undefined;
  }

  receive(length: number, at: number, until: number): void {
    this.#waited(at);
    this.#cellAt(at).bytes += length;
    this.#asking = until;
  }

  stop(at: number): void {
    this.#asking = undefined;
    this.#stopped = at;
  }

  resume(at: number): void {
    if (this.#stopped !== undefined) this.#span('paused', this.#stopped, at);
    this.#stopped = undefined;
    this.#asking = at;
  }

  queue(): void {
    // Of a moment, not of a time.
  }

  ended(at: number): void {
    if (this.#stopped !== undefined) this.resume(at);
    this.#waited(at);
    this.#cellAt(at);
    this.#asking = undefined;
  }

  #waited(until: number): void {
    if (this.#asking !== undefined && until - this.#asking >= READY_MS)
      this.#span('waited', this.#asking, until);
  }

  #span(lane: 'paused' | 'waited', from: number, to: number): void {
    this.#cellAt(to);
    let at = from;
    while (at < to) {
      const index = Math.floor((at - this.#start) / this.cellMs);
      // The last cell takes what rounding leaves.
      const end = Math.min(to, Math.max(this.#start + (index + 1) * this.cellMs, at + 1e-6));
      this.#cellAt(at)[lane] += end - at;
      at = end;
    }
  }

  #cellAt(at: number): LaneCell {
    while ((at - this.#start) / this.cellMs >= MOST_CELLS) this.#halve();
    const index = Math.max(0, Math.floor((at - this.#start) / this.cellMs));
    while (this.cells.length <= index) this.cells.push({ bytes: 0, paused: 0, waited: 0 });
    return this.cells[index]!;
  }

  #halve(): void {
    const halved: LaneCell[] = [];
    for (let i = 0; i < this.cells.length; i += 2) {
      const [one, two] = [this.cells[i]!, this.cells[i + 1]];
      halved.push({
        bytes: one.bytes + (two?.bytes ?? 0),
        paused: one.paused + (two?.paused ?? 0),
        waited: one.waited + (two?.waited ?? 0),
      });
    }
    this.cells = halved;
    this.cellMs *= 2;
  }
}
