import { once } from 'node:events';
import type { Taken } from '../body/sink.js';
import type { Connection } from '../connection/connection.js';
import { type Origin, originOf } from '../connection/origin.js';
import { ConnectionPool } from '../connection/pool.js';
import type { ConnectSettings } from '../connection/settings.js';
import { SluiceError } from '../errors.js';
import type { Field } from '../http/fields.js';
import { quoted } from '../http/malformed.js';
import type { ResponseHead } from '../http/response-reader.js';
import { type AddressGuard, firstGuard } from './address-guard.js';
import { maskUserinfo, shownUrl, withoutUserinfo } from './credentials.js';
import { type Exchanged, exchange, type ResponseTaker } from './exchange.js';
import { Observation } from './observation.js';
import type { Settings } from './options.js';
import type { Receipt } from './receipt.js';
import { fieldsForRedirect, isRedirect, redirectTarget } from './redirect.js';
import { parseUrl, requestText, userFields } from './request.js';
import { retryAfterMs, retryDelay } from './retry.js';
import { TotalClock } from './total-clock.js';
import { type Target, Transfer } from './transfer.js';

/** How a request ends on a connection that the server closed while it was idle. */
const STALE: ReadonlySet<string> = new Set(['reply-empty', 'connection-reset', 'send-failed']);

const sharedPool = new ConnectionPool();

/** Where the next request goes, and what it says of us. */
interface Hop {
  readonly url: URL;
  readonly origin: Origin;
  /** The fields that the user set, as far as they may go there. */
  readonly fields: readonly Field[];
  /** Who may be connected to there; undefined where nothing is refused. */
  readonly guard: AddressGuard | undefined;
  /** How it is connected to, and through which proxy. */
  readonly connect: ConnectSettings;
}

/** One URL, from start to end. `run` reads like the recipe: attempt after attempt, and in each hop after hop until a response is no redirect. */
export class Retrieval implements ResponseTaker {
  readonly #pool: ConnectionPool;
  readonly #observation: Observation;
  readonly #transfer: Transfer;
  readonly #clock: TotalClock | undefined;
  #hop: Hop | undefined;
  #head: ResponseHead | undefined;
  /** The address of the last response; undefined where a proxy passed it on. */
  #answeredBy: string | undefined;

