import { reasonOf, SluiceError } from '../../errors.js';
import { maskUserinfo, shownUrl } from '../../retrieval/credentials.js';
import type { Outcome } from '../outcome.js';
import { hostOf } from '../pull/host-of.js';
import { keyOf } from '../shard/key.js';
import { digitsOf, shardPaths } from '../shard/layout.js';
import { outcomesIn } from '../shard/outcomes.js';
import { readStats } from '../shard/stats.js';
import type { DatasetDirectory } from './dataset-directory.js';
import { LogHistogram } from './log-histogram.js';
import { Sample } from './sample.js';
import { Timeline } from './timeline.js';
import { TopKeys } from './top-keys.js';

/** Hosts that are told apart: those with the most rows. */
const MOST_HOSTS = 10_000;
/** Digests that are told apart: a picture that came for more rows than (all rows / this) is surely found. */
const MOST_DIGESTS = 50_000;
/** Codes, statuses and media types are few; what else a table says is counted together. */
const MOST_KINDS = 200;
const OTHER = 'other';
/** Of a text that is shown as an example, and of a name that is one of a closed set where all is well. */
const MOST_CHARACTERS = 300;
const MOST_OF_NAME = 60;

/** A row whose picture may be shown. */
export interface ShownRow {
  readonly key: string;
  /** Without a name and password, and cut where it is long. */
  readonly url: string;
  readonly mediaType: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly bytes: number;
}

/** Why rows failed. */
export interface Cause {
  rows: number;
  readonly phase: string;
  /** What the first one with it says. */
  readonly example: string;
  readonly url: string;
}

/** What is known of a host. */
export interface HostFigures {
  successes: number;
  readonly codes: Map<string, number>;
  /** Milliseconds of rows that were asked for. */
  readonly ms: LogHistogram;
}

/** A picture, and the first row with it. */
interface DigestFigures {
  first: ShownRow | undefined;
}

/** All that the page tells, but for the pictures: a fold over the rows of finished shards, in memory that does not grow with them. */
export class Figures {
  rows = 0;
  successes = 0;
  failedToDownload = 0;
  failedToResize = 0;
  /** Rows with a URL that stood in the list before: they were not asked for again. */
  copies = 0;
  attempts = 0;
  /** Of bodies, without those of copies. */
  bytes = 0;
  readonly causes = new Map<string, Cause>();
  /** Rows that failed by a status, by that. */
  readonly statuses = new Map<string, number>();
  /** Of rows that succeeded. */
  readonly mediaTypes = new Map<string, number>();
  readonly hosts = new TopKeys<HostFigures>(MOST_HOSTS, () => ({
    successes: 0,
    codes: new Map(),
    ms: new LogHistogram(),
  }));
  /** Of pictures that were retrieved: each came for another URL, or was asked for again. */
  readonly digests = new TopKeys<DigestFigures>(MOST_DIGESTS, () => ({ first: undefined }));
  /** Of pictures as they came. */
  readonly sizes = new LogHistogram();
  readonly widths = new LogHistogram();
  readonly heights = new LogHistogram();
  readonly timeline = new Timeline();
  readonly sample: Sample<ShownRow>;

  constructor(sampleSize: number) {
    this.sample = new Sample(sampleSize);
  }

  add(key: string, outcome: Outcome): void {
    const { row, status, code, attempts, ms } = outcome;
    this.rows++;
    this.attempts += attempts;
    const host = this.hosts.add(hostOf(row.url));
    if (attempts > 0) {
      host.ms.add(ms);
      this.bytes += outcome.bytes;
    }
    if (status === 'success') {
      this.successes++;
      host.successes++;
      this.#addPicture(key, outcome);
      return;
    }
    if (status === 'failed_to_resize') this.failedToResize++;
    else this.failedToDownload++;
    const cause = this.#addCause(cut(code ?? OTHER, MOST_OF_NAME), outcome);
    increment(host.codes, cause);
  }

  #addPicture(key: string, outcome: Outcome): void {
    const { row, attempts, bytes, sha256, mediaType, originalWidth, originalHeight } = outcome;
    increment(this.mediaTypes, typeOf(mediaType));
    this.sizes.add(bytes);
    if (originalWidth !== null) this.widths.add(originalWidth);
    if (originalHeight !== null) this.heights.add(originalHeight);
    if (attempts === 0) {
      this.copies++;
      return;
    }
    const shown = () => ({
      key,
      url: urlText(row.url),
      mediaType: typeOf(mediaType),
      width: originalWidth,
      height: originalHeight,
      bytes,
    });
    this.sample.offer(row.index, shown);
    if (sha256 === null) return;
    const digest = this.digests.add(sha256);
    digest.first ??= shown();
  }

  /** Answers the name that it is counted by. */
  #addCause(code: string, { row, phase, errorMessage, httpStatus }: Outcome): string {
    const name = this.causes.has(code) || this.causes.size < MOST_KINDS ? code : OTHER;
    let cause = this.causes.get(name);
    if (cause === undefined) {
      const example = cut(errorMessage ?? '');
      cause = { rows: 0, phase: cut(phase ?? '', MOST_OF_NAME), example, url: urlText(row.url) };
      this.causes.set(name, cause);
    }
    cause.rows++;
    if (code === 'http-status' && httpStatus !== null) increment(this.statuses, String(httpStatus));
    return name;
  }
}

/** Reads the finished shards of a data set, one after the other. `onShard` is told after each how many were read. Throws `option-invalid` where one can't be. */
export async function gather(
  dataset: DatasetDirectory,
  sampleSize: number,
  onShard: (read: number) => void = () => undefined,
): Promise<Figures> {
  const { layout, finished, path } = dataset;
  const figures = new Figures(sampleSize);
  const digits = digitsOf(layout);
  for (const [i, shard] of finished.entries()) {
    const { stats, table } = shardPaths(path, shard, layout);
    const summary = readStats(stats);
    if (summary !== undefined) figures.timeline.add(summary);
    try {
      for await (const [place, outcome] of outcomesIn(table, shard, layout))
        figures.add(keyOf(shard, place, digits), outcome);
    } catch (error) {
      if (error instanceof SluiceError) throw error;
      throw new SluiceError('option-invalid', `${JSON.stringify(table)} can't be read: ${reasonOf(error)}.`, {
        cause: error,
      });
    }
    onShard(i + 1);
  }
  return figures;
}

function increment(counts: Map<string, number>, name: string): void {
  const kept = counts.has(name) || counts.size < MOST_KINDS ? name : OTHER;
  counts.set(kept, (counts.get(kept) ?? 0) + 1);
}

function urlText(url: string): string {
  return shownUrl(maskUserinfo(url));
}

function typeOf(mediaType: string | null): string {
  return cut(mediaType ?? 'unknown', MOST_OF_NAME);
}

function cut(text: string, most = MOST_CHARACTERS): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}
