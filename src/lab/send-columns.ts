import {
  emptyColumns,
  MOST_LISTED,
  type RunBatch,
  type RunColumns,
  type RunFacts,
  roundMs,
} from '../flow/run.js';
import type { OriginWatcher, SentResponse } from './origin-connection.js';
import { type Send, STALL_MS } from './paced-send.js';
import { SHOWN_START } from './run-facts.js';

type Own = Pick<RunColumns, 'sends' | 'stalls'>;

/** The sending end's part of a run: gathers what the origin sees of one response into batches. */
export class SendColumns implements OriginWatcher {
  #columns: Own = emptyColumns();
  #facts: Partial<RunFacts> = {};
  #response: SentResponse | undefined;
  #start = 0;
  readonly #wireStart: Buffer[] = [];
  #wireStartBytes = 0;
  /** The send that was told of as a stall that is not over. */
  #stalledSince: number | undefined;

  /** `start`: when the retrieval began, on the clock of `performance.now()`. */
  begin(start: number): void {
    this.#start = start;
  }

  /** The client's port, once it is known. */
  get clientPort(): number | undefined {
    return this.#response?.remotePort;
  }

  request(response: SentResponse): void {
    this.#response = response;
  }

  send(response: SentResponse, { bytes, at, until, stalled }: Send): void {
    this.#keepStart(bytes);
    const isTold = this.#stalledSince === at;
    if (stalled && !isTold) this.#columns.stalls.from.push(this.#ms(at));
    if (stalled || isTold) this.#columns.stalls.to.push(this.#ms(until));
    this.#stalledSince = undefined;
    const { from, at: taken, bytes: lengths } = this.#columns.sends;
    const last = taken.length - 1;
    if (response.sends > MOST_LISTED && last >= 0) {
      taken[last] = this.#ms(until);
      lengths[last]! += bytes.length;
    } else {
      from.push(this.#ms(at));
      taken.push(this.#ms(until));
      lengths.push(bytes.length);
    }
  }

  ended({ outcome, startedAt, durationMs = 0 }: SentResponse): void {
    this.#endStall();
    const at = this.#ms(startedAt + durationMs);
    if (outcome !== 'sending') this.#facts.serverEnd = { at, outcome };
    this.#tellStart();
  }

  /** What came since the last call. */
  take(): RunBatch {
    this.#beginStall();
    const { sends, stalls } = this.#columns;
    const facts = this.#facts;
    this.#columns = emptyColumns();
    this.#facts = {};
    const { bytesSent: sent = 0, sends: count = 0 } = this.#response ?? {};
    const now = this.#ms(performance.now());
    return { facts, columns: { sends, stalls }, totals: { now, sent, sends: count } };
  }

  /** A stall is told of while it lasts: nobody should have to wait for its end to see it. */
  #beginStall(): void {
    const since = this.#response?.pending?.since;
    if (since === undefined || since === this.#stalledSince || performance.now() - since <= STALL_MS) return;
    this.#stalledSince = since;
    this.#columns.stalls.from.push(this.#ms(since));
  }

  #endStall(): void {
    if (this.#stalledSince !== undefined) this.#columns.stalls.to.push(this.#ms(performance.now()));
    this.#stalledSince = undefined;
  }

  #keepStart(bytes: Buffer): void {
    if (this.#wireStartBytes >= SHOWN_START) return;
    const kept = Buffer.from(bytes.subarray(0, SHOWN_START - this.#wireStartBytes));
    this.#wireStart.push(kept);
    this.#wireStartBytes += kept.length;
    if (this.#wireStartBytes >= SHOWN_START) this.#tellStart();
  }

  #tellStart(): void {
    this.#facts.wireStart = Buffer.concat(this.#wireStart).toString('base64');
  }

  #ms(time: number): number {
    return roundMs(time - this.#start);
  }
}
