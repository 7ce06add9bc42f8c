import type { Destination } from '../body/sink.js';
import { SluiceError } from '../errors.js';
import type { FlowObserver } from '../flow/observer.js';
import { recvSizeForRate } from '../flow/pacing.js';
import type { TraceEvent } from '../flow/trace.js';
import type { RetrieveOptions } from '../retrieval/options.js';
import type { Receipt } from '../retrieval/receipt.js';
import type { GetFlags } from './get-options.js';
import type { GetReport } from './get-report.js';
import { KeptBody } from './kept-body.js';
import type { Output } from './output.js';

/** A longer body is not kept for a look at it; from a file it is read again. */
const LARGEST_VIEWED = 64 * 1024 * 1024;

/** What a `get` makes beside the file: a report, a look at the picture in the terminal. */
export class GetExtras {
  private constructor(
    private readonly output: Output,
    private readonly report: GetReport | undefined,
    private readonly viewed: KeptBody | undefined,
  ) {}

  /** Undefined where nothing of it was asked for: then nothing of it is loaded either. */
  static async of(
    { report, view }: GetFlags,
    url: string,
    { recvSize = 65_536, limitRate }: RetrieveOptions,
    output: Output,
  ): Promise<GetExtras | undefined> {
    // On a pipe a view is nothing.
    const viewed = view && output.stdout.isTTY ? new KeptBody(LARGEST_VIEWED) : undefined;
    if (report === undefined && viewed === undefined) return undefined;
    if (report === undefined) return new GetExtras(output, undefined, viewed);
    const { GetReport } = await import('./get-report.js');
    return new GetExtras(output, new GetReport(report, url, recvSizeForRate(recvSize, limitRate)), viewed);
  }

  get observers(): FlowObserver[] {
    return this.report === undefined ? [] : [this.report.columns];
  }

  onEvent(event: TraceEvent): void {
    this.report?.onEvent(event);
  }

  beside(destination: Destination): Destination {
    const reported = this.report?.beside(destination) ?? destination;
    return this.viewed?.beside(reported) ?? reported;
  }

  /** Shows and writes, when all else has been printed. Resolves with the exit status of what could not be. */
  async conclude(receipt: Receipt | undefined): Promise<number> {
    try {
      if (this.viewed !== undefined && receipt !== undefined && receipt.error === undefined) {
        const { viewPicture } = await import('./view.js');
        await viewPicture(receipt.file ?? this.viewed.bytes(), receipt, this.output);
      }
      await this.report?.write(receipt, receipt?.error?.message ?? null);
      return 0;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      this.output.stderr.write(`sluice: ${error.message}\n`);
      return error.exitCode;
    }
  }
}
