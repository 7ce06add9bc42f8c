import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PullOptions } from '../dataset/pull/options.js';
import { bytes, seconds, someBytes, someCount, someSeconds } from './quantity.js';
import { queueAddress } from './queue-address.js';

/** `sluice pull`'s options as commander gives them. */
export interface PullFlags {
  output: string;
  format?: PullOptions['format'];
  shardSize?: number;
  inputFormat?: PullOptions['inputFormat'];
  urlCol?: string;
  captionCol?: string;
  columns?: string[];
  resize?: number;
  resizeMode?: PullOptions['resizeMode'];
  encode?: PullOptions['encode'];
  quality?: number;
  minSize?: number;
  maxAspect?: number;
  dropPlaceholders?: string[];
  maxPixels?: number;
  maxSize?: number;
  verify?: PullOptions['verify'];
  verifyHash?: PullOptions['verifyHash'];
  dedupe: boolean;
  optOut: boolean;
  robotsTxt?: boolean;
  userAgentToken?: string;
  allow?: string[];
  dnsServers?: string[];
  concurrency?: number;
  hostLimit?: number;
  threads?: number;
  memory?: number;
  timeout?: number;
  retry?: number;
  retryDelay?: number;
  retryFailed?: string[] | true;
  failUnder?: number;
  queue?: string;
  queueCacert?: string;
  json?: boolean;
  quiet?: boolean;
}

/** The one place where `pull`'s options are declared. */
export function declarePull(command: Command): Command {
  return command
    .summary('retrieve a list of URLs into a data set')
    .description(
      'Retrieve every URL of the lists (txt, csv, tsv, json, jsonl, parquet, plain or packed; a file, a directory, or - for standard input) into a data set in DIR. The same call goes on where an earlier one was interrupted. The exit status is 0 when every row has its outcome, whatever that is.',
    )
    .argument('<list...>', 'files, directories, or "-"')
    .requiredOption('-o, --output <dir>', 'where the data set is made')
    .optionsGroup('The list:')
    .addOption(
      new Option('--input-format <format>', 'where the name does not say it').choices([
        'txt',
        'csv',
        'tsv',
        'json',
        'jsonl',
        'parquet',
      ]),
    )
    .option('--url-col <name>', 'the column of the URLs (default "url")')
    .option('--caption-col <name>', 'the column of the captions')
    .option('--columns <names>', 'columns to keep in the metadata, "a,b,c"', names)
    .option('--no-dedupe', 'retrieve a repeated URL each time')
    .optionsGroup('The data set:')
    .addOption(
      new Option('--format <format>', 'how pictures are kept (default webdataset)').choices([
        'files',
        'webdataset',
        'parquet',
      ]),
    )
    .option('--shard-size <rows>', 'rows a shard (default 10000)', someCount)
    .option('--resize <pixels>', 'resize to this (default: bytes as they came)', someCount)
    .addOption(
      new Option('--resize-mode <mode>', 'how (default border)').choices([
        'no',
        'border',
        'keep_ratio',
        'keep_ratio_largest',
        'center_crop',
      ]),
    )
    .addOption(new Option('--encode <format>', 'encode anew').choices(['jpg', 'png', 'webp']))
    .option('--quality <n>', 'of the encoding', Number)
    .optionsGroup('What is wanted:')
    .option('--min-size <pixels>', 'the smaller side at least', someCount)
    .option('--max-aspect <ratio>', 'the longer side over the shorter at most', ratio)
    .option('--drop-placeholders <sha256s>', 'no pictures with these digests, "a,b"', names)
    .option('--max-pixels <n>', 'refuse more', someCount)
    .option('--max-size <bytes>', 'refuse a larger body (default 50M)', bytes)
    .addOption(
      new Option('--verify <how>', 'how a picture is held to be whole (default structure)').choices([
        'none',
        'structure',
        'decode',
      ]),
    )
    .option('--verify-hash <col:algorithm>', 'hold the bytes against a column of digests', hashColumn)
    .option('--no-opt-out', 'do not obey X-Robots-Tag')
    .option('--robots-txt', 'obey robots.txt too')
    .option('--user-agent-token <name>', 'our name as robots are called (default sluice)')
    .optionsGroup('Who is connected to:')
    .option('--allow <host|cidr>', 'an exception to public addresses only (repeatable)', repeated)
    .option('--dns-servers <addresses>', 'ask these name servers, "a,b"', names)
    .optionsGroup('How fast:')
    .option('--concurrency <n>', 'at once in all (default: finds itself)', someCount)
    .option('--host-limit <n>', 'at once at one host (default 6)', someCount)
    .option('--threads <n>', 'default: as many as cores', someCount)
    .option('--memory <bytes>', 'for all bodies in flight (default 512M)', someBytes)
    .option('--timeout <seconds>', 'for an attempt at a picture (default 30)', someSeconds)
    .option('--retry <n>', 'attempts after the first (default 2)', whole)
    .option('--retry-delay <seconds>', 'before the first of them (default 1)', seconds)
    .optionsGroup('Again:')
    .option('--retry-failed [codes]', 'only what failed, or failed with these codes or statuses', names)
    .optionsGroup('Many machines:')
    .option(
      '--queue <url>',
      'plan only, for "sluice work": redis://[:PASSWORD@]HOST[:PORT][/DB], or rediss://',
    )
    .option('--queue-cacert <file>', 'whom to trust for rediss://, and nobody else, PEM')
    .optionsGroup('What is shown:')
    .option('--fail-under <percent>', 'status 1 when fewer succeeded', Number)
    .option('--json', 'one line of JSON a row, and one for the end')
    .option('-q, --quiet', 'no progress');
}

