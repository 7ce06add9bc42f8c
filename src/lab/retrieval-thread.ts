/** The thread of an experiment's retrieval: nothing that the sending end does slows it, but TCP. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BodySink, Offer } from '../body/sink.js';
import { SluiceError } from '../errors.js';
import { ReceiveColumns } from '../flow/receive-columns.js';
import type { RunFacts, RunOutcome } from '../flow/run.js';
import type { TraceEvent } from '../flow/trace.js';
import type { Receipt } from '../retrieval/receipt.js';
import { retrieve } from '../retrieval/retrieve.js';
import { BATCH_MS, type Begin, type FromThread, type RunWork } from './run-messages.js';
import { LARGEST_BODY, LONGEST_RUN_MS } from './run-settings.js';

const { settings } = workerData as RunWork;
const isOwn = settings.source.kind !== 'url';
let facts: Partial<RunFacts> = {};
let body: Buffer[] = [];

function say(message: FromThread): void {
  parentPort!.postMessage(message);
}

/** The one place where the lab retrieves. */
async function run({ url, start }: Begin): Promise<void> {
  const columns = new ReceiveColumns(start - performance.timeOrigin, settings.recvSize);
  const tell = () => {
    tellBody();
    const batch = columns.take();
    // Of our own origin both ends' queues are looked at, at one time, elsewhere.
    const { queues, ...others } = batch.columns ?? {};
    say({
      type: 'batch',
      batch: { ...batch, columns: isOwn ? others : { ...others, ...(queues && { queues }) }, facts },
    });
    facts = {};
  };
  const timer = setInterval(tell, BATCH_MS);
  try {
    const receipt = await retrieve(url, {
      to: sinkFor,
      httpVersion: '1.0',
      recvSize: settings.recvSize,
      delay: settings.pause,
      limitRate: settings.limitRate ?? undefined,
      maxBytes: LARGEST_BODY,
      kernelQueue: true,
      timeouts: { total: LONGEST_RUN_MS },
      observer: columns,
      trace: onEvent,
    });
    facts.outcome = outcomeOf(receipt, null);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    facts.outcome = outcomeOf(error.receipt, error.message);
  } finally {
    clearInterval(timer);
  }
  tell();
  say({ type: 'over' });
  parentPort!.close();
}

/** Passes the body on to the page. */
function sinkFor({ type }: Offer): BodySink {
  if (type !== undefined) say({ type: 'media-type', mediaType: type.mediaType });
  const kept = type !== undefined;
  return {
    write(data) {
      if (kept) body.push(Buffer.from(data));
      return undefined;
    },
    commit: () => undefined,
    abort: () => undefined,
  };
}

function tellBody(): void {
  if (body.length > 0) say({ type: 'body', bytes: Buffer.concat(body) });
  body = [];
}

function onEvent(event: TraceEvent): void {
  if (event.type === 'head') {
    const { status, headerBytes, lines, fields } = event;
    facts.head = { status, headerBytes, lines };
    const length = fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
    if (length !== undefined) facts.expectedBytes = headerBytes + 4 + Number(length);
  } else if (event.type === 'dimensions') {
    facts.dimensions = { width: event.width, height: event.height };
  } else if (event.type === 'record') {
    facts.unit = 'record';
  } else if (event.type === 'redirect') {
    facts.url = event.to;
  }
}

function outcomeOf(receipt: Receipt | undefined, failure: string | null): RunOutcome {
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

parentPort!.on('message', (message: Begin) => void run(message));
say({ type: 'ready' });
