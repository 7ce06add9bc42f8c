import { existsSync, readFileSync } from 'node:fs';
import { SluiceError } from '../../errors.js';
import type { Outcome } from '../outcome.js';
import { AppendFile } from './append-file.js';

/** What became of a shard's rows, counted. */
export interface ShardSummary {
  readonly count: number;
  readonly successes: number;
  readonly failedToDownload: number;
  readonly failedToResize: number;
  /** Failures by their code. */
  readonly codes: Readonly<Record<string, number>>;
  /** Milliseconds since 1970, of its first beginning and of its end; what lies between counts interruptions too. */
  readonly began: number;
  readonly ended: number;
}

/** How many different messages `status_dict` holds: those that came most often. */
const MOST_MESSAGES = 1000;

/** Counts outcomes. */
export class Tally {
  count = 0;
  successes = 0;
  failedToDownload = 0;
  failedToResize = 0;
  readonly #codes = new Map<string, number>();

  add({ status, code }: Outcome): void {
    this.count++;
    if (status === 'success') this.successes++;
    else if (status === 'failed_to_resize') this.failedToResize++;
    else this.failedToDownload++;
    if (code !== null) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  /** As it is now. */
  summary(began: number): ShardSummary {
    const { count, successes, failedToDownload, failedToResize } = this;
    const codes = Object.fromEntries(this.#codes);
    return { count, successes, failedToDownload, failedToResize, codes, began, ended: Date.now() };
  }
}

/** Counts messages as img2dataset does: `success`, and each failure's own words. */
export class Messages {
  readonly #counts = new Map<string, number>();

  add({ status, errorMessage }: Outcome): void {
    const message = status === 'success' ? status : (errorMessage ?? status);
    this.#counts.set(message, (this.#counts.get(message) ?? 0) + 1);
  }

  mostFrequent(): Readonly<Record<string, number>> {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    return Object.fromEntries(sorted.slice(0, MOST_MESSAGES));
  }
}

/** Writes `00000_stats.json`: img2dataset's fields, times in seconds, and `codes`. Resolves when it is on the disk. */
export async function writeStats(path: string, summary: ShardSummary, messages: Messages): Promise<void> {
  const stats = {
    count: summary.count,
    successes: summary.successes,
    failed_to_download: summary.failedToDownload,
    failed_to_resize: summary.failedToResize,
    duration: (summary.ended - summary.began) / 1000,
    start_time: summary.began / 1000,
    end_time: summary.ended / 1000,
    status_dict: messages.mostFrequent(),
    codes: summary.codes,
  };
  const file = AppendFile.create(path);
  try {
    file.append(Buffer.from(`${JSON.stringify(stats, null, 4)}\n`));
    await file.sync();
  } finally {
    file.close();
  }
}

/** The summary of a finished shard; undefined where there is no such file. Throws `option-invalid` where it is something else. */
export function readStats(path: string): ShardSummary | undefined {
  if (!existsSync(path)) return undefined;
  let stats: unknown;
  try {
    stats = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw noStats(path, error);
  }
  const of = (name: string): unknown => (stats as Record<string, unknown> | null)?.[name];
  const number = (name: string) => {
    const value = of(name);
    if (typeof value !== 'number') throw noStats(path, undefined);
    return value;
  };
  return {
    count: number('count'),
    successes: number('successes'),
    failedToDownload: number('failed_to_download'),
    failedToResize: number('failed_to_resize'),
    codes: (of('codes') ?? {}) as Readonly<Record<string, number>>,
    began: number('start_time') * 1000,
    ended: number('end_time') * 1000,
  };
}

function noStats(path: string, cause: unknown): SluiceError {
  const says = `${JSON.stringify(path)} is no record of a finished shard.`;
  return new SluiceError('option-invalid', says, { cause });
}
