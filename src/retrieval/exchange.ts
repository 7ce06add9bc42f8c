import type { Taken } from '../body/sink.js';
import type { Connection, Receiver } from '../connection/connection.js';
import type { IdleListener } from '../connection/idle-clock.js';
import { TurnQueue } from '../connection/turn-queue.js';
import type { FlowObserver } from '../flow/observer.js';
import { Pacer, type Pause } from '../flow/pacing.js';
import { type ResponseHandler, type ResponseHead, ResponseReader } from '../http/response-reader.js';
import {
  bodySilent,
  bodySlow,
  connectionBroken,
  endedWithoutCloseNotify,
  headerLate,
} from './exchange-failure.js';
import type { Settings } from './options.js';
import { SpeedFloor } from './speed-floor.js';
import type { TotalClock } from './total-clock.js';

/** Who takes a response. Anything that these throw or reject with ends the exchange. */
export interface ResponseTaker {
  onInterim(head: ResponseHead): void;
  /** Says what to do with the body: take it, pass over it, or leave it, which costs the connection. */
  onHead(head: ResponseHead): 'take' | 'discard' | 'leave';
  /** A view on the receive buffer; nothing more is received until it is taken. */
  onBody(data: Buffer): Taken;
  /** The body was received to its end. */
  onComplete(): Taken;
}

/** How one exchange is done. */
type ExchangeSettings = Pick<Settings, 'firstByteTimeoutMs' | 'idleTimeoutMs' | 'minSpeed' | 'pacing'>;

/** A body that nobody wants is read to its end up to here, to keep the connection; beyond, closing it is cheaper. */
const DISCARD_BYTES = 64 * 1024;
/** And for no longer than this, however the bytes drip. */
const DISCARD_MS = 250;

/** What came of it. */
export interface Exchanged {
  /** Bytes received: header, framing and body. */
  readonly wireBytes: number;
  /** The response was read to its end and the server keeps the connection open. */
  readonly reusable: boolean;
  /** Why it failed: a `SluiceError`, or what the taker threw; undefined where it did not. */
  readonly error: unknown;
  /** When the last piece of a body that failed has been taken, if it was not yet; rejects as its taker did. */
  readonly taking: Taken;
}

/** Sends one request on `connection` and receives its response. Never rejects. Afterwards the connection has no receiver. */
export function exchange(
  connection: Connection,
  request: string,
  taker: ResponseTaker,
  settings: ExchangeSettings,
  observer: FlowObserver,
  clock: TotalClock | undefined,
): Promise<Exchanged> {
  return new Promise((resolve) => {
    new Exchange(connection, taker, settings, observer, clock, resolve).begin(request);
  });
}

const successes = new TurnQueue<Exchange>((exchange) => exchange.resolveSuccess());

