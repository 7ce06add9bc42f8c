/** Holds what came of a scenario against what has to come of it. */

import { ONE_SENTENCE } from '../cli/support/printed.js';
import type { Snapshot } from './files.js';
import type { File, Scenario } from './scenario.js';

/** What the command did. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly status: number | null;
  /** Set where it did not end by itself. */
  readonly killedAfterMs: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly peakMb: number | undefined;
  readonly ms: number;
}

/** In MB, whatever the server does. Node alone needs 45 to 60. */
const MOST_PEAK_MB = 150;

/** What commands a terminal: C0 (tab and line end aside), DEL, C1, and the characters that turn the direction of text around. */
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** What `-v` shows before the sentence. */
const VERBOSE_LINE = /^[*<>] .*\n/gm;

/** Each difference as a sentence; none where all is right. */
export function differencesOf(
  scenario: Scenario,
  ended: Ended,
  before: Snapshot,
  after: Snapshot,
  requests: readonly string[],
): string[] {
  const differences: string[] = [];
  const differs = (text: string) => void differences.push(text);
  if (ended.killedAfterMs !== undefined) differs(`It did not end within ${ended.killedAfterMs} ms.`);
  if (ended.status !== scenario.status) {
    differs(`Its status is ${ended.status} instead of ${scenario.status}: ${JSON.stringify(ended.stderr)}.`);
  }
  if (ended.peakMb !== undefined && ended.peakMb > MOST_PEAK_MB) {
    differs(`It had ${ended.peakMb.toFixed(0)} MB of memory, above ${MOST_PEAK_MB}.`);
  }
  comparePrinted(scenario, ended, differs);
  compareFiles(scenario, before, after, differs);
  compareRequests(scenario, requests, differs);
  return differences;
}

type Differs = (text: string) => void;

function comparePrinted(scenario: Scenario, { stdout, stderr }: Ended, differs: Differs): void {
  const { prints = '', says, onTerminal = false, args = [] } = scenario;
  if (Buffer.isBuffer(prints)) {
    if (!stdout.equals(prints))
      differs(`Standard output is not the ${prints.length} bytes, but ${stdout.length}.`);
  } else {
    const text = stdout.toString();
    // On a terminal the sentence stands there too, and is held against `says` below.
    const shown = onTerminal ? text.replace(/^sluice: .*\n$/m, '') : text;
    // A text that is exactly as it has to be is what was sent.
    if ((onTerminal || typeof prints !== 'string') && RAW.test(text))
      differs(`Standard output has raw control characters: ${JSON.stringify(text)}.`);
    if (typeof prints === 'string' ? shown !== prints : !prints.test(shown))
      differs(`Standard output is ${JSON.stringify(shown.slice(0, 400))}.`);
  }
  if (RAW.test(stderr)) differs(`Standard error has raw control characters: ${JSON.stringify(stderr)}.`);
  const told = onTerminal ? (/^sluice: .*\n$/m.exec(stdout.toString())?.[0] ?? '') : stderr;
  const sentence = args.includes('-v') ? told.replace(VERBOSE_LINE, '') : told;
  if (says === undefined) {
    if (sentence !== '') differs(`Standard error is ${JSON.stringify(sentence)} instead of nothing.`);
  } else if (!ONE_SENTENCE.test(sentence) || !says.test(sentence)) {
    differs(`Standard error is not one sentence that matches ${says}: ${JSON.stringify(sentence)}.`);
  }
}

function compareFiles(
  { leaves = {}, removes = [] }: Scenario,
  before: Snapshot,
  after: Snapshot,
  differs: Differs,
): void {
  const expected = new Map<string, File>(before);
  for (const name of removes) expected.delete(`here/${name}`);
  for (const [name, file] of Object.entries(leaves)) expected.set(`here/${name}`, file);
  for (const [name, file] of expected) {
    const there = after.get(name);
    if (there === undefined) differs(`${JSON.stringify(name)} is not there.`);
    else if (!isSame(there, file)) differs(`${JSON.stringify(name)} is not what it has to be.`);
  }
  for (const [name, there] of after) {
    if (expected.has(name)) continue;
    differs(
      `${JSON.stringify(name)} is there: ${typeof there === 'string' ? there : `${there.length} bytes`}.`,
    );
  }
}

function isSame(there: Buffer | string, file: File): boolean {
  if (file instanceof RegExp) return file.test(there.toString());
  if (Buffer.isBuffer(file)) return Buffer.isBuffer(there) && there.equals(file);
  if (typeof file === 'string') return there.toString() === file;
  return there === `a link to ${file.link}`;
}

function compareRequests({ asked }: Scenario, requests: readonly string[], differs: Differs): void {
  if (asked === undefined) return;
  const matches = asked.length === requests.length && asked.every((pattern, n) => pattern.test(requests[n]!));
  if (!matches) differs(`The requests are not as they have to be: ${JSON.stringify(requests)}.`);
}
