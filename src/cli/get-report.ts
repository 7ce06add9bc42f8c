import type { Destination } from '../body/sink.js';
import { ReceiveColumns } from '../flow/receive-columns.js';
import { addBatch, newRun } from '../flow/run.js';
import type { TraceEvent } from '../flow/trace.js';
import { writeReport } from '../lab/report.js';
import { factsOf, outcomeOf, unitOf, WireStart } from '../lab/run-facts.js';
import type { Receipt } from '../retrieval/receipt.js';
import { KeptBody } from './kept-body.js';

/** A larger picture is left out of the report. In bytes. */
const LARGEST_PICTURE = 4 * 1024 * 1024;
/** What browsers show. */
const SHOWN = /^image\/(jpeg|png|gif|webp|avif|bmp|svg\+xml|x-icon)$/;

/** The report of one retrieval: gathered while it goes on, written when it is over. */
export class GetReport {
  readonly columns: ReceiveColumns;
  readonly #run;
  readonly #wireStart = new WireStart();
  readonly #body = new KeptBody(LARGEST_PICTURE, (data) => this.#wireStart.body(data));

  /** `recvSize`: the most bytes that one receive asks for. */
  constructor(
    private readonly file: string,
    url: string,
    recvSize: number,
  ) {
    this.columns = new ReceiveColumns(performance.now(), recvSize);
    // The URL as it was given may hold a password.
    this.#run = newRun({ url: '', ends: 'receiver', recvSize, unit: unitOf(url) });
  }

  beside(destination: Destination): Destination {
    return this.#body.beside(destination);
  }

  onEvent(event: TraceEvent): void {
    Object.assign(this.#run.facts, factsOf(event));
    if (event.type === 'head') this.#wireStart.head(event);
  }

  /** Throws `write-failed`. */
  async write(receipt: Receipt | undefined, failure: string | null): Promise<void> {
    const { facts } = this.#run;
    addBatch(this.#run, this.columns.take());
    if (receipt !== undefined) facts.url = receipt.finalUrl;
    facts.outcome = outcomeOf(receipt, failure);
    const wireStart = this.#wireStart.text();
    if (wireStart !== undefined) facts.wireStart = wireStart;
    const picture = this.#body.bytes();
    const { mediaType } = facts.outcome;
    if (picture !== undefined && mediaType !== null && SHOWN.test(mediaType)) {
      facts.picture = { mediaType, base64: picture.toString('base64') };
    }
    await writeReport(this.file, this.#run);
  }
}
