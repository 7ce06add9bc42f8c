import type { Destination } from '../body/sink.js';
import type { Connection } from '../connection/connection.js';
import { type Origin, originOf } from '../connection/origin.js';
import { ConnectionPool } from '../connection/pool.js';
import type { ConnectSettings } from '../connection/settings.js';
import { SluiceError } from '../errors.js';
import { watchKernelQueue } from '../flow/kernel-queue.js';
import { Ledger } from '../flow/ledger.js';
import { type FlowObserver, tellAll } from '../flow/observer.js';
import { Pacer, recvSizeForRate } from '../flow/pacing.js';
import { FlowTracer, type TraceEvent } from '../flow/trace.js';
import { verdictOf } from '../flow/verdict.js';
import type { Field } from '../http/fields.js';
import { quoted } from '../http/malformed.js';
import { writeRequest } from '../http/request-writer.js';
import type { ResponseHead } from '../http/response-reader.js';
import { Body } from './body.js';
import { type Exchanged, exchange, type ResponseTaker } from './exchange.js';
import type { RetrieveOptions } from './options.js';
import { emptyReceipt, type Receipt } from './receipt.js';
import { fieldsForRedirect, isCredential, isRedirect, redirectTarget, withoutUserinfo } from './redirect.js';
import { parseUrl, requestFields, targetOf, userFields } from './request.js';
import { TotalClock } from './total-clock.js';

