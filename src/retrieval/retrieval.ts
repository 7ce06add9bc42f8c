import type { Destination } from '../body/sink.js';
import type { Connection } from '../connection/connection.js';
import { type Origin, originOf } from '../connection/origin.js';
import { ConnectionPool } from '../connection/pool.js';
import type { ConnectSettings } from '../connection/settings.js';
import { SluiceError } from '../errors.js';
import { Pacer, recvSizeForRate } from '../flow/pacing.js';
import type { Field } from '../http/fields.js';
import { quoted } from '../http/malformed.js';
import { writeRequest } from '../http/request-writer.js';
import type { ResponseHead } from '../http/response-reader.js';
import { Body } from './body.js';
import { withoutUserinfo } from './credentials.js';
import { type Exchanged, exchange, type ResponseTaker } from './exchange.js';
import { Observation } from './observation.js';
import type { RetrieveOptions } from './options.js';
import type { Receipt } from './receipt.js';
import { fieldsForRedirect, isRedirect, redirectTarget } from './redirect.js';
import { parseUrl, requestFields, targetOf, userFields } from './request.js';
import { TotalClock } from './total-clock.js';

const DEFAULT_RECV_SIZE = 64 * 1024;
const DEFAULT_MAX_REDIRECTS = 10;
const CONNECT_TIMEOUT_MS = 15_000;
const FIRST_BYTE_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 30_000;

/** How a request ends on a connection that the server closed while it was idle. */
const STALE: ReadonlySet<string> = new Set(['reply-empty', 'connection-reset', 'send-failed']);

const sharedPool = new ConnectionPool();

/** Where the next request goes, and what it says of us. */
interface Hop {
  readonly url: URL;
  readonly origin: Origin;
  /** The fields that the user set, as far as they may go there. */
  readonly fields: readonly Field[];
}

/** One URL, from start to end. `run` reads like the recipe: hop after hop until a response is no redirect; then its body. */
export class Retrieval {
  readonly #pool: ConnectionPool;
  readonly #recvSize: number;
  readonly #observation: Observation;
  #head: ResponseHead | undefined;
  #body: Body | undefined;

  constructor(
    private readonly url: string | URL,
    private readonly options: RetrieveOptions,
    private readonly destination: Destination,
  ) {
    this.#pool = options.pool ?? sharedPool;
    this.#recvSize = recvSizeForRate(options.recvSize ?? DEFAULT_RECV_SIZE, options.limitRate);
    this.#observation = new Observation(String(url), options, this.#recvSize);
  }

  /** Retrieves, and gives the receipt. Rejects with `SluiceError`, which carries the receipt of what was learnt. */
  async run(): Promise<Receipt> {
    const total = new TotalClock(this.options.timeouts?.total, this.options.signal);
    try {
      let hop: Hop | undefined = this.#firstHop();
      while (hop !== undefined) hop = await this.#follow(hop, total.signal);
      this.#refuseErrorStatus();
      return this.#observation.conclude(this.#head, this.#body);
    } catch (error) {
      throw this.#failed(total.signal?.aborted ? total.signal.reason : error);
    } finally {
      total.stop();
    }
  }

