import { statSync } from 'node:fs';
import { reasonOf, SluiceError } from '../errors.js';
import { folderPages } from '../lab/folder-pages.js';
import { type Origin, startOrigin } from '../lab/origin.js';
import type { OriginWatcher, SentResponse } from '../lab/origin-connection.js';
import type { Send } from '../lab/paced-send.js';
import type { PageSource } from '../lab/pages.js';
import { writeFailed } from '../save/write-failed.js';
import { escapeJson } from './escape.js';
import type { OriginFlags } from './origin-options.js';
import { Lines, type Output } from './output.js';

const STALL_MS = 5000;

/**
 * Serves `path` until the signal; logs on standard output. Resolves with the exit status. Rejects with `SluiceError`: `option-invalid`
 * where `path` can't be read or the address not be listened on, `write-failed` when nobody reads the log any more.
 */
export async function runOrigin(
  path: string,
  flags: OriginFlags,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const pages = pagesAt(path);
  const log = new OriginLog(output);
  const origin = await start(pages, flags, log);
  log.listening(origin.url + (statSync(path).isDirectory() ? '/' : pages.paths()[0]));
  try {
    await log.failedOr(signal);
    return 0;
  } finally {
    await origin.close();
    log.flush();
  }
}

function pagesAt(path: string): PageSource {
  try {
    return folderPages(path);
  } catch (error) {
    throw new SluiceError('option-invalid', `${JSON.stringify(path)} can't be served: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

async function start(pages: PageSource, flags: OriginFlags, watcher: OriginWatcher): Promise<Origin> {
  const { host, port, stallAt, stallFor = STALL_MS } = flags;
  try {
    return await startOrigin({
      pages,
      watcher,
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(flags.sendSize !== undefined && { sendSize: flags.sendSize }),
      ...(flags.sendDelay !== undefined && { pauseMs: flags.sendDelay }),
      ...(flags.headerDelay !== undefined && { headerDelayMs: flags.headerDelay }),
      ...(flags.http !== undefined && { httpVersion: flags.http }),
      ...(flags.framing !== undefined && { framing: flags.framing }),
      ...(flags.end !== undefined && { end: flags.end }),
      limitRate: flags.limitRate,
      dropAfter: flags.dropAfter,
      hold: stallAt === undefined ? undefined : { atByte: stallAt, ms: stallFor },
    });
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError(
      'option-invalid',
      `The origin can't listen on ${host ?? '127.0.0.1'} port ${port ?? 0}: ${reasonOf(error)}.`,
      { cause: error },
    );
  }
}

/** What the origin sees, one line of JSON each; `at` is in milliseconds since it began to listen. */
class OriginLog implements OriginWatcher {
  readonly #began = performance.now();
  readonly #lines = new Lines();
  readonly #numbers = new WeakMap<SentResponse, number>();
  #responses = 0;

  constructor(private readonly output: Output) {
    this.#lines.goTo(output.stdout);
  }

  listening(url: string): void {
    this.#write({ type: 'listening', url });
    this.output.stderr.write(`The origin is at ${url} (Ctrl-C ends it)\n`);
  }

  request(response: SentResponse): void {
    this.#responses++;
    this.#numbers.set(response, this.#responses);
    const { method, path, status } = response;
    this.#write({
      type: 'request',
      at: this.#at(response.startedAt),
      ...this.#of(response),
      method,
      path,
      status,
    });
  }

  send(response: SentResponse, { bytes, at, until, stalled }: Send): void {
    const { length } = bytes;
    const ms = rounded(until - at);
    const total = response.bytesSent;
    this.#write({ type: 'send', at: this.#at(at), ...this.#of(response), length, total, ms, stalled });
  }

  ended(response: SentResponse): void {
    const { outcome, bytesSent, sends, stalls, stalledMs, durationMs = 0 } = response;
    this.#write({
      type: 'end',
      at: this.#at(performance.now()),
      ...this.#of(response),
      outcome,
      bytesSent,
      sends,
      stalls: stalls.length,
      stalledMs: rounded(stalledMs),
      durationMs: rounded(durationMs),
    });
  }

  flush(): void {
    this.#lines.flush();
  }

  /** Resolves at the signal; rejects when the log is not read any more. */
  failedOr(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.output.stdout.once('error', (error) => reject(writeFailed('standard output', error)));
    });
  }

  #of(response: SentResponse): { response: number | undefined } {
    return { response: this.#numbers.get(response) };
  }

  #at(time: number): number {
    return rounded(time - this.#began);
  }

  #write(entry: object): void {
    this.#lines.write(escapeJson(JSON.stringify(entry)));
  }
}

/** To a hundredth of a millisecond: beyond lies the event loop's own lateness. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
