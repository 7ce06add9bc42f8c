import type { Destination } from '../body/sink.js';
import { originOf } from '../connection/origin.js';
import { SluiceError } from '../errors.js';
import type { JudgedAddress, TraceEvent } from '../flow/trace.js';
import { maskUserinfo, withoutUserinfo } from '../retrieval/credentials.js';
import { type RetrieveOptions, settle } from '../retrieval/options.js';
import type { Receipt } from '../retrieval/receipt.js';
import { locationText } from '../retrieval/redirect.js';
import { parseUrl } from '../retrieval/request.js';
import { Retrieval } from '../retrieval/retrieval.js';
import type { CheckFlags } from './check-options.js';
import { escapeJson, escapeLine } from './escape.js';
import { retrieveOptions } from './get-options.js';
import type { Output } from './output.js';

/** One hop of a URL. */
interface CheckedHop {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Empty where the name could not be resolved. */
  addresses: readonly JudgedAddress[];
  /** Null where no response came. */
  status: number | null;
  /** Where the response leads to. */
  location: string | null;
}

/** What `--json` prints of a URL. */
interface Checked {
  readonly url: string;
  readonly hops: readonly CheckedHop[];
  /** Whether each hop has an address that may be connected to. */
  readonly allowed: boolean;
  readonly error?: NonNullable<Receipt['error']>;
}

/** Checks the URLs one after another; the exit status is that of the first failure. */
export async function runCheck(
  urls: readonly string[],
  { json, ...flags }: CheckFlags,
  { stdout, stderr }: Output,
  signal: AbortSignal,
): Promise<number> {
  const options: RetrieveOptions = { ...retrieveOptions({ ...flags, publicOnly: true }), signal };
  let exitCode = 0;
  for (const url of urls) {
    const checked = await check(url, options);
    const lines = json ? [escapeJson(JSON.stringify(checked))] : checkText(checked).map(escapeLine);
    stdout.write(lines.map((line) => `${line}\n`).join(''));
    if (checked.error !== undefined) stderr.write(`sluice: ${escapeLine(checked.error.message)}\n`);
    if (exitCode === 0) exitCode = checked.error?.exitCode ?? 0;
    if (signal.aborted) break;
  }
  return exitCode;
}

/** Follows `url` as `retrieve` does, head by head, and keeps what its trace tells. */
async function check(url: string, options: RetrieveOptions): Promise<Checked> {
  const hops: CheckedHop[] = [];
  const trace = (event: TraceEvent) => {
    const hop = hops.at(-1)!;
    if (event.type === 'resolved') hop.addresses = event.addresses;
    else if (event.type === 'head') {
      hop.status = event.status;
      hop.location = locationOf(event);
    } else if (event.type === 'redirect') {
      hop.location = event.to;
      hops.push(newHop(new URL(event.to)));
    }
  };
  const error = await failureOf(async () => {
    hops.push(newHop(parseUrl(url)));
    await new Retrieval(
      url,
      { ...settle({ ...options, trace }), headOnly: true },
      { destination: noBody },
    ).run();
  });
  const allowed = hops.length > 0 && hops.every(({ addresses }) => addresses.some((one) => one.allowed));
  return { url: maskUserinfo(url), hops, allowed, ...(error === undefined ? {} : { error }) };
}

function newHop(url: URL): CheckedHop {
  const { host, port } = originOf(url);
  return { url: withoutUserinfo(url), host, port, addresses: [], status: null, location: null };
}

/** What `work` fails with. An error status is an answer, and any answer will do. */
async function failureOf(work: () => Promise<void>): Promise<Checked['error']> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const { code, phase, exitCode, message } = error;
    if (code !== 'http-status') return { code, phase, exitCode, message };
  }
  return undefined;
}

const noBody: Destination = () => {
  throw new Error('a body came, though only heads are received');
};

function locationOf({ fields }: Extract<TraceEvent, { type: 'head' }>): string | null {
  const location = fields.find(([name]) => name.toLowerCase() === 'location')?.[1];
  return location === undefined ? null : maskUserinfo(locationText(location));
}

function checkText({ hops, error }: Checked): string[] {
  const lines = hops.flatMap((hop) => [hop.url, ...hopText(hop).map((line) => `  ${line}`)]);
  // Only what was typed is refused at the first hop.
  if (hops.length === 1 && error?.code === 'address-refused')
    lines.push(
      '  "sluice get" would connect nevertheless, since you typed it; with --public-only it would not.',
    );
  return lines;
}

function hopText({ addresses, status, location }: CheckedHop): string[] {
  const [longest, widest] = [
    Math.max(...addresses.map(({ address }) => address.length)),
    Math.max(...addresses.map(({ range }) => range.length)),
  ];
  const lines = addresses.map(
    ({ address, range, allowed }) =>
      `${address.padEnd(longest)}  ${range.padEnd(widest)}  ${allowed ? 'allowed' : 'refused'}`,
  );
  if (status !== null) lines.push(`status ${status}${location === null ? '' : `, leads to ${location}`}`);
  return lines;
}
