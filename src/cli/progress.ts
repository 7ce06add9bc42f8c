import type { FlowObserver } from '../flow/observer.js';
import { shownBytes } from '../quantities.js';

/** Ten times a second is smooth, and costs nothing beside the transfer. */
const EVERY_MS = 100;
/** A transfer that is over before needs no bar. */
const QUIET_MS = 300;
/** The rate is that of about the last second. */
const RATE_WEIGHT = 0.15;

/** The progress of one retrieval, drawn over itself on one line of a terminal. */
export class Progress {
  #received = 0;
  #shownBefore = 0;
  #rate: number | undefined;
  #expected: number | undefined;
  #dimensions = '';
  #paused = false;
  #drawn = false;
  readonly #began = performance.now();
  #last = this.#began;
  #timer: NodeJS.Timeout | undefined;

  readonly observer: FlowObserver = {
    asked: () => {
      this.#received = 0;
    },
    receive: (length) => {
      this.#received += length;
    },
    stop: () => {
      this.#paused = true;
    },
    resume: () => {
      this.#paused = false;
    },
    queue: () => undefined,
    ended: () => undefined,
  };

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly name: string,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.#draw(), EVERY_MS).unref();
  }

  /** What the whole response will be on the wire, header included; undefined where the server does not say. */
  expect(wireBytes: number | undefined): void {
    this.#expected = wireBytes;
  }

  dimensions(width: number, height: number): void {
    this.#dimensions = `${width} x ${height}`;
  }

  /** Takes the line away until it is drawn again: something else is about to be printed. */
  clear(): void {
    if (this.#drawn) this.stream.write('\r\x1b[K');
    this.#drawn = false;
  }

  /** Takes the line away for good. */
  end(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #draw(): void {
    const now = performance.now();
    if (now - this.#began < QUIET_MS) return;
    const rate = ((this.#received - this.#shownBefore) / (now - this.#last)) * 1000;
    this.#rate = this.#rate === undefined ? rate : this.#rate + (rate - this.#rate) * RATE_WEIGHT;
    this.#shownBefore = this.#received;
    this.#last = now;
    this.#drawn = true;
    const width = (this.stream.columns ?? 80) - 1;
    this.stream.write(`\r${this.#line(width).slice(0, width)}\x1b[K`);
  }

  #line(width: number): string {
    const rate = this.#rate ?? 0;
    const parts = [shownBytes(this.#received), `${shownBytes(rate)}/s`];
    if (this.#expected !== undefined && this.#expected > 0) {
      const share = Math.min(1, this.#received / this.#expected);
      parts[0] = `${shownBytes(this.#received)} of ${shownBytes(this.#expected)}`;
      if (rate > 0 && share < 1) parts.push(`${clock((this.#expected - this.#received) / rate)} left`);
      parts.unshift(`${bar(share)} ${Math.floor(share * 100)}%`);
    }
    if (this.#dimensions !== '') parts.push(this.#dimensions);
    if (this.#paused) parts.push('(paused by us)');
    const rest = parts.join('  ');
    const room = Math.max(0, width - rest.length - 2);
    const name = this.name.length > room ? `${this.name.slice(0, Math.max(0, room - 3))}...` : this.name;
    return room < 8 ? rest : `${name}  ${rest}`;
  }
}

function bar(share: number): string {
  // With all else that is told there is room for a short name in 80 columns.
  const cells = 12;
  const full = Math.round(share * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}]`;
}

function clock(seconds: number): string {
  if (seconds >= 360_000) return 'days';
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
