import Denque from 'denque';
import type { HostQueue } from './host-queue.js';

/**
 * The hosts that are ready, in three rings; each gives the turn to the host that has waited longest, and takes it back at its end.
 *
 * 1. Hosts that fail, and keep us waiting for it, have a ring of their own. It comes first as long as `Running` has room for probes, and otherwise last.
 * 2. So have hosts that need long for the rows that wait: slow ones, and those with many. They and all others have every other turn, so
 *    that a host which sets the end of the run anyway has its slots in use all the time, and a thousand small ones go on as well.
 */
export class ReadyHosts<Row> {
  readonly #tedious = new Denque<HostQueue<Row>>();
  readonly #long = new Denque<HostQueue<Row>>();
  readonly #others = new Denque<HostQueue<Row>>();
  #isTurnOfLong = true;

  /** Puts a host at the end of its ring; it may stand in one only. */
  push(host: HostQueue<Row>, hostLimit: number): void {
    if (host.keepsWaiting) this.#tedious.push(host);
    else if (host.needsLong(hostLimit)) this.#long.push(host);
    else this.#others.push(host);
  }

  /** Takes out the next; undefined where there is none. */
  shift(hasRoomForProbe: boolean): HostQueue<Row> | undefined {
    if (hasRoomForProbe && this.#tedious.length > 0) return this.#tedious.shift();
    this.#isTurnOfLong = !this.#isTurnOfLong;
    const [first, second] = this.#isTurnOfLong ? [this.#long, this.#others] : [this.#others, this.#long];
    return first.shift() ?? second.shift() ?? this.#tedious.shift();
  }
}