  #firstHop(): Hop {
    const url = parseUrl(this.url);
    this.#observation.begin(withoutUserinfo(url));
    return { url, origin: originOf(url), fields: userFields(url, this.options) };
  }

  /** One hop: request, response, and where it leads to, if it leads on. */
  async #follow(hop: Hop, signal: AbortSignal | undefined): Promise<Hop | undefined> {
    await this.#requestUntilAnswered(hop, signal);
    const head = this.#head!;
    const { maxRedirects = DEFAULT_MAX_REDIRECTS } = this.options;
    if (maxRedirects === 0 || !isRedirect(head)) return undefined;
    const url = redirectTarget(hop.url, head);
    const { receipt } = this.#observation;
    if (receipt.hops >= maxRedirects) {
      const at = withoutUserinfo(hop.url);
      throw new SluiceError(
        'redirect-limit',
        `${receipt.url} was redirected more than ${maxRedirects} times, at last from ${at}.`,
      );
    }
    const origin = originOf(url);
    const fields = fieldsForRedirect(hop.fields, hop.origin, origin);
    this.#observation.redirected(head.status, withoutUserinfo(url));
    return { url, origin, fields };
  }

  /** A kept-alive connection that the server has closed meanwhile says nothing of the server: the request is sent again, on a new one. */
  async #requestUntilAnswered(hop: Hop, signal: AbortSignal | undefined): Promise<void> {
    this.#head = undefined;
    this.#observation.hop();
    const settings = this.#connectSettings(signal);
    const idle = this.#pool.take(hop.origin, settings);
    if (idle !== undefined) {
      try {
        return await this.#request(hop, idle, true, signal, settings);
      } catch (error) {
        const stale = error instanceof SluiceError && STALE.has(error.code) && !this.#observation.received;
        if (!stale || signal?.aborted) throw error;
      }
    }
    await this.#request(hop, await this.#pool.open(hop.origin, settings), false, signal, settings);
  }

  async #request(
    hop: Hop,
    connection: Connection,
    reused: boolean,
    signal: AbortSignal | undefined,
    settings: ConnectSettings,
  ): Promise<void> {
    const { timeouts, delay, limitRate, httpVersion = '1.1' } = this.options;
    this.#observation.connected(connection, hop.origin.port, reused);
    const fields = requestFields(hop.origin, hop.fields);
    const observer = this.#observation.responseObserver(connection, hop.origin.secure);
    let exchanged: Exchanged | undefined;
    try {
      const text = writeRequest({ method: 'GET', target: targetOf(hop.url), httpVersion, fields });
      this.#observation.requested(withoutUserinfo(hop.url), text);
      exchanged = await exchange(connection, text, this.#taker(hop, signal), {
        pacer: delay || limitRate ? new Pacer({ delayMs: delay, limitRate }) : undefined,
        firstByteTimeoutMs: timeouts?.firstByte ?? FIRST_BYTE_TIMEOUT_MS,
        idleTimeoutMs: timeouts?.idle ?? IDLE_TIMEOUT_MS,
        signal,
        observer,
      });
    } finally {
      this.#observation.exchanged(exchanged?.wireBytes);
      if (exchanged?.reusable) this.#pool.give(connection, hop.origin, settings);
      else connection.destroy();
    }
  }

  #taker(hop: Hop, signal: AbortSignal | undefined): ResponseTaker {
    return {
      onInterim: (head) => this.#observation.interim(head.status),
      onHead: (head) => this.#takeHead(hop, head, signal),
      onBody: (data) => this.#body?.write(data),
      onComplete: () => this.#body?.end(),
    };
  }

  #takeHead(hop: Hop, head: ResponseHead, signal: AbortSignal | undefined): 'take' | 'discard' {
    this.#head = head;
    this.#observation.head(head);
    const redirected = this.options.maxRedirects !== 0 && isRedirect(head);
    if (redirected || head.status >= 400) return 'discard';
    this.#body = new Body(hop.url, head, this.options, this.destination, signal, (width, height) =>
      this.#observation.dimensions(width, height),
    );
    return 'take';
  }

  #connectSettings(signal: AbortSignal | undefined): ConnectSettings {
    const { timeouts, ca, insecure, lookup } = this.options;
    return {
      recvSize: this.#recvSize,
      tls: { ca, insecure },
      connectTimeoutMs: timeouts?.connect ?? CONNECT_TIMEOUT_MS,
      tlsTimeoutMs: timeouts?.tls ?? CONNECT_TIMEOUT_MS,
      lookup,
      signal,
    };
  }

  #refuseErrorStatus(): void {
    const { status, reason } = this.#head!;
    if (status < 400) return;
    const says = reason === '' ? '' : ` ${quoted(reason)}`;
    const { finalUrl } = this.#observation.receipt;
    throw new SluiceError('http-status', `${finalUrl} answered with status ${status}${says}.`);
  }

  /** Leaves nothing half done, and gives the error its receipt. What is no `SluiceError` is thrown on as it is: a sink's own, or a bug. */
  #failed(error: unknown): unknown {
    this.#body?.abort(error instanceof Error ? error : new Error(String(error)));
    if (error instanceof SluiceError) error.receipt = this.#observation.failed(error, this.#head, this.#body);
    return error;
  }
}
