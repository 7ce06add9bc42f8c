/** The thread of an experiment's retrieval: nothing that the sending end does slows it, but TCP. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BodySink, Offer } from '../body/sink.js';
import { SluiceError } from '../errors.js';
import { ReceiveColumns } from '../flow/receive-columns.js';
import type { RunFacts } from '../flow/run.js';
import type { TraceEvent } from '../flow/trace.js';
import { retrieve } from '../retrieval/retrieve.js';
import { factsOf, outcomeOf, unitOf, WireStart } from './run-facts.js';
import { BATCH_MS, type Begin, type FromThread, type RunWork } from './run-messages.js';
import { LARGEST_BODY, LONGEST_RUN_MS } from './run-settings.js';

const { settings } = workerData as RunWork;
const isOwn = settings.source.kind !== 'url';
let facts: Partial<RunFacts> = settings.source.kind === 'url' ? { unit: unitOf(settings.source.url) } : {};
let body: Buffer[] = [];
const wireStart = new WireStart();

function say(message: FromThread): void {
  parentPort!.postMessage(message);
}

/** The one place where the lab retrieves. */
async function run({ url, start: began }: Begin): Promise<void> {
  const columns = new ReceiveColumns(began - performance.timeOrigin, settings.recvSize);
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
      // The embedded origin is on loopback; a URL of one's own was typed on this machine.
      addresses: 'any',
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
  // Our own origin tells what it really sent.
  const start = isOwn ? undefined : wireStart.text();
  if (start !== undefined) facts.wireStart = start;
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
      wireStart.body(data);
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
  Object.assign(facts, factsOf(event));
  if (event.type === 'head') wireStart.head(event);
}

parentPort!.on('message', (message: Begin) => void run(message));
say({ type: 'ready' });
