import type { BodySink } from '../body/sink.js';
import { SluiceError } from '../errors.js';
import { FlowLanes } from '../flow/lanes.js';
import { type FlowObserver, tellAll } from '../flow/observer.js';
import type { TraceEvent } from '../flow/trace.js';
import { shownBytes } from '../quantities.js';
import type { RetrieveOptions } from '../retrieval/options.js';
import type { Receipt } from '../retrieval/receipt.js';
import { retrieveTo } from '../retrieval/retrieve.js';
import type { Target } from '../retrieval/transfer.js';
import { getTarget } from './destination.js';
import { escapeJson, escapeLine, headText } from './escape.js';
import { flowText } from './flow-text.js';
import { GetExtras } from './get-extras.js';
import { type GetFlags, retrieveOptions } from './get-options.js';
import { LinesFirst } from './lines-first.js';
import { Lines, type Output } from './output.js';
import { Progress } from './progress.js';
import { isReaderGone } from './stdout-sink.js';

/** Retrieves the URLs one after another; the exit status is that of the first failure. */
export async function runGet(
  urls: readonly string[],
  flags: GetFlags,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  checkCombination(urls, flags);
  const options = retrieveOptions(flags);
  let exitCode = 0;
  for (const url of urls) {
    const status = await new Get(url, flags, output).run({ ...options, signal });
    if (exitCode === 0) exitCode = status;
    if (signal.aborted) break;
  }
  return exitCode;
}

function checkCombination(urls: readonly string[], flags: GetFlags): void {
  const file = flags.output;
  if (file === '') throw new SluiceError('option-invalid', '-o: the name of the file is empty.');
  if (flags.dir === '') throw new SluiceError('option-invalid', '-d: the name of the directory is empty.');
  if (flags.report !== undefined && urls.length > 1) {
    throw new SluiceError(
      'option-invalid',
      `--report names one file, and there are ${urls.length} URLs: use one call for each.`,
    );
  }
  if (file !== undefined && flags.dir !== undefined) {
    throw new SluiceError('option-invalid', '-o names the file and -d only the directory: give one of them.');
  }
  if (file !== undefined && file !== '-' && file !== '/dev/null' && urls.length > 1) {
    throw new SluiceError(
      'option-invalid',
      `-o names one file, and there are ${urls.length} URLs: use -d, or one call for each.`,
    );
  }
  if (flags.verify === 'decode' && file === '-') {
    throw new SluiceError(
      'option-invalid',
      '--verify decode needs the picture stored: it does not go with -o -.',
    );
  }
}

/** One URL of a `get`: what is printed of it, and where. */
class Get {
  /** What is printed beside the body: on standard output, unless the body goes there. */
  readonly #lines = new Lines();
  readonly #progress: Progress | undefined;
  #chosen = false;
  #extras: GetExtras | undefined;
  readonly #lanes: FlowLanes | undefined;
  #total = 0;
  #head: Extract<TraceEvent, { type: 'head' }> | undefined;

  constructor(
    private readonly url: string,
    private readonly flags: GetFlags,
    private readonly output: Output,
  ) {
    const { quiet, verbose, trace, flow, json } = flags;
    this.#lanes = flow && !json ? new FlowLanes() : undefined;
    if (output.stderr.isTTY && !quiet && !verbose && !trace)
      this.#progress = new Progress(output.stderr, escapeLine(nameIn(url)));
  }