class Exchange implements Receiver, ResponseHandler, IdleListener {
  readonly #reader = new ResponseReader('GET', this);
  #head: ResponseHead | undefined;
  #discarding = false;
  #leaving = false;
  #headAt = 0;
  #bodyBytes = 0;
  /** Set while a piece of the body is not taken yet. */
  #taking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  #exchanged: Exchanged | undefined;
  readonly #pacer: Pacer | undefined;
  #speedFloor: SpeedFloor | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly taker: ResponseTaker,
    private readonly settings: ExchangeSettings,
    private readonly observer: FlowObserver,
    private readonly clock: TotalClock | undefined,
    private readonly resolve: (exchanged: Exchanged) => void,
  ) {
    if (settings.pacing !== undefined) this.#pacer = new Pacer(settings.pacing);
  }

  begin(request: string): void {
    const { clock } = this;
    this.connection.attach(this);
    if (clock !== undefined) {
      clock.onAbort = () => this.#fail(clock.reason);
      if (clock.isAborted) {
        this.#fail(clock.reason);
        return;
      }
    }
    this.connection.send(request);
    const now = performance.now();
    this.observer.asked(now);
    this.connection.clock.start(this.settings.firstByteTimeoutMs, now, this);
  }

  onReceive(data: Buffer): void {
    const at = performance.now();
    if (this.#head !== undefined) this.connection.clock.touch(at);
    const { length } = data;
    this.#speedFloor?.received(length);
    try {
      this.#reader.push(data);
    } catch (error) {
      this.observer.receive(length, at, performance.now());
      this.#fail(error);
      return;
    }
    const until = performance.now();
    this.observer.receive(length, at, until);
    if (this.#settled) return;
    if (this.#reader.complete) this.#complete();
    else if (!this.#discarding) this.#pace(length, at, until);
    else if (this.#leaving || this.#bodyBytes > DISCARD_BYTES || at - this.#headAt > DISCARD_MS)
      this.#succeed();
  }

  onEnd(orderly: boolean): void {
    try {
      if (!orderly && this.#head?.framing.kind === 'close') throw endedWithoutCloseNotify(this.#bodyBytes);
      this.#reader.end();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#complete();
  }

  onError(error: Error): void {
    this.#fail(connectionBroken(error, this.#reader.offset));
  }

  onInterim(head: ResponseHead): void {
    this.taker.onInterim(head);
  }

  onHead(head: ResponseHead): void {
    this.#head = head;
    const answer = this.taker.onHead(head);
    this.#discarding = answer !== 'take';
    this.#leaving = answer === 'leave';
    const { idleTimeoutMs } = this.settings;
    this.#headAt = performance.now();
    const ms = this.#discarding ? Math.min(DISCARD_MS, idleTimeoutMs) : idleTimeoutMs;
    this.connection.clock.start(ms, this.#headAt, this);
    const { minSpeed } = this.settings;
    if (minSpeed === undefined || this.#discarding) return;
    this.#speedFloor = new SpeedFloor(minSpeed, this.#headAt, (rate) => {
      this.#fail(bodySlow(rate, minSpeed, this.#bodyBytes, head.framing));
    });
  }

  onBody(data: Buffer): void {
    this.#bodyBytes += data.length;
    if (this.#discarding) return;
    // One receive may hold several chunks: each waits for the one before.
    if (this.#taking === undefined) this.#taking = this.taker.onBody(data);
    else this.#taking = this.#taking.then(() => this.taker.onBody(data));
  }

  onComplete(): void {
    // The reader's own state says so; what follows must wait until the last piece is taken.
  }

  /** Stops reading where the body's taker or the pacing wants it. */
  #pace(length: number, at: number, until: number): void {
    const pause = this.#pacer?.pauseAfter(length, at);
    const taking = this.#taking;
    if (taking === undefined && pause === undefined) return;
    this.connection.stop();
    this.connection.clock.suspend(until);
    this.#speedFloor?.suspend(until);
    if (taking === undefined) this.#pause(pause!, until);
    else void this.#waitForTaker(taking, pause, until);
  }

  async #waitForTaker(taking: Promise<void>, pause: Pause | undefined, since: number): Promise<void> {
    this.observer.stop(since, 'consumer');
    try {
      await taking;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#taking = undefined;
    if (this.#settled) return;
    const now = performance.now();
    const left = pause === undefined ? 0 : pause.ms - (now - since);
    if (left > 0) {
      this.observer.resume(now);
      this.#pause({ ms: left, reason: pause!.reason }, now);
    } else this.#resume();
  }

  #pause(pause: Pause, since: number): void {
    this.observer.stop(since, pause.reason);
    this.#timer = setTimeout(() => this.#resume(), pause.ms);
  }

  #resume(): void {
    const now = performance.now();
    this.observer.resume(now);
    this.connection.clock.resume(now);
    this.#speedFloor?.resume(now);
    this.connection.resume();
  }

  #complete(): void {
    this.connection.clock.stop();
    this.#speedFloor?.stop();
    const taken = this.#discarding ? undefined : this.#lastTaken();
    if (taken === undefined) {
      this.#succeed();
      return;
    }
    this.connection.stop();
    taken.then(
      () => this.#succeed(),
      (error) => this.#fail(error),
    );
  }

  #lastTaken(): Taken {
    if (this.#taking !== undefined) return this.#taking.then(() => this.taker.onComplete());
    try {
      return this.taker.onComplete();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** For the queue alone. */
  resolveSuccess(): void {
    this.resolve(this.#exchanged!);
  }

  #succeed(): void {
    if (this.#settled) return;
    this.#leave();
    const reusable = this.#reader.reusable && this.connection.usable && !this.#leaving;
    // Closed before the server's end is read, to which Node would answer with an end of ours, and that costs more than the response.
    if (!reusable) this.connection.destroy();
    else if (this.connection.stopped) this.connection.resume();
    this.#exchanged = {
      wireBytes: this.#reader.offset - this.#reader.excess,
      reusable,
      error: undefined,
      taking: undefined,
    };
    successes.add(this);
  }

  #fail(error: unknown): void {
    if (this.#settled) return;
    // The head of a redirect or an error status is all that was wanted: how its body ends does not matter.
    if (this.#discarding && !this.clock?.isAborted) {
      this.#succeed();
      return;
    }
    // The last piece may not be taken yet, and lies in the receive buffer.
    if (this.#taking !== undefined) this.connection.stop();
    this.#leave();
    this.resolve({ wireBytes: this.#reader.offset, reusable: false, error, taking: this.#taking });
  }

  #leave(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.connection.clock.stop();
    this.#speedFloor?.stop();
    // The exchange is over for another reason: that the last piece could not be taken either says nothing more.
    this.#taking?.then(undefined, () => undefined);
    if (this.clock !== undefined) this.clock.onAbort = undefined;
    this.connection.detach();
    this.observer.ended(performance.now());
  }

  onLate(ms: number): void {
    const head = this.#head;
    this.#fail(
      head === undefined
        ? headerLate(ms, this.#reader.offset)
        : bodySilent(ms, this.#bodyBytes, head.framing),
    );
  }
}
