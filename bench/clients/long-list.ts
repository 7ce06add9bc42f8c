import { readFileSync } from 'node:fs';
import { readWork } from './work.js';

/** A list, and how it is pulled. */
export interface Work {
  readonly list: string;
  readonly rows: number;
  readonly directory: string;
  readonly allow: readonly string[];
  readonly threads: number;
  /** The library's module, as a URL. */
  readonly module: string;
}

/** What a tenth of a list took. */
export interface Tenth {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The most that was resident meanwhile, all of it and without what is mapped from files. */
  readonly peakBytes: number;
  readonly ownBytes: number;
}

/** What pulling a whole list took. */
export interface Outcome {
  readonly tenths: readonly Tenth[];
  /** The most that was ever resident. */
  readonly peakBytes: number;
  readonly codes: Readonly<Record<string, number>>;
}

const TENTHS = 10;
const LOOK_EVERY_MS = 50;

const { list, rows, directory, allow, threads, module }: Work = readWork();
const { pull }: typeof import('../../src/index.js') = await import(module);

const run = pull({ list, directory, allow, threads, retries: 0 });
const tenths: Tenth[] = [];
let began = now();
let peakBytes = 0;
let ownBytes = 0;
const timer = setInterval(look, LOOK_EVERY_MS);
const { summary } = await run.result;
clearInterval(timer);
endTenth();
if (summary.count !== rows) throw new Error(`${summary.count} rows were done of ${rows}.`);
const outcome: Outcome = { tenths, peakBytes: statusBytes('VmHWM'), codes: summary.codes };
console.log(JSON.stringify(outcome));

function look(): void {
  peakBytes = Math.max(peakBytes, statusBytes('VmRSS'));
  ownBytes = Math.max(ownBytes, statusBytes('RssAnon'));
  if (tenths.length < TENTHS - 1 && run.tally.done >= (rows * (tenths.length + 1)) / TENTHS) endTenth();
}

function endTenth(): void {
  const ended = now();
  // Tenths end where somebody looks: what they took is that of as many rows each.
  const share = rows / TENTHS / (ended.done - began.done);
  const wallMs = (ended.wallMs - began.wallMs) * share;
  tenths.push({ wallMs, cpuMs: (ended.cpuMs - began.cpuMs) * share, peakBytes, ownBytes });
  began = ended;
  peakBytes = 0;
  ownBytes = 0;
}

function now() {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000, done: run.tally.done };
}

/** A figure of /proc/self/status, which is of all threads. */
function statusBytes(name: 'VmRSS' | 'VmHWM' | 'RssAnon'): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync('/proc/self/status', 'utf8'),
  )?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/self/status tells no ${name}.`);
  return Number(kibibytes) * 1024;
}