/** The library's options from the command's. */
export function pullOptions(list: readonly string[], flags: PullFlags, signal: AbortSignal): PullOptions {
  const { retryFailed } = flags;
  return withoutUndefined({
    list,
    directory: flags.output,
    inputFormat: flags.inputFormat,
    urlCol: flags.urlCol,
    captionCol: flags.captionCol,
    columns: flags.columns,
    format: flags.format,
    shardSize: flags.shardSize,
    resize: flags.resize,
    resizeMode: flags.resizeMode,
    encode: flags.encode,
    quality: flags.quality,
    minSize: flags.minSize,
    maxAspect: flags.maxAspect,
    dropPlaceholders: flags.dropPlaceholders,
    maxPixels: flags.maxPixels,
    maxBytes: flags.maxSize,
    verify: flags.verify,
    verifyHash: flags.verifyHash,
    dedupe: flags.dedupe,
    optOut: flags.optOut,
    robotsTxt: flags.robotsTxt,
    userAgentToken: flags.userAgentToken,
    allow: flags.allow,
    dns: flags.dnsServers,
    concurrency: flags.concurrency,
    hostLimit: flags.hostLimit,
    threads: flags.threads,
    memoryBytes: flags.memory,
    timeout: flags.timeout,
    retries: flags.retry,
    retryDelay: flags.retryDelay,
    queue: flags.queue === undefined ? undefined : queueAddress(flags.queue, flags.queueCacert),
    retryFailed: retryFailed === true ? [] : retryFailed === undefined ? undefined : selectorsOf(retryFailed),
    signal,
  }) as unknown as PullOptions;
}

function withoutUndefined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** `timeout` stands for every time-out, `dns` for names: the words that people have for them. A status such as 429 is a number. */
function selectorsOf(words: readonly string[]): (string | number)[] {
  const groups: Record<string, string[]> = {
    timeout: [
      'timeout-resolve',
      'timeout-connect',
      'timeout-tls',
      'timeout-first-byte',
      'timeout-idle',
      'timeout-speed',
      'timeout-total',
    ],
    dns: ['name-not-resolved', 'timeout-resolve'],
    connect: ['connection-refused', 'connection-failed', 'connection-reset'],
  };
  return words.flatMap((word) => groups[word] ?? [/^\d+$/.test(word) ? Number(word) : word]);
}

function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function repeated(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function ratio(text: string): number {
  const value = Number(text);
  if (!(value >= 1)) throw new InvalidArgumentError('It must be a number from 1, such as 3.');
  return value;
}

function hashColumn(text: string): PullOptions['verifyHash'] {
  const match = /^(.+):(sha256|md5)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be COLUMN:sha256 or COLUMN:md5.');
  return { column: match[1]!, algorithm: match[2] as 'sha256' | 'md5' };
}
