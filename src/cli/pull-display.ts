import type { RunTally } from '../dataset/pull/run-tally.js';
import { shownBytes } from '../quantities.js';
import { escapeLine } from './escape.js';

const TERMINAL_EVERY_MS = 250;
/** Without a terminal: a plain line, for logs. */
const PLAIN_EVERY_MS = 10_000;
const RATE_WEIGHT = 0.2;

/** The progress of a run on standard error: over itself on a terminal, and a line every ten seconds elsewhere. */
export class PullDisplay {
  #timer: NodeJS.Timeout | undefined;
  #before = { at: performance.now(), done: 0 };
  #rate: number | undefined;
  #drawn = false;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly tally: RunTally,
    /** What else is to be said now, if anything. */
    private readonly note: () => string | undefined = () => undefined,
  ) {}

  start(): void {
    this.#timer = setInterval(
      () => this.#draw(),
      this.stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS,
    ).unref();
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#drawn) this.stream.write('\r\x1b[K');
    this.#drawn = false;
  }

  #draw(): void {
    const now = performance.now();
    const { done } = this.tally;
    const rate = ((done - this.#before.done) / (now - this.#before.at)) * 1000;
    this.#rate = this.#rate === undefined ? rate : this.#rate + (rate - this.#rate) * RATE_WEIGHT;
    this.#before = { at: now, done };
    const line = escapeLine(this.#line());
    if (!this.stream.isTTY) {
      this.stream.write(`${line}\n`);
      return;
    }
    this.#drawn = true;
    this.stream.write(`\r${line.slice(0, (this.stream.columns ?? 80) - 1)}\x1b[K`);
  }

  #line(): string {
    const { done, successes, bytes, codes } = this.tally;
    const failed = [...codes].sort(([, a], [, b]) => b - a).slice(0, 3);
    const causes = failed.map(([code, times]) => `${code} ${times}`).join(', ');
    const failures = done - successes;
    const note = this.note();
    return [
      ...(note === undefined ? [] : [note]),
      `${done} done`,
      `${(this.#rate ?? 0).toFixed(0)}/s`,
      `${successes} good`,
      `${failures} failed${causes === '' ? '' : ` (${causes})`}`,
      shownBytes(bytes),
    ].join('  ');
  }
}
