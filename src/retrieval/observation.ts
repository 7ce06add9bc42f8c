import type { Connection } from '../connection/connection.js';
import type { Origin } from '../connection/origin.js';
import type { HttpProxy } from '../connection/proxy.js';
import type { SluiceError } from '../errors.js';
import { watchKernelQueue } from '../flow/kernel-queue.js';
import { Ledger } from '../flow/ledger.js';
import { type FlowObserver, tellAll, tellCarefully } from '../flow/observer.js';
import { FlowTracer, type JudgedAddress, type TraceEvent } from '../flow/trace.js';
import { verdictOf } from '../flow/verdict.js';
import type { ResponseHead } from '../http/response-reader.js';
import type { Body } from './body.js';
import { withoutCredentials, withoutUserinfo } from './credentials.js';
import type { Exchanged } from './exchange.js';
import type { Settings } from './options.js';
import type { Receipt } from './receipt.js';
import type { Standing } from './total-clock.js';

/** The body as far as it came, and how much of it an earlier attempt or run had brought. */
interface Brought {
  readonly body: Body | undefined;
  readonly resumedFrom: number;
}

/** What is seen of one retrieval: its trace is told from here, and its receipt is written at the end. It changes nothing of the work. */
export class Observation {
  url: string;
  finalUrl: string;
  /** Redirects followed. */
  hops = 0;
  /** The proxy that the present URL is asked through, without its credentials. */
  proxy: string | null = null;

  readonly #start = performance.now();
  readonly #settings: Settings;
  readonly #onThrow: (error: unknown) => void;
  readonly #timing: Receipt['timing'] = { resolve: 0, connect: 0, tls: 0, firstByte: 0, total: 0 };
  #ledger: Ledger;
  #attempts = 0;
  #retries = 0;
  #address: string | null = null;
  #wireBytes = 0;
  /** The trace callback has thrown, and is called no more. */
  #broken = false;
  #stopWatching: (() => void) | undefined;

  /** `onThrow` is told what a callback of the caller's throws. */
  constructor(url: string, settings: Settings, onThrow: (error: unknown) => void) {
    this.url = url;
    this.finalUrl = url;
    this.#settings = settings;
    this.#onThrow = onThrow;
    this.#ledger = new Ledger(settings.connect.recvSize);
  }

  /** Whether anything of the present response came. */
  get received(): boolean {
    return this.#ledger.receiveCount > 0;
  }

  /** An attempt begins. */
  begin(url: string): void {
    this.url = url;
    this.finalUrl = url;
    this.hops = 0;
  }

  retry(retry: number, delayMs: number, from: number, { code, message }: SluiceError): void {
    this.#retries = retry;
    this.#trace({ type: 'retry', at: this.#now(), retry, delayMs, from, code, message });
  }

  /** Where it stands now, for one who has waited long enough. */
  get standing(): Standing {
    if (this.#address === null) return { phase: 'connect', says: 'no connection had been made' };
    const { wireBytes, waitingMs, pausedMs } = this.#ledger.figures(performance.now());
    const waited = `we had waited ${(waitingMs / 1000).toFixed(1)} s for the server`;
    if (wireBytes === 0) return { phase: 'first-byte', says: `no byte had come, and ${waited}` };
    const paused = `paused ${(pausedMs / 1000).toFixed(1)} s ourselves`;
    return { phase: 'receive', says: `${wireBytes} bytes had come, ${waited} and ${paused}` };
  }

  /** Another URL is asked: until it answers, nothing is known of it. */
  hop(proxy: HttpProxy | undefined): void {
    this.#renewLedger();
    this.#attempts = 0;
    this.#address = null;
    this.proxy = proxy?.shown ?? null;
    this.#wireBytes = 0;
  }

  resolved({ host, port }: Origin, addresses: readonly JudgedAddress[]): void {
    this.#trace({ type: 'resolved', at: this.#now(), host, port, addresses });
  }

  connected({ address, openedIn }: Connection, port: number, reused: boolean): void {
    const [resolveMs, connectMs, tlsMs] = reused
      ? [0, 0, 0]
      : [openedIn.resolve, openedIn.connect, openedIn.tls];
    this.#timing.resolve += resolveMs;
    this.#timing.connect += connectMs;
    this.#timing.tls += tlsMs;
    this.#address = address.address;
    this.#attempts++;
    if (this.#settings.trace === undefined) return;
    const { address: ip } = address;
    this.#trace({
      type: 'connected',
      at: this.#now(),
      address: ip,
      port,
      proxy: this.proxy,
      reused,
      resolveMs,
      connectMs,
      tlsMs,
    });
  }

