import { emptyTotals, MOST_LISTED, newRun, type Run, type RunColumns, SIZE_BINS } from './run.js';

/** A run as a file: JSON, `format` and `version` first. Readers refuse a version that they don't know. */
export const TRACE_FORMAT = 'sluice-trace';
export const TRACE_VERSION = 1;

/** Longer files are not read. In characters; a run with everything listed has about 4 million. */
export const LONGEST_TRACE = 64 * 1024 * 1024;

export function traceText(run: Run): string {
  const { facts, totals, columns } = run;
  return `${JSON.stringify({ format: TRACE_FORMAT, version: TRACE_VERSION, facts, totals, columns })}\n`;
}

/** Why a file is no trace: one sentence. */
export class TraceRefused extends Error {
  override readonly name = 'TraceRefused';
}

type Json = Record<string, unknown>;

/** Reads a trace file, whoever wrote it. Throws `TraceRefused`. */
export function readTrace(text: string): Run {
  if (text.length > LONGEST_TRACE) throw new TraceRefused('The file is too long for a trace.');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new TraceRefused('The file is no JSON.');
  }
  if (!isObject(given) || given.format !== TRACE_FORMAT) {
    throw new TraceRefused('The file is no trace of sluice.');
  }
  if (given.version !== TRACE_VERSION) {
    throw new TraceRefused(
      `The trace is of version ${String(given.version)}; this sluice reads ${TRACE_VERSION}.`,
    );
  }
  const { facts, columns, totals } = given;
  if (!isObject(facts) || !isObject(columns) || !isObject(totals)) throw broken('a part is missing');
  const run = newRun({
    url: textOf(facts.url),
    ends: facts.ends === 'both' ? 'both' : 'receiver',
    recvSize: numberOf(facts.recvSize),
    unit: facts.unit === 'record' ? 'record' : 'receive',
  });
  readFacts(run, facts);
  for (const [name, series] of Object.entries(run.columns)) readSeries(name, series, columns[name]);
  checkColumns(run.columns);
  run.totals = { ...emptyTotals(), ...readTotals(totals) };
  return run;
}

function readFacts({ facts }: Run, given: Json): void {
  const { head, dimensions, picture, outcome, serverEnd } = given;
  if (given.sendSize !== undefined) facts.sendSize = numberOf(given.sendSize);
  if (given.expectedBytes !== undefined) facts.expectedBytes = numberOf(given.expectedBytes);
  if (given.command !== undefined) facts.command = textOf(given.command);
  if (given.experiment !== undefined) facts.experiment = textOf(given.experiment);
  if (given.wireStart !== undefined) facts.wireStart = base64Of(given.wireStart);
  if (isObject(head)) {
    if (!Array.isArray(head.lines)) throw broken('the head has no lines');
    const lines = head.lines.map(textOf);
    facts.head = { status: numberOf(head.status), headerBytes: numberOf(head.headerBytes), lines };
  }
  if (isObject(dimensions)) {
    facts.dimensions = { width: numberOf(dimensions.width), height: numberOf(dimensions.height) };
  }
  if (isObject(serverEnd))
    facts.serverEnd = { at: numberOf(serverEnd.at), outcome: serverOutcome(serverEnd.outcome) };
  if (isObject(picture)) facts.picture = pictureOf(picture);
  if (isObject(outcome)) facts.outcome = outcomeOf(outcome);
}

/** Nothing but a picture of the lab's own is loaded by a path, whatever the file says. */
function pictureOf(given: Json): NonNullable<Run['facts']['picture']> {
  if (given.path === undefined) {
    const mediaType = textOf(given.mediaType);
    if (!/^image\/[\w.+-]+$/.test(mediaType)) throw broken('the picture is no image');
    return { mediaType, base64: base64Of(given.base64) };
  }
  const path = textOf(given.path);
  if (!/^\/pictures\/[\w.]+(\?bytes=\d+)?$/.test(path)) throw broken('the picture has another path');
  return { path };
}

function outcomeOf(given: Json): NonNullable<Run['facts']['outcome']> {
  const { limit } = given;
  if (limit !== 'receiver' && limit !== 'sender' && limit !== 'unknown') throw broken('the limit is nobody');
  return {
    failure: given.failure === null ? null : textOf(given.failure),
    limit,
    evidence: textOf(given.evidence),
    mediaType: given.mediaType === null ? null : textOf(given.mediaType),
    bodyBytes: numberOf(given.bodyBytes),
    totalMs: numberOf(given.totalMs),
    firstByteMs: numberOf(given.firstByteMs),
    waitingMs: numberOf(given.waitingMs),
    pausedMs: numberOf(given.pausedMs),
    receivingMs: numberOf(given.receivingMs),
  };
}

function serverOutcome(value: unknown): 'complete' | 'broken' | 'dropped' {
  if (value !== 'complete' && value !== 'broken' && value !== 'dropped')
    throw broken('the server has no end');
  return value;
}

const REASONS: readonly unknown[] = ['delay', 'rate', 'consumer'];

function readSeries(name: string, into: Record<string, unknown[]>, given: unknown): void {
  if (!isObject(given)) throw broken(`the series ${name} is missing`);
  for (const [column, values] of Object.entries(into)) {
    const read = given[column];
    if (!Array.isArray(read) || read.length > 4 * MOST_LISTED) throw broken(`${name}.${column} is no column`);
    const isRight = (value: unknown) =>
      column === 'reason' ? REASONS.includes(value) : typeof value === 'number' && Number.isFinite(value);
    for (const value of read) {
      if (!isRight(value)) throw broken(`${name}.${column} holds what it may not`);
      values.push(value);
    }
  }
}

function checkColumns({ sends, stalls, receives, pauses, queues }: RunColumns): void {
  const fits =
    sends.at.length === sends.bytes.length &&
    sends.at.length === sends.from.length &&
    receives.at.length === receives.bytes.length &&
    stalls.from.length - stalls.to.length <= 1 &&
    pauses.from.length === pauses.reason.length &&
    pauses.from.length - pauses.to.length <= 1 &&
    queues.at.length === queues.client.length &&
    queues.at.length === queues.until.length &&
    (queues.server.length === 0 || queues.server.length === queues.at.length);
  if (!fits) throw broken('the columns of a series differ in length');
}

function readTotals({ now, sent, sends, received, receives, sizes }: Json): Run['totals'] {
  if (!Array.isArray(sizes) || sizes.length !== SIZE_BINS + 1) throw broken('the sizes are missing');
  return {
    now: numberOf(now),
    sent: numberOf(sent),
    sends: numberOf(sends),
    received: numberOf(received),
    receives: numberOf(receives),
    sizes: sizes.map(numberOf),
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw broken('a number is missing');
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw broken('a text is missing');
  return value;
}

function base64Of(value: unknown): string {
  const text = textOf(value);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw broken('bytes are not in base64');
  return text;
}

function broken(what: string): TraceRefused {
  return new TraceRefused(`The trace is broken: ${what}.`);
}
