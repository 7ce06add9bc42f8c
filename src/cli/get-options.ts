import { isIP } from 'node:net';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { dnsLookup } from '../connection/dns-lookup.js';
import type { Address, Lookup } from '../connection/resolve.js';
import { systemLookup } from '../connection/system-lookup.js';
import type { Field } from '../http/fields.js';
import { EXCEPTION_FORM, readException } from '../retrieval/address-exceptions.js';
import type { RetrieveOptions } from '../retrieval/options.js';
import type { MinSpeed } from '../retrieval/speed-floor.js';
import { type ProxyFlags, proxyOption } from './proxy-flags.js';
import { bytes, count, minSpeed, seconds, someBytes, someCount, someSeconds } from './quantity.js';
import { type TlsFlags, tlsOptions } from './tls-files.js';

/** `sluice get`'s options as commander gives them. */
export interface GetFlags extends TlsFlags, ProxyFlags {
  output?: string;
  dir?: string;
  continue?: boolean;
  recvSize?: number;
  delay?: number;
  limitRate?: number;
  trace?: boolean;
  flow?: boolean;
  report?: string;
  view?: boolean;
  json?: boolean;
  include?: boolean;
  header?: Field[];
  userAgent?: string;
  user?: string;
  resolve?: Override[];
  dnsServers?: string[];
  allow?: string[];
  quiet?: boolean;
  verbose?: boolean;
  http?: '1.0' | '1.1';
  maxRedirects?: number;
  connectTimeout?: number;
  idleTimeout?: number;
  firstByteTimeout?: number;
  timeout?: number;
  minSpeed?: MinSpeed;
  retry?: number;
  retryDelay?: number;
  maxSize?: number;
  maxRatio?: number;
  maxPixels?: number;
  verify?: 'none' | 'structure' | 'decode';
  expect?: 'image';
}

/** `--resolve HOST:PORT:ADDRESS[,ADDRESS]`: what a name stands for, whatever the name servers say. */
interface Override {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly Address[];
}

/** A file is written a receive at a time: by 1 MiB that takes a quarter less than by 128 KiB. What is not received into costs no memory. */
const RECV_SIZE = 1024 * 1024;

/** The one place where `get`'s options are declared. */
export function declareGet(command: Command): Command {
  return command
    .summary('retrieve images (or anything) over HTTP, whole and verified')
    .description(
      `Retrieve each URL and save it in the current directory, under a safe name with the right extension; text/* is copied to standard output. A file appears under its name only when it is whole. Where the server says image/*, the bytes must be an image, complete to its own end.`,
    )
    .argument('<url...>', 'http or https URLs')
    .optionsGroup('Where it goes:')
    .option('-o, --output <file>', 'write the body there ("-": standard output)')
    .option('-d, --dir <dir>', 'save under this directory (made if missing)')
    .option('-C, --continue', 'go on with the FILE.part that an interrupted run left')
    .optionsGroup('How it is received:')
    .option('--recv-size <bytes>', 'at most this many bytes a receive', someBytes)
    .option('--delay <seconds>', 'pause after each receive', seconds)
    .option('--limit-rate <rate>', 'mean bytes a second (k, M, G), held by not reading', someBytes)
    .optionsGroup('What is shown:')
    .option('--trace', 'a line "LENGTH TOTAL" a receive, then the header')
    .option('--flow', 'where the time went, and who was the limit')
    .option('--report <file>', 'the same as a page with charts, one HTML file that needs no network')
    .option('--view', 'the picture, in the terminal')
    .option('--json', 'one line of JSON a URL; with --trace, each event too')
    .option('-i, --include', "the response's header before the body")
    .option('-v, --verbose', 'request and response headers on standard error')
    .option('-q, --quiet', 'no progress')
    .optionsGroup('What is sent:')
    .option('-H, --header <line>', 'a request field, "Name: value" (repeatable)', headerLine)
    .option('-A, --user-agent <name>', 'the User-Agent')
    .option('-u, --user <name:password>', 'Basic authentication')
    .addOption(new Option('--http <version>', "the request's version").choices(['1.0', '1.1']))
    .option('--max-redirects <n>', 'follow at most this many (default 10; 0: none)', count)
    .optionsGroup('Whom it trusts, and who it is:')
    .option('-k, --insecure', 'accept any certificate')
    .option('--cacert <file>', 'trust these certificates (PEM)')
    .option('--cert <file>', 'show this client certificate (PEM)')
    .option('--key <file>', 'its private key, where the certificate has none beside it')
    .option('--pass <phrase>', 'the passphrase of the key')
    .optionsGroup('What lies between:')
    .option('-x, --proxy <url>', 'go through this HTTP proxy, whatever the environment says')
    .option('--proxy-user <name:password>', 'Basic authentication with the proxy')
    .option('--noproxy <list>', 'no proxy for these hosts ("*": for none)')
    .option('--resolve <host:port:address>', 'use this address for that host (repeatable)', override)
    .option('--dns-servers <addresses>', 'ask these name servers, and no hosts file', list)
    .option('--public-only', 'connect to public addresses only, at every hop')
    .option(
      '--allow <host|cidr>',
      'an exception: a host, address or CIDR block, or one :PORT of it (repeatable)',
      exception,
    )
    .optionsGroup('Limits:')
    .option('--connect-timeout <seconds>', 'for resolving and connecting (default 15)', someSeconds)
    .option('--first-byte-timeout <seconds>', 'to the end of the header (default 60)', someSeconds)
    .option('--idle-timeout <seconds>', 'no byte while we ask for some (default 30)', someSeconds)
    .option('--timeout <seconds>', 'the whole retrieval (default: none)', someSeconds)
    .option('--min-speed <rate/seconds>', 'fail below this mean rate, "10k/30"', minSpeed)
    .option('--retry <n>', 'try again after failures that may pass', count)
    .option('--retry-delay <seconds>', 'before the first retry, then doubled (default 0.5)', seconds)
    .option('--max-size <bytes>', 'refuse a larger body', bytes)
    .option('--max-ratio <n>', 'refuse what decodes to more than n times its size (default 100)', someCount)
    .option('--max-pixels <n>', 'refuse a picture of more pixels', count)
    .optionsGroup('What must be true:')
    .addOption(
      new Option('--verify <how>', 'the picture is whole: by its structure, or decoded too').choices([
        'none',
        'structure',
        'decode',
      ]),
    )
    .addOption(new Option('--expect <what>', 'fail with 110 unless the body is one').choices(['image']));
}