  requested(url: URL, text: string): void {
    if (this.#settings.trace === undefined) return;
    this.#trace({
      type: 'request',
      at: this.#now(),
      url: withoutUserinfo(url),
      text: withoutCredentials(text),
    });
  }

  /** Whom the exchange tells of its receives: a new ledger for each response, for what is told is of the last. */
  responseObserver(connection: Connection, secure: boolean): FlowObserver {
    this.#renewLedger();
    const { trace, observer, kernelQueue } = this.#settings;
    if (trace === undefined && observer === undefined && !kernelQueue) return this.#ledger;
    const observers: FlowObserver[] = [this.#ledger];
    if (observer !== undefined) observers.push(tellCarefully(observer, this.#onThrow));
    if (trace !== undefined) {
      const unit = secure ? 'record' : 'receive';
      observers.push(new FlowTracer((event) => this.#trace(event), this.#start, unit));
    }
    const all = tellAll(observers);
    if (kernelQueue) this.#watchQueue(connection, all);
    return all;
  }

  exchanged({ wireBytes }: Exchanged): void {
    this.#stopWatching?.();
    this.#timing.firstByte += this.#ledger.firstByteMs;
    this.#wireBytes = wireBytes;
  }

  interim(status: number): void {
    this.#trace({ type: 'interim', at: this.#now(), status });
  }

  head({ status, headerBytes, lines, fields }: ResponseHead): void {
    if (this.#settings.trace === undefined) return;
    this.#trace({ type: 'head', at: this.#now(), status, headerBytes, lines, fields: fields.toArray() });
  }

  dimensions(width: number, height: number): void {
    this.#trace({ type: 'dimensions', at: this.#now(), width, height });
  }

  redirected(status: number, to: string): void {
    this.hops++;
    this.finalUrl = to;
    this.#trace({ type: 'redirect', at: this.#now(), status, to });
  }

  /** The receipt of a retrieval that succeeded. */
  conclude(head: ResponseHead | undefined, { body, resumedFrom }: Brought): Receipt {
    const figures = this.#ledger.figures();
    const { limit, evidence } = verdictOf(figures);
    const { queue, pausedMs, waitingMs, receivingMs, receives } = figures;
    this.#timing.total = this.#now();
    return {
      url: this.url,
      finalUrl: this.finalUrl,
      status: head?.status ?? null,
      httpVersion: head?.httpVersion ?? null,
      headerBytes: head?.headerBytes ?? 0,
      fields: head?.fields.toArray() ?? [],
      contentType: head?.fields.first('content-type') ?? null,
      mediaType: body?.inspector.type?.mediaType ?? null,
      width: body?.inspector.width ?? null,
      height: body?.inspector.height ?? null,
      wireBytes: this.#wireBytes,
      bodyBytes: body?.bytes ?? 0,
      sha256: body?.sha256 ?? null,
      file: body?.sink?.file ?? null,
      hops: this.hops,
      attempts: this.#attempts + this.#retries,
      resumedFrom,
      address: this.#address,
      proxy: this.proxy,
      receives,
      timing: this.#timing,
      flow: {
        limit,
        pausedMs,
        waitingMs,
        receivingMs,
        kernelQueueMax: queue.looks === 0 ? null : queue.max,
        evidence,
      },
    };
  }

  /** The receipt of one that failed: what was learnt, and the failure. */
  failed(
    { code, phase, exitCode, message }: SluiceError,
    head: ResponseHead | undefined,
    brought: Brought,
    part: string | undefined,
  ): Receipt {
    const error = { code, phase, exitCode, message };
    const kept = part === undefined ? {} : { part };
    return { ...this.conclude(head, brought), sha256: null, file: null, ...kept, error };
  }

  #renewLedger(): void {
    if (this.#ledger.begun) this.#ledger = new Ledger(this.#settings.connect.recvSize);
  }

  #watchQueue({ socket, address }: Connection, observer: FlowObserver): void {
    const { localPort, remotePort } = socket;
    if (localPort === undefined || remotePort === undefined) return;
    this.#stopWatching = watchKernelQueue({ localPort, remotePort, family: address.family }, observer);
  }

  #trace(event: TraceEvent): void {
    const { trace } = this.#settings;
    if (trace === undefined || this.#broken) return;
    try {
      trace(event);
    } catch (error) {
      this.#broken = true;
      this.#onThrow(error);
    }
  }

  #now(): number {
    return performance.now() - this.#start;
  }
}
