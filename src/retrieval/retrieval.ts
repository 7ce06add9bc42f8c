import type { Destination, Taken } from '../body/sink.js';
import type { Connection } from '../connection/connection.js';
import { type Origin, originOf } from '../connection/origin.js';
import { ConnectionPool } from '../connection/pool.js';
import { SluiceError } from '../errors.js';
import type { Field } from '../http/fields.js';
import { quoted } from '../http/malformed.js';
import type { ResponseHead } from '../http/response-reader.js';
import { type AddressGuard, firstGuard } from './address-guard.js';
import { Body } from './body.js';
import { maskUserinfo, withoutUserinfo } from './credentials.js';
import { type Exchanged, exchange, type ResponseTaker } from './exchange.js';
import { Observation } from './observation.js';
import type { Settings } from './options.js';
import type { Receipt } from './receipt.js';
import { fieldsForRedirect, isRedirect, redirectTarget } from './redirect.js';
import { parseUrl, requestText, userFields } from './request.js';
import { TotalClock } from './total-clock.js';

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
}

/** One URL, from start to end. `run` reads like the recipe: hop after hop until a response is no redirect; then its body. */
export class Retrieval implements ResponseTaker {
  readonly #pool: ConnectionPool;
  readonly #observation: Observation;
  readonly #clock: TotalClock | undefined;
  #hop: Hop | undefined;
  #head: ResponseHead | undefined;
  #body: Body | undefined;
  /** The address of the last response. */
  #answeredBy = '';

  constructor(
    private readonly url: string | URL,
    private readonly settings: Settings,
    private readonly destination: Destination,
  ) {
    const { totalTimeoutMs, signal, pool } = settings;
    this.#pool = pool ?? sharedPool;
    this.#observation = new Observation(maskUserinfo(String(url)), settings);
    // Neither costs anything where it is not set.
    if (totalTimeoutMs !== undefined || signal !== undefined)
      this.#clock = new TotalClock(totalTimeoutMs, signal);
  }

  /** Retrieves, and gives the receipt. Rejects with `SluiceError`, which carries the receipt of what was learnt. */
  async run(): Promise<Receipt> {
    try {
      for (let hop: Hop | undefined = this.#firstHop(); hop !== undefined; hop = this.#nextHop(hop))
        await this.#ask(hop);
      this.#refuseErrorStatus();
      return this.#observation.conclude(this.#head, this.#body);
    } catch (error) {
      const signal = this.#clock?.signal;
      throw this.#failed(signal?.aborted ? signal.reason : error);
    } finally {
      this.#clock?.stop();
    }
  }

  #firstHop(): Hop {
    const url = parseUrl(this.url);
    this.#observation.begin(withoutUserinfo(url));
    const { guard: rules, trace } = this.settings;
    const guard = firstGuard(rules, trace === undefined ? undefined : this.#observation);
    return { url, origin: originOf(url), fields: userFields(url, this.settings), guard };
  }

  /** Where the response leads to, if it leads on. */
  #nextHop(hop: Hop): Hop | undefined {
    const head = this.#head!;
    const { maxRedirects } = this.settings;
    if (maxRedirects === 0 || !isRedirect(head)) return undefined;
    const url = redirectTarget(hop.url, head);
    const { hops, url: first } = this.#observation;
    if (hops >= maxRedirects) {
      const at = withoutUserinfo(hop.url);
      throw new SluiceError(
        'redirect-limit',
        `${first} was redirected more than ${maxRedirects} times, at last from ${at}.`,
      );
    }
    const origin = originOf(url);
    const fields = fieldsForRedirect(hop.fields, hop.origin, origin);
    this.#observation.redirected(head.status, withoutUserinfo(url));
    return { url, origin, fields, guard: hop.guard?.afterRedirect(this.#answeredBy) };
  }

  /**
   * One request and its response. A kept-alive connection that the server has closed meanwhile says nothing of the server: the request is sent
   * again, on a new one.
   */
  async #ask(hop: Hop): Promise<void> {
    const { connect } = this.settings;
    this.#hop = hop;
    this.#head = undefined;
    this.#observation.hop();
    let connection = this.#pool.take(hop.origin, connect, hop.guard);
    for (let reused = connection !== undefined; ; reused = false) {
      connection ??= await this.#pool.open(hop.origin, connect, this.#clock?.signal, hop.guard);
      this.#answeredBy = connection.address.address;
      const exchanged = await this.#request(hop, connection, reused);
      this.#observation.exchanged(exchanged);
      if (exchanged.reusable) this.#pool.give(connection, hop.origin, connect);
      else connection.destroy();
      if (exchanged.error === undefined) return;
      if (!reused || !this.#wasStale(exchanged.error)) throw exchanged.error;
      connection = undefined;
    }
  }

  #wasStale(error: unknown): boolean {
    if (this.#observation.received || this.#clock?.signal.aborted) return false;
    return error instanceof SluiceError && STALE.has(error.code);
  }

  #request(hop: Hop, connection: Connection, reused: boolean): Promise<Exchanged> {
    const { settings } = this;
    this.#observation.connected(connection, hop.origin.port, reused);
    const text = requestText(hop.url, hop.origin, hop.fields, settings.httpVersion);
    this.#observation.requested(hop.url, text);
    const observer = this.#observation.responseObserver(connection, hop.origin.secure);
    return exchange(connection, text, this, settings, observer, this.#clock?.signal);
  }

  onInterim(head: ResponseHead): void {
    this.#observation.interim(head.status);
  }

  onHead(head: ResponseHead): 'take' | 'discard' | 'leave' {
    this.#head = head;
    this.#observation.head(head);
    if (this.settings.headOnly) return 'leave';
    const redirected = this.settings.maxRedirects !== 0 && isRedirect(head);
    if (redirected || head.status >= 400) return 'discard';
    const { url } = this.#hop!;
    this.#body = new Body(url, head, this.settings, this.destination, this.#clock?.signal, this.#observation);
    return 'take';
  }

  onBody(data: Buffer): Taken {
    return this.#body?.write(data);
  }

  onComplete(): Taken {
    return this.#body?.end();
  }

  #refuseErrorStatus(): void {
    const { status, reason } = this.#head!;
    if (status < 400) return;
    const says = reason === '' ? '' : ` ${quoted(reason)}`;
    const { finalUrl } = this.#observation;
    throw new SluiceError('http-status', `${finalUrl} answered with status ${status}${says}.`);
  }

  /** Leaves nothing half done, and gives the error its receipt. What is no `SluiceError` is thrown on as it is: a sink's own, or a bug. */
  #failed(error: unknown): unknown {
    this.#body?.abort(error instanceof Error ? error : new Error(String(error)));
    if (error instanceof SluiceError) error.receipt = this.#observation.failed(error, this.#head, this.#body);
    return error;
  }
}