  async run(options: RetrieveOptions): Promise<number> {
    const { report, view } = this.flags;
    if (report !== undefined || view)
      this.#extras = await GetExtras.of(this.flags, this.url, options, this.output);
    const [status, receipt] = await this.#retrieve(options);
    const extra = (await this.#extras?.conclude(receipt)) ?? 0;
    return status === 0 ? extra : status;
  }

  async #retrieve(options: RetrieveOptions): Promise<[status: number, receipt: Receipt | undefined]> {
    this.#progress?.start();
    try {
      const observed = { ...options, trace: this.#trace(), observer: this.#observer() };
      const receipt = await retrieveTo(this.url, observed, this.#target());
      this.#conclude(receipt);
      return [0, receipt];
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      this.#conclude(error.receipt);
      if (!isReaderGone(error)) this.output.stderr.write(`sluice: ${escapeLine(sentence(error))}\n`);
      return [error.exitCode, error.receipt];
    }
  }

  #target(): Target {
    const chosen = getTarget(this.flags, this.output, (bodyOnStdout) => this.#onChosen(bodyOnStdout));
    const destination = this.#extras?.beside(chosen.destination) ?? chosen.destination;
    const target = { ...chosen, destination };
    if (!this.flags.trace) return target;
    const linesFirst = (sink: BodySink) => new LinesFirst(sink, this.#lines);
    // A promise where there needs to be none would be a stop that only the trace has.
    return {
      ...target,
      destination: (offer) => {
        const chosen = target.destination(offer);
        return chosen instanceof Promise ? chosen.then(linesFirst) : linesFirst(chosen);
      },
    };
  }

  #onChosen(bodyOnStdout: boolean): void {
    const { stdout, stderr } = this.output;
    this.#chosen = true;
    this.#lines.goTo(bodyOnStdout ? stderr : stdout);
    if (!bodyOnStdout || !this.#progress || !stdout.isTTY) return;
    this.#progress.end();
  }

  /** The textbook's line for each receive; cheap, for there may be a hundred thousand a second. */
  #observer(): FlowObserver | undefined {
    const observers: FlowObserver[] = [...(this.#extras?.observers ?? [])];
    if (this.#progress !== undefined) observers.push(this.#progress.observer);
    if (this.#lanes !== undefined) observers.push(this.#lanes);
    if (this.flags.trace && !this.flags.json) observers.push(this.#receiveLines());
    return observers.length === 0 ? undefined : tellAll(observers);
  }

  #receiveLines(): FlowObserver {
    const nothing = () => undefined;
    return {
      asked: () => {
        this.#total = 0;
      },
      receive: (length) => {
        this.#total += length;
        this.#lines.write(`${length} ${this.#total}`);
      },
      stop: nothing,
      resume: nothing,
      queue: nothing,
      ended: () => this.#writeHead(),
    };
  }

  #writeHead(): void {
    if (this.#head === undefined) return;
    this.#lines.write(`Header length ${this.#head.headerBytes}`);
    for (const line of this.#head.lines) this.#lines.write(headText(line));
    this.#head = undefined;
  }

  #trace(): ((event: TraceEvent) => void) | undefined {
    const { trace, json, include, verbose } = this.flags;
    // Events are made for whoever wants them; without, a receive makes no object.
    if (trace && json) return (event) => this.#onEvent(event);
    if (!trace && !include && !verbose && this.#progress === undefined && this.#extras === undefined)
      return undefined;
    return (event) => {
      if (event.type !== 'receive' && event.type !== 'record') this.#onEvent(event);
    };
  }

  #onEvent(event: TraceEvent): void {
    const { trace, json, include, verbose } = this.flags;
    this.#extras?.onEvent(event);
    if (trace && json) this.#lines.write(escapeJson(JSON.stringify(event)));
    if (verbose) this.#verbose(event);
    if (event.type === 'retry' && this.#progress !== undefined) {
      this.#progress.clear();
      this.output.stderr.write(`${retryText(event)}\n`);
    }
    if (event.type === 'dimensions') this.#progress?.dimensions(event.width, event.height);
    if (event.type !== 'head') return;
    this.#head = event;
    this.#progress?.expect(wireBytesOf(event));
    if (include && !json) this.#include(event.lines);
  }

  /** The head stands before the body wherever that goes, and always on standard output. */
  #include(lines: readonly string[]): void {
    this.#progress?.clear();
    this.output.stdout.write([...lines, '', ''].map(headText).join('\n'));
  }

  #verbose(event: TraceEvent): void {
    const say = (line: string) => this.output.stderr.write(`${line}\n`);
    if (event.type === 'resolved') {
      const found = event.addresses.map(
        ({ address, range, allowed }) => `${address} (${allowed ? range : `${range}, refused`})`,
      );
      say(`* ${escapeLine(event.host)} port ${event.port} is ${escapeLine(found.join(', '))}`);
    } else if (event.type === 'connected') {
      const how = event.reused
        ? 'kept alive'
        : `resolve ${event.resolveMs.toFixed(1)} ms, connect ${event.connectMs.toFixed(1)} ms`;
      const proxy = event.proxy === null ? '' : `proxy ${event.proxy}, `;
      say(`* connection to ${event.address} port ${event.port} (${proxy}${how})`);
    } else if (event.type === 'request')
      for (const line of event.text.trimEnd().split('\r\n')) say(`> ${escapeLine(line)}`);
    else if (event.type === 'head') for (const line of event.lines) say(`< ${headText(line)}`);
    else if (event.type === 'retry') say(`* ${retryText(event)}`);
    else if (event.type === 'redirect') say(`* redirected to ${escapeLine(event.to)}`);
  }

  #conclude(receipt: Receipt | undefined): void {
    const { flags, output } = this;
    this.#progress?.end();
    // Nothing was chosen where the retrieval failed before its body.
    if (!this.#chosen) this.#lines.goTo(flags.output === '-' ? output.stderr : output.stdout);
    if (receipt !== undefined) {
      if (flags.json) this.#lines.write(escapeJson(JSON.stringify(receipt)));
      else if (flags.flow)
        for (const line of flowText(receipt, this.#lanes)) this.#lines.write(escapeLine(line));
      if (this.#progress !== undefined && receipt.file !== null) output.stderr.write(`${saved(receipt)}\n`);
    }
    this.#lines.flush();
  }
}

/** What failed; and, where what came was kept, how to go on with it. */
function sentence({ message, receipt }: SluiceError): string {
  if (receipt?.part === undefined) return message;
  const kept = `${receipt.bodyBytes} bytes are kept in ${JSON.stringify(receipt.part)}, and -C goes on from there`;
  return `${message.replace(/\.$/, '')}; ${kept}.`;
}

/** What a URL ends in, for the progress: short, and without a name and password. */
function nameIn(url: string): string {
  const path = url.replace(/[?#].*$/, '').replace(/\/+$/, '');
  return path.replace(/^.*[/@]/, '');
}

function retryText(event: Extract<TraceEvent, { type: 'retry' }>): string {
  const how = event.from > 0 ? `goes on behind byte ${event.from}` : 'begins again';
  return escapeLine(
    `${event.message} Retry ${event.retry} ${how} in ${(event.delayMs / 1000).toFixed(1)} s.`,
  );
}

/** The whole response on the wire, where its head says so. */
function wireBytesOf(head: Extract<TraceEvent, { type: 'head' }>): number | undefined {
  const length = head.fields.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  return length === undefined ? undefined : head.headerBytes + 4 + Number(length);
}

function saved({ file, bodyBytes, mediaType, width, height }: Receipt): string {
  const picture = mediaType === null ? '' : `, ${mediaType}${width === null ? '' : ` ${width} x ${height}`}`;
  return `${escapeLine(file ?? '')}: ${shownBytes(bodyBytes)}${picture}`;
}
