import { availableParallelism } from 'node:os';
import { SluiceError } from '../../errors.js';
import type { EncodeFormat, ResizeMode } from '../encode.js';
import type { ListOptions } from '../list/list.js';
import type { QueueAddress } from '../queue/connection.js';
import { DEFAULT_WINDOW, type Window } from '../schedule/window.js';
import type { DatasetFormat, Layout } from '../shard/layout.js';
import { type FailureSelector, isFailureSelector } from '../shard/wanted-failures.js';
import type { RowPolicy } from './policy.js';
import type { DatasetOptions } from './run-state.js';

/** A list of URLs, a directory for the data set, and how to get from one to the other. Everything else may be left out. */
export interface PullOptions extends ListOptions {
  /** Files, directories, or `-` for standard input. */
  readonly list: string | readonly string[];
  /** Where the data set is made; the directory too, where it is missing. */
  readonly directory: string;
  /** Default 'webdataset'. */
  readonly format?: DatasetFormat;
  /** Rows a shard. Default 10 000. */
  readonly shardSize?: number;
  /** Default: the bytes as they came. With any of these pictures are decoded, and encoded anew. */
  readonly resize?: number;
  readonly resizeMode?: ResizeMode;
  readonly encode?: EncodeFormat;
  readonly quality?: number;
  /** Pixels of the smaller side, at least. */
  readonly minSize?: number;
  /** The longer side over the shorter, at most. */
  readonly maxAspect?: number;
  /** SHA-256 of pictures that are not wanted, in hexadecimal: those that hosts send in the place of one that they have lost. */
  readonly dropPlaceholders?: readonly string[];
  readonly maxPixels?: number;
  /** Bytes of a body. Default 50 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds for an attempt at a picture. Default 30 000. */
  readonly timeout?: number;
  /** Attempts after the first, where the failure may pass. Default 2. */
  readonly retries?: number;
  readonly retryDelay?: number;
  readonly verify?: 'none' | 'structure' | 'decode';
  readonly verifyHash?: { readonly column: string; readonly algorithm: 'sha256' | 'md5' };
  /** Retrieve a URL once, however often it stands in the list. Default true. */
  readonly dedupe?: boolean;
  /** Obey X-Robots-Tag. Default true. */
  readonly optOut?: boolean;
  /** Obey robots.txt too. Default false. */
  readonly robotsTxt?: boolean;
  /** Our name as robots are called. Default 'sluice'. */
  readonly userAgentToken?: string;
  /** Hosts, addresses and CIDR blocks that may be connected to beside public addresses. */
  readonly allow?: readonly string[];
  readonly dns?: readonly string[];
  /** Attempts at once, in all threads. Default: it finds itself. */
  readonly concurrency?: number;
  /** At once at one host. Default 6. */
  readonly hostLimit?: number;
  /** Threads. Default: as many as cores. */
  readonly threads?: number;
  /** Bytes for all bodies in flight, in all threads. Default 512 MiB. */
  readonly memoryBytes?: number;
  /** Retrieve again only what failed, with any of these codes, or with `http-status` and any of these statuses (429, '5xx'); with none named, whatever failed. */
  readonly retryFailed?: readonly FailureSelector[];
  /** Only plans the shards, for workers on many machines to take from this queue, and waits for them (docs/DATASETS.md). */
  readonly queue?: QueueAddress;
  /** Ends the run early, in a state from which the same call goes on: what is in flight may end for ten seconds. */
  readonly signal?: AbortSignal;
}

/** Bounds of the limit that finds itself, in all threads. */
const LEAST_CONCURRENCY = 16;
const MOST_CONCURRENCY = 1024;
/** Rows in memory that a thread may have whatever the number of threads. */
const LEAST_WINDOW_ROWS = 5000;
const MEMORY_BYTES = 512 * 1024 * 1024;

