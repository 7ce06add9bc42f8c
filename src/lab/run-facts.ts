import type { RunFacts, RunOutcome } from '../flow/run.js';
import type { TraceEvent } from '../flow/trace.js';
import type { Receipt } from '../retrieval/receipt.js';

/** So many first bytes are shown as they stood on the wire. */
export const SHOWN_START = 4096;

type Head = Extract<TraceEvent, { type: 'head' }>;

/** What a trace tells of a run, receives aside. */
export function factsOf(event: TraceEvent): Partial<RunFacts> {
  if (event.type === 'dimensions') return { dimensions: { width: event.width, height: event.height } };
  if (event.type === 'redirect') return { url: event.to, unit: unitOf(event.to) };
  if (event.type !== 'head') return {};
  const { status, headerBytes, lines } = event;
  const length = fieldOf(event, 'content-length');
  return {
    head: { status, headerBytes, lines },
    ...(length !== undefined && { expectedBytes: headerBytes + 4 + Number(length) }),
  };
}

/** Of https nothing is seen below the TLS records. */
export function unitOf(url: string): RunFacts['unit'] {
  return /^https:/i.test(url) ? 'record' : 'receive';
}

/** How a retrieval ended; `failure` is its sentence where it failed. */
export function outcomeOf(receipt: Receipt | undefined, failure: string | null): RunOutcome {
  const { flow, timing, mediaType = null, bodyBytes = 0 } = receipt ?? {};
  return {
    failure,
    limit: flow?.limit ?? 'unknown',
    evidence: flow?.evidence ?? '',
    mediaType,
    bodyBytes,
    totalMs: timing?.total ?? 0,
    firstByteMs: timing?.firstByte ?? 0,
    waitingMs: flow?.waitingMs ?? 0,
    pausedMs: flow?.pausedMs ?? 0,
    receivingMs: flow?.receivingMs ?? 0,
  };
}

/** The first bytes of a response, put together of its head and body: where nothing was coded in between, just what stood on the wire. */
export class WireStart {
  #head: Buffer | undefined;
  #body: Buffer[] = [];
  #missing = 0;

  /** Another response begins. */
  head(event: Head): void {
    const head = Buffer.from(`${event.lines.join('\r\n')}\r\n\r\n`, 'latin1');
    // Bare line feeds and folded lines are not known any more; chunks and codings are not seen.
    const isExact = head.length === event.headerBytes + 4;
    const isPlain = (fieldOf(event, 'content-encoding') ?? 'identity') === 'identity';
    const isWhole = fieldOf(event, 'transfer-encoding') === undefined;
    this.#head = isExact && isPlain && isWhole ? head : undefined;
    this.#body = [];
    this.#missing = this.#head === undefined ? 0 : Math.max(0, SHOWN_START - head.length);
  }

  body(data: Buffer): void {
    if (this.#missing === 0) return;
    this.#body.push(Buffer.from(data.subarray(0, this.#missing)));
    this.#missing = Math.max(0, this.#missing - data.length);
  }

  /** In base64; undefined where it can't be known. */
  text(): string | undefined {
    if (this.#head === undefined) return undefined;
    return Buffer.concat([this.#head, ...this.#body])
      .subarray(0, SHOWN_START)
      .toString('base64');
  }
}

function fieldOf({ fields }: Head, name: string): string | undefined {
  return fields.find(([given]) => given.toLowerCase() === name)?.[1];
}