const DEFAULT_RECV_SIZE = 64 * 1024;
const DEFAULT_MAX_REDIRECTS = 10;
const CONNECT_TIMEOUT_MS = 15_000;
const FIRST_BYTE_TIMEOUT_MS = 60_000;
const IDLE_TIMEOUT_MS = 30_000;

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
  readonly #start = performance.now();
  readonly #receipt: Receipt;
  readonly #pool: ConnectionPool;
  readonly #recvSize: number;
  #ledger: Ledger;
  #head: ResponseHead | undefined;
  #body: Body | undefined;

  constructor(
    url: string | URL,
    private readonly options: RetrieveOptions,
    private readonly destination: Destination,
  ) {
    this.#receipt = emptyReceipt(String(url));
    this.#pool = options.pool ?? sharedPool;
    this.#recvSize = recvSizeForRate(options.recvSize ?? DEFAULT_RECV_SIZE, options.limitRate);
    this.#ledger = new Ledger(this.#recvSize);
  }

  /** Retrieves, and gives the receipt. Rejects with `SluiceError`, which carries the receipt of what was learnt. */
  async run(): Promise<Receipt> {
    const total = new TotalClock(this.options.timeouts?.total, this.options.signal);
    try {
      let hop: Hop | undefined = this.#firstHop();
      while (hop !== undefined) hop = await this.#follow(hop, total.signal);
      this.#settle();
      return this.#receipt;
    } catch (error) {
      throw this.#failed(total.signal?.aborted ? total.signal.reason : error);
    } finally {
      total.stop();
    }
  }

  #firstHop(): Hop {
    const url = parseUrl(this.#receipt.url);
    this.#receipt.url = withoutUserinfo(url);
    this.#receipt.finalUrl = this.#receipt.url;
    return { url, origin: originOf(url), fields: userFields(url, this.options) };
  }

  /** One hop: request, response, and where it leads to, if it leads on. */
  async #follow(hop: Hop, signal: AbortSignal | undefined): Promise<Hop | undefined> {
    await this.#requestUntilAnswered(hop, signal);
    const head = this.#head!;
    const { maxRedirects = DEFAULT_MAX_REDIRECTS } = this.options;
    if (maxRedirects === 0 || !isRedirect(head)) return undefined;
    const url = redirectTarget(hop.url, head);
    this.#trace({ type: 'redirect', at: this.#now(), status: head.status, to: withoutUserinfo(url) });
    if (this.#receipt.hops >= maxRedirects) {
      const at = withoutUserinfo(hop.url);
      throw new SluiceError(
        'redirect-limit',
        `${this.#receipt.url} was redirected more than ${maxRedirects} times, at last from ${at}.`,
      );
    }
    const origin = originOf(url);
    const fields = fieldsForRedirect(hop.fields, hop.origin, origin);
    this.#receipt.hops++;
    this.#receipt.finalUrl = withoutUserinfo(url);
    return { url, origin, fields };
  }

  /** A kept-alive connection that the server has closed meanwhile says nothing of the server: the request is sent again, on a new one. */
  async #requestUntilAnswered(hop: Hop, signal: AbortSignal | undefined): Promise<void> {
    this.#receipt.attempts = 0;
    // Until it answers, nothing is known of this hop.
    this.#head = undefined;
    this.#ledger = new Ledger(this.#recvSize);
    this.#receipt.address = null;
    this.#receipt.wireBytes = 0;
    const settings = this.#connectSettings(signal);
    for (;;) {
      const idle = this.#receipt.attempts === 0 ? this.#pool.take(hop.origin, settings) : undefined;
      const connection = idle ?? (await this.#pool.open(hop.origin, settings));
      this.#receipt.attempts++;
      try {
        await this.#request(hop, connection, idle !== undefined, signal, settings);
        return;
      } catch (error) {
        connection.destroy();
        if (idle === undefined || this.#ledger.figures().receives.count > 0 || signal?.aborted) throw error;
        if (!(error instanceof SluiceError && STALE.has(error.code))) throw error;
      }
    }
  }

  async #request(
    hop: Hop,
    connection: Connection,
    reused: boolean,
    signal: AbortSignal | undefined,
    settings: ConnectSettings,
  ): Promise<void> {
    const { timeouts, delay, limitRate, httpVersion = '1.1' } = this.options;
    this.#connected(hop, connection, reused);
    const text = writeRequest({
      method: 'GET',
      target: targetOf(hop.url),
      httpVersion,
      fields: requestFields(hop.origin, hop.fields),
    });
    this.#trace({
      type: 'request',
      at: this.#now(),
      url: withoutUserinfo(hop.url),
      text: withoutCredentials(text),
    });
    this.#head = undefined;
    const observer = this.#observer(hop.origin);
    const stopWatching = this.#watchQueue(connection, observer);
    let exchanged: Exchanged | undefined;
    try {
      exchanged = await exchange(connection, text, this.#taker(hop, signal), {
        pacer: delay || limitRate ? new Pacer({ delayMs: delay, limitRate }) : undefined,
        firstByteTimeoutMs: timeouts?.firstByte ?? FIRST_BYTE_TIMEOUT_MS,
        idleTimeoutMs: timeouts?.idle ?? IDLE_TIMEOUT_MS,
        signal,
        observer,
      });
      if (exchanged.reusable) this.#pool.give(connection, hop.origin, settings);
      else connection.destroy();
    } finally {
      stopWatching?.();
      const { firstByteMs, wireBytes } = this.#ledger.figures();
      this.#receipt.timing.firstByte += firstByteMs;
      this.#receipt.wireBytes = exchanged?.wireBytes ?? wireBytes;
    }
  }

  #taker(hop: Hop, signal: AbortSignal | undefined): ResponseTaker {
    return {
      onInterim: (head) => this.#trace({ type: 'interim', at: this.#now(), status: head.status }),
      onHead: (head) => this.#takeHead(hop, head, signal),
      onBody: (data) => this.#body?.write(data),
      onComplete: () => this.#body?.end(),
    };
  }

  #takeHead(hop: Hop, head: ResponseHead, signal: AbortSignal | undefined): 'take' | 'discard' {
    this.#head = head;
    const { status, headerBytes, lines } = head;
    this.#trace({ type: 'head', at: this.#now(), status, headerBytes, lines, fields: head.fields.toArray() });
    const redirected = this.options.maxRedirects !== 0 && isRedirect(head);
    if (redirected || status >= 400) return 'discard';
    this.#body = new Body(hop.url, head, this.options, this.destination, signal, (width, height) =>
      this.#trace({ type: 'dimensions', at: this.#now(), width, height }),
    );
    return 'take';
  }

  #connected(hop: Hop, connection: Connection, reused: boolean): void {
    const { timing } = this.#receipt;
    const { resolve, connect, tls } = connection.openedIn;
    if (!reused) {
      timing.resolve += resolve;
      timing.connect += connect;
      timing.tls += tls;
    }
    this.#receipt.address = connection.address.address;
    this.#trace({
      type: 'connected',
      at: this.#now(),
      address: connection.address.address,
      port: hop.origin.port,
      reused,
      resolveMs: reused ? 0 : resolve,
      connectMs: reused ? 0 : connect,
      tlsMs: reused ? 0 : tls,
    });
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

  /** A new ledger for each response: what is told is of the last. */
  #observer(origin: Origin): FlowObserver {
    this.#ledger = new Ledger(this.#recvSize);
    const { trace, observer } = this.options;
    if (trace === undefined && observer === undefined) return this.#ledger;
    const observers: FlowObserver[] = [this.#ledger];
    if (observer !== undefined) observers.push(observer);
    if (trace !== undefined)
      observers.push(new FlowTracer(trace, this.#start, origin.secure ? 'record' : 'receive'));
    return tellAll(observers);
  }

  #watchQueue({ socket, address }: Connection, observer: FlowObserver): (() => void) | undefined {
    const { localPort, remotePort } = socket;
    if (!this.options.kernelQueue || localPort === undefined || remotePort === undefined) return undefined;
    return watchKernelQueue({ localPort, remotePort, family: address.family }, observer);
  }

  /** The response is complete; an error status is a failure all the same. */
  #settle(): void {
    this.#complete();
    const { status } = this.#receipt;
    if (status === null || status < 400) return;
    const reason = this.#head?.reason ? ` ${quoted(this.#head.reason)}` : '';
    throw new SluiceError(
      'http-status',
      `${this.#receipt.finalUrl} answered with status ${status}${reason}.`,
    );
  }

  /** Fills in all that is known. */
  #complete(): void {
    const receipt = this.#receipt;
    const head = this.#head;
    if (head !== undefined) {
      receipt.status = head.status;
      receipt.httpVersion = head.httpVersion;
      receipt.headerBytes = head.headerBytes;
      receipt.fields = head.fields.toArray();
      receipt.contentType = head.fields.first('content-type') ?? null;
    }
    const body = this.#body;
    if (body !== undefined) {
      receipt.mediaType = body.inspector.type?.mediaType ?? null;
      receipt.width = body.inspector.width ?? null;
      receipt.height = body.inspector.height ?? null;
      receipt.bodyBytes = body.bytes;
      receipt.sha256 = body.sha256 ?? null;
      receipt.file = body.sink?.file ?? null;
    }
    const ledger = this.#ledger.figures();
    const { limit, evidence } = verdictOf(ledger);
    receipt.receives = ledger.receives;
    receipt.flow = {
      limit,
      pausedMs: ledger.pausedMs,
      waitingMs: ledger.waitingMs,
      receivingMs: ledger.receivingMs,
      kernelQueueMax: ledger.queue.looks === 0 ? null : ledger.queue.max,
      evidence,
    };
    receipt.timing.total = this.#now();
  }

  /** Leaves nothing half done, and gives the error its receipt. What is no `SluiceError` is thrown on as it is: a sink's own, or a bug. */
  #failed(error: unknown): unknown {
    this.#body?.abort(error instanceof Error ? error : new Error(String(error)));
    if (!(error instanceof SluiceError)) return error;
    this.#complete();
    this.#receipt.sha256 = null;
    this.#receipt.file = null;
    const { code, phase, exitCode, message } = error;
    this.#receipt.error = { code, phase, exitCode, message };
    error.receipt = this.#receipt;
    return error;
  }

  #trace(event: TraceEvent): void {
    this.options.trace?.(event);
  }

  #now(): number {
    return performance.now() - this.#start;
  }
}

/** How a request ends on a connection that the server closed while it was idle. */
const STALE: ReadonlySet<string> = new Set(['reply-empty', 'connection-reset', 'send-failed']);

/** What is traced may be shown and kept: no password is in it. */
function withoutCredentials(request: string): string {
  return request.replace(/^([^:\r\n]+): [^\r\n]*$/gm, (line, name: string) =>
    isCredential([name, '']) ? `${name}: ***` : line,
  );
}