  constructor(
    private readonly url: string | URL,
    private readonly settings: Settings,
    target: Target,
  ) {
    const { totalTimeoutMs, signal, pool, trace, observer } = settings;
    this.#pool = pool ?? sharedPool;
    this.#observation = new Observation(maskUserinfo(String(url)), settings, (error) =>
      this.#clock?.abort(error),
    );
    // It costs nothing where nothing can end the retrieval early.
    if ((totalTimeoutMs ?? signal ?? trace ?? observer) !== undefined)
      this.#clock = new TotalClock(totalTimeoutMs, signal, () => this.#observation.standing);
    this.#transfer = new Transfer(settings, target, this.#observation, this.#clock);
  }

  /** Retrieves, and gives the receipt. Rejects with `SluiceError`, which carries the receipt of what was learnt. */
  async run(): Promise<Receipt> {
    try {
      const first = this.#firstHop();
      for (let retry = 1; ; retry++) {
        try {
          this.#observation.begin(withoutUserinfo(first.url));
          for (let hop: Hop | undefined = first; hop !== undefined; hop = this.#nextHop(hop))
            await this.#ask(hop);
          this.#refuseErrorStatus();
          return this.#observation.conclude(this.#head, this.#transfer);
        } catch (error) {
          await this.#waitForRetry(retry, error);
        }
      }
    } catch (error) {
      throw this.#failed(this.#clock?.isAborted ? this.#clock.reason : error);
    } finally {
      this.#clock?.stop();
    }
  }

  /** Resolves when it is time for the next attempt; throws `error` where there is to be none. */
  async #waitForRetry(retry: number, error: unknown): Promise<void> {
    if (!(error instanceof SluiceError) || this.#clock?.isAborted) throw error;
    const delayMs = retryDelay(retry, this.settings.retry, error, this.#head);
    if (delayMs === undefined || !this.#transfer.interrupted(error)) throw error;
    this.#observation.retry(retry, delayMs, this.#transfer.asksFrom, error);
    const { setTimeout: sleep } = await import('node:timers/promises');
    await sleep(delayMs, undefined, this.#clock === undefined ? {} : { signal: this.#clock.signal });
  }

  #firstHop(): Hop {
    const url = parseUrl(this.url);
    this.#transfer.prepare(withoutUserinfo(url));
    const { guard: rules, trace } = this.settings;
    const guard = firstGuard(rules, trace === undefined ? undefined : this.#observation);
    const fields = userFields(url, this.settings);
    return { url, origin: originOf(url), fields, guard, connect: this.#connectFor(url) };
  }

  /** Where the response leads to, if it leads on. */
  #nextHop(hop: Hop): Hop | undefined {
    const head = this.#head!;
    const { maxRedirects } = this.settings;
    if (maxRedirects === 0 || !isRedirect(head)) return undefined;
    const url = redirectTarget(hop.url, head);
    const { hops, url: first } = this.#observation;
    if (hops >= maxRedirects) {
      const at = shownUrl(hop.url);
      throw new SluiceError(
        'redirect-limit',
        `${shownUrl(first)} was redirected more than ${maxRedirects} times, at last from ${at}.`,
      );
    }
    const origin = originOf(url);
    const fields = fieldsForRedirect(hop.fields, hop.origin, origin);
    this.#observation.redirected(head.status, withoutUserinfo(url));
    const guard = hop.guard?.afterRedirect(this.#answeredBy);
    return { url, origin, fields, guard, connect: this.#connectFor(url) };
  }

  #connectFor(url: URL): ConnectSettings {
    const { connect, proxyFor } = this.settings;
    const proxy = proxyFor?.(url);
    return proxy === undefined ? connect : { ...connect, proxy };
  }

  /**
   * One request and its response. A kept-alive connection that the server has closed meanwhile says nothing of the server: the request is sent
   * again, on a new one.
   */
  async #ask(hop: Hop): Promise<void> {
    const { connect } = hop;
    this.#hop = hop;
    this.#head = undefined;
    this.#observation.hop(connect.proxy);
    // What is connected to is the proxy then, and whoever set it may connect to it.
    const guard = connect.proxy === undefined ? hop.guard : undefined;
    if (connect.proxy !== undefined) hop.guard?.admitThroughProxy(hop.origin);
    let connection = this.#pool.take(hop.origin, connect, guard);
    for (let reused = connection !== undefined; ; reused = false) {
      connection ??= await this.#pool.open(hop.origin, connect, this.#clock?.signal, guard);
      this.#answeredBy = connect.proxy === undefined ? connection.address.address : undefined;
      const exchanged = await this.#request(hop, connection, reused);
      this.#observation.exchanged(exchanged);
      if (exchanged.reusable) this.#pool.give(connection, hop.origin, connect);
      else connection.destroy();
      if (exchanged.error !== undefined) {
        // What came before the failure may still be on its way to the sink: an attempt that goes on must stand behind it.
        await this.#unlessAborted(exchanged.taking);
        if (!reused || !this.#wasStale(exchanged.error)) throw exchanged.error;
      } else {
        const { outcome } = this.#transfer;
        if (outcome === 'done') return;
        if (outcome === 'complete') return this.#unlessAborted(this.#transfer.end());
        this.#transfer.outcome = 'done';
      }
      connection = undefined;
    }
  }

  #wasStale(error: unknown): boolean {
    if (this.#observation.received || this.#clock?.isAborted) return false;
    return error instanceof SluiceError && STALE.has(error.code);
  }

  /** Waits for a sink, but not beyond the end of the retrieval. */
  async #unlessAborted(taking: Taken): Promise<void> {
    if (taking === undefined) return;
    if (this.#clock === undefined) return taking;
    const { signal } = this.#clock;
    signal.throwIfAborted();
    await Promise.race([taking, once(signal, 'abort')]);
    signal.throwIfAborted();
  }

  #request(hop: Hop, connection: Connection, reused: boolean): Promise<Exchanged> {
    const { settings } = this;
    const { proxy } = hop.connect;
    this.#observation.connected(connection, (proxy ?? hop.origin).port, reused);
    const fields = this.#transfer.fields(hop.fields);
    const text = requestText(hop.url, hop.origin, fields, settings.httpVersion, proxy);
    this.#observation.requested(hop.url, text);
    const observer = this.#observation.responseObserver(connection, hop.origin.secure);
    return exchange(connection, text, this, settings, observer, this.#clock);
  }

  onInterim(head: ResponseHead): void {
    this.#observation.interim(head.status);
  }

  onHead(head: ResponseHead): 'take' | 'discard' | 'leave' {
    this.#head = head;
    this.#observation.head(head);
    if (this.settings.headOnly) return 'leave';
    if (this.settings.maxRedirects !== 0 && isRedirect(head)) return 'discard';
    return this.#transfer.begin(this.#hop!.url, head);
  }

  onBody(data: Buffer): Taken {
    return this.#transfer.write(data);
  }

  onComplete(): Taken {
    return this.#transfer.end();
  }

  #refuseErrorStatus(): void {
    const { status, reason } = this.#head!;
    if (status < 400 || this.#transfer.isComplete) return;
    const says = reason === '' ? '' : ` ${quoted(reason)}`;
    const after = retryAfterMs(this.#head!);
    const patience =
      after === undefined ? '' : `, and asks to be asked again in ${Math.ceil(after / 1000)} s`;
    const { finalUrl, proxy } = this.#observation;
    if (status === 407 && proxy !== null) {
      throw new SluiceError('http-status', `The proxy ${proxy} wants credentials: status 407${says}.`);
    }
    throw new SluiceError(
      'http-status',
      `${shownUrl(finalUrl)} answered with status ${status}${says}${patience}.`,
    );
  }

  /** Leaves nothing half done, and gives the error its receipt. What is no `SluiceError` is thrown on as it is: a sink's own, or a bug. */
  #failed(error: unknown): unknown {
    const part = this.#transfer.fail(error instanceof Error ? error : new Error(String(error)));
    if (error instanceof SluiceError)
      error.receipt = this.#observation.failed(error, this.#head, this.#transfer, part);
    return error;
  }
}