/** The library's options from the command's. Throws `option-invalid` for what can't be read or combined. */
export function retrieveOptions(flags: GetFlags): RetrieveOptions {
  const headers: Field[] = [...(flags.header ?? [])];
  if (flags.userAgent !== undefined) headers.push(['User-Agent', flags.userAgent]);
  return {
    headers,
    user: flags.user,
    httpVersion: flags.http,
    maxRedirects: flags.maxRedirects,
    timeouts: {
      connect: flags.connectTimeout,
      tls: flags.connectTimeout,
      // Who bounds the silence means that of a server which never begins, too.
      firstByte: flags.firstByteTimeout ?? flags.idleTimeout,
      idle: flags.idleTimeout,
      total: flags.timeout,
    },
    minSpeed: flags.minSpeed,
    retries: flags.retry,
    retryDelay: flags.retryDelay,
    maxRatio: flags.maxRatio,
    maxBytes: flags.maxSize,
    maxPixels: flags.maxPixels,
    verify: flags.verify,
    expect: flags.expect,
    sha256: flags.json === true,
    recvSize: flags.recvSize ?? RECV_SIZE,
    delay: flags.delay,
    limitRate: flags.limitRate,
    kernelQueue: flags.flow === true || flags.json === true || flags.report !== undefined,
    ...tlsOptions(flags),
    // What the user typed is meant; where a stranger's redirect leads may not be.
    addresses: flags.publicOnly ? 'public' : 'redirects',
    allow: flags.allow,
    proxy: proxyOption(flags),
    dns: flags.dnsServers,
    lookup: flags.resolve === undefined ? undefined : overridden(flags.resolve, flags.dnsServers),
  };
}

function headerLine(text: string, before: Field[] = []): Field[] {
  const colon = text.indexOf(':');
  if (colon <= 0) throw new InvalidArgumentError('It must be "Name: value".');
  return [...before, [text.slice(0, colon), text.slice(colon + 1).trim()]];
}

function list(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}

function exception(text: string, before: string[] = []): string[] {
  if (readException(text) === undefined) throw new InvalidArgumentError(`It must be ${EXCEPTION_FORM}.`);
  return [...before, text];
}

function override(text: string, before: Override[] = []): Override[] {
  const match = /^(.+?):(\d+):(.+)$/.exec(text);
  const list = match?.[3]?.split(',').map((address) => address.replace(/^\[(.*)\]$/, '$1'));
  if (match === null || !list?.every((address) => isIP(address) !== 0)) {
    throw new InvalidArgumentError('It must be HOST:PORT:ADDRESS, with an IP address.');
  }
  const addresses = list.map((address) => ({ address, family: isIP(address) as 4 | 6 }));
  return [...before, { host: match[1]!.toLowerCase(), port: Number(match[2]), addresses }];
}

function overridden(overrides: readonly Override[], dns: readonly string[] | undefined): Lookup {
  const others = dns === undefined ? systemLookup : dnsLookup(dns);
  return async (host, port) => {
    const found = overrides.find((entry) => entry.host === host.toLowerCase() && entry.port === port);
    return found === undefined ? others(host, port) : [...found.addresses];
  };
}