/** The options with their defaults, as those who use them want them. */
export interface PullSettings {
  readonly sources: readonly string[];
  readonly listOptions: ListOptions;
  readonly directory: string;
  readonly layout: Omit<Layout, 'digest'>;
  readonly policy: RowPolicy;
  /** What makes another data set of the same list. */
  readonly dataset: DatasetOptions;
  readonly dedupe: boolean;
  readonly threads: number;
  readonly hostLimit: number;
  /** A thread's share, as the two after it. */
  readonly limit: { readonly least: number; readonly most: number };
  readonly window: Window;
  readonly memoryBytes: number;
  readonly retryFailed: readonly FailureSelector[] | undefined;
  readonly queue: QueueAddress | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Settles the options. Throws `option-invalid` for what no run can obey. */
export function settlePull(options: PullOptions): PullSettings {
  const { list, captionCol, columns = [], verifyHash } = options;
  for (const [name, value] of Object.entries({
    shardSize: options.shardSize,
    threads: options.threads,
    concurrency: options.concurrency,
    hostLimit: options.hostLimit,
    maxBytes: options.maxBytes,
    timeout: options.timeout,
    memoryBytes: options.memoryBytes,
  })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new SluiceError(
        'option-invalid',
        `The option ${name} is ${value}; it must be a whole number from 1.`,
      );
  }
  for (const code of options.retryFailed ?? []) {
    if (!isFailureSelector(code))
      throw new SluiceError('option-invalid', `${JSON.stringify(code)} is no code of a failure.`);
  }
  for (const digest of options.dropPlaceholders ?? []) {
    if (!/^[0-9a-f]{64}$/i.test(digest))
      throw new SluiceError(
        'option-invalid',
        `${JSON.stringify(digest)} is no SHA-256 in 64 hexadecimal digits.`,
      );
  }
  if (options.queue !== undefined && options.retryFailed !== undefined) {
    const says = 'What failed is retrieved again by one machine: leave out the queue.';
    throw new SluiceError('option-invalid', says);
  }
  // The list's digest column has to be read to be held against.
  const kept =
    verifyHash === undefined || columns.includes(verifyHash.column)
      ? columns
      : [...columns, verifyHash.column];
  const listOptions: ListOptions = {
    ...(options.urlCol === undefined ? {} : { urlCol: options.urlCol }),
    ...(captionCol === undefined ? {} : { captionCol }),
    ...(options.inputFormat === undefined ? {} : { inputFormat: options.inputFormat }),
    columns: kept,
  };
  const encode = encodeOptions(options);
  const layout = {
    format: options.format ?? 'webdataset',
    shardSize: options.shardSize ?? 10_000,
    captions: captionCol !== undefined,
    columns: kept.map((name) => ({ name })),
    encode: encode?.format,
  } as const;
  const policy = rowPolicy(options, encode);
  return {
    sources: typeof list === 'string' ? [list] : list,
    listOptions,
    directory: options.directory,
    layout,
    policy,
    dataset: datasetOptions(layout, policy),
    dedupe: options.dedupe ?? true,
    hostLimit: options.hostLimit ?? 6,
    ...crewShare(options),
    retryFailed: options.retryFailed,
    queue: options.queue,
    signal: options.signal,
  };
}

/** The threads of a crew, and the share that each has of what is for all. */
export function crewShare({
  threads = availableParallelism(),
  concurrency,
  memoryBytes = MEMORY_BYTES,
}: Pick<PullOptions, 'threads' | 'concurrency' | 'memoryBytes'>): Pick<
  PullSettings,
  'threads' | 'limit' | 'window' | 'memoryBytes'
> {
  return {
    threads,
    limit: limitOf(concurrency, threads),
    window: windowOf(threads),
    memoryBytes: Math.ceil(memoryBytes / threads),
  };
}

function limitOf(concurrency: number | undefined, threads: number) {
  const share = (all: number) => Math.max(1, Math.ceil(all / threads));
  if (concurrency !== undefined) return { least: share(concurrency), most: share(concurrency) };
  return { least: share(LEAST_CONCURRENCY), most: share(MOST_CONCURRENCY) };
}

/** Rows in memory are bounded for all threads together, as far as that leaves a thread enough to look past slow hosts. */
function windowOf(threads: number): Window {
  const { mostShards, mostRows } = DEFAULT_WINDOW;
  return { mostShards, mostRows: Math.max(LEAST_WINDOW_ROWS, Math.ceil(mostRows / threads)) };
}

function encodeOptions({ resize, resizeMode, encode, quality, maxPixels }: PullOptions): RowPolicy['encode'] {
  if (resize === undefined && encode === undefined) return undefined;
  const mode = resizeMode ?? (resize === undefined ? 'no' : 'border');
  return { mode, size: resize ?? 1, format: encode ?? 'jpg', quality, maxPixels };
}

function rowPolicy(options: PullOptions, encode: RowPolicy['encode']): RowPolicy {
  return {
    timeoutMs: options.timeout ?? 30_000,
    maxBytes: options.maxBytes ?? 50 * 1024 * 1024,
    maxPixels: options.maxPixels,
    minSize: options.minSize,
    maxAspect: options.maxAspect,
    placeholders: (options.dropPlaceholders ?? []).map((digest) => digest.toLowerCase()),
    verifyHash: options.verifyHash,
    verify: options.verify ?? 'structure',
    encode,
    optOut: options.optOut ?? true,
    robotsTxt: options.robotsTxt ?? false,
    userAgentToken: options.userAgentToken ?? 'sluice',
    allow: options.allow ?? [],
    dns: options.dns,
    retries: options.retries ?? 2,
    retryDelayMs: options.retryDelay ?? 1000,
  };
}

/**
 * Time-outs, retries and concurrency may differ from call to call: they change how fast a data set comes, not what it is. So may the bounds (`--max-size`,
 * `--max-pixels`, `--allow`, opt-outs): whoever changes them wants to retry what failed by them.
 */
function datasetOptions(layout: Omit<Layout, 'digest'>, policy: RowPolicy): DatasetOptions {
  const { encode, verifyHash, minSize, maxAspect, verify } = policy;
  return {
    '--format': layout.format,
    '--shard-size': layout.shardSize,
    '--encode': encode?.format ?? null,
    '--resize': encode?.mode === 'no' ? null : (encode?.size ?? null),
    '--resize-mode': encode?.mode ?? null,
    '--quality': encode?.quality ?? null,
    '--min-size': minSize ?? null,
    '--max-aspect': maxAspect ?? null,
    '--verify': verify,
    '--verify-hash': verifyHash === undefined ? null : `${verifyHash.column}:${verifyHash.algorithm}`,
  };
}
