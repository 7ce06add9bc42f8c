import type { Connection } from '../connection/connection.js';
import type { SluiceError } from '../errors.js';
import { watchKernelQueue } from '../flow/kernel-queue.js';
import { Ledger } from '../flow/ledger.js';
import { type FlowObserver, tellAll } from '../flow/observer.js';
import { FlowTracer, type TraceEvent } from '../flow/trace.js';
import { verdictOf } from '../flow/verdict.js';
import type { ResponseHead } from '../http/response-reader.js';
import type { Body } from './body.js';
import { withoutCredentials, withoutUserinfo } from './credentials.js';
import type { Exchanged } from './exchange.js';
import type { Settings } from './options.js';
import { emptyReceipt, type Receipt } from './receipt.js';

/** What is seen of one retrieval: its receipt grows here, and its trace is told from here. It changes nothing of the work. */
export class Observation {
  readonly receipt: Receipt;

  readonly #start = performance.now();
  readonly #settings: Settings;
  #ledger: Ledger;
  #stopWatching: (() => void) | undefined;

  constructor(url: string, settings: Settings) {
    this.receipt = emptyReceipt(url);
    this.#settings = settings;
    this.#ledger = new Ledger(settings.connect.recvSize);
  }

  /** Whether anything of the present response came. */
  get received(): boolean {
    return this.#ledger.receiveCount > 0;
  }

  begin(url: string): void {
    this.receipt.url = url;
    this.receipt.finalUrl = url;
  }

  /** Another URL is asked: until it answers, nothing is known of it. */
  hop(): void {
    this.#renewLedger();
    this.receipt.attempts = 0;
    this.receipt.address = null;
    this.receipt.wireBytes = 0;
  }

  connected({ address, openedIn }: Connection, port: number, reused: boolean): void {
    const [resolveMs, connectMs, tlsMs] = reused
      ? [0, 0, 0]
      : [openedIn.resolve, openedIn.connect, openedIn.tls];
    const { timing } = this.receipt;
    timing.resolve += resolveMs;
    timing.connect += connectMs;
    timing.tls += tlsMs;
    this.receipt.address = address.address;
    this.receipt.attempts++;
    if (this.#settings.trace === undefined) return;
    const { address: ip } = address;
    this.#trace({
      type: 'connected',
      at: this.#now(),
      address: ip,
      port,
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
    if (observer !== undefined) observers.push(observer);
    if (trace !== undefined)
      observers.push(new FlowTracer(trace, this.#start, secure ? 'record' : 'receive'));
    const all = tellAll(observers);
    if (kernelQueue) this.#watchQueue(connection, all);
    return all;
  }

  exchanged({ wireBytes }: Exchanged): void {
    this.#stopWatching?.();
    this.receipt.timing.firstByte += this.#ledger.firstByteMs;
    this.receipt.wireBytes = wireBytes;
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
    this.receipt.hops++;
    this.receipt.finalUrl = to;
    this.#trace({ type: 'redirect', at: this.#now(), status, to });
  }

  /** The receipt of a retrieval that succeeded. */
  conclude(head: ResponseHead | undefined, body: Body | undefined): Receipt {
    if (head !== undefined) this.#fillHead(head);
    if (body !== undefined) this.#fillBody(body);
    this.#fillFlow();
    return this.receipt;
  }

  /** The receipt of one that failed: what was learnt, and the failure. */
  failed(error: SluiceError, head: ResponseHead | undefined, body: Body | undefined): Receipt {
    const receipt = this.conclude(head, body);
    receipt.sha256 = null;
    receipt.file = null;
    const { code, phase, exitCode, message } = error;
    receipt.error = { code, phase, exitCode, message };
    return receipt;
  }

  #renewLedger(): void {
    if (this.#ledger.begun) this.#ledger = new Ledger(this.#settings.connect.recvSize);
  }

  #fillHead(head: ResponseHead): void {
    const { receipt } = this;
    receipt.status = head.status;
    receipt.httpVersion = head.httpVersion;
    receipt.headerBytes = head.headerBytes;
    receipt.fields = head.fields.toArray();
    receipt.contentType = head.fields.first('content-type') ?? null;
  }

  #fillBody({ inspector, bytes, sha256, sink }: Body): void {
    const { receipt } = this;
    receipt.mediaType = inspector.type?.mediaType ?? null;
    receipt.width = inspector.width ?? null;
    receipt.height = inspector.height ?? null;
    receipt.bodyBytes = bytes;
    receipt.sha256 = sha256 ?? null;
    receipt.file = sink?.file ?? null;
  }

  #fillFlow(): void {
    const { receipt } = this;
    const figures = this.#ledger.figures();
    const { limit, evidence } = verdictOf(figures);
    receipt.receives = figures.receives;
    receipt.flow = {
      limit,
      pausedMs: figures.pausedMs,
      waitingMs: figures.waitingMs,
      receivingMs: figures.receivingMs,
      kernelQueueMax: figures.queue.looks === 0 ? null : figures.queue.max,
      evidence,
    };
    receipt.timing.total = this.#now();
  }

  #watchQueue({ socket, address }: Connection, observer: FlowObserver): void {
    const { localPort, remotePort } = socket;
    if (localPort === undefined || remotePort === undefined) return;
    this.#stopWatching = watchKernelQueue({ localPort, remotePort, family: address.family }, observer);
  }

  #trace(event: TraceEvent): void {
    this.#settings.trace?.(event);
  }

  #now(): number {
    return performance.now() - this.#start;
  }
}
