import type { Crew } from './crew.js';

const PARTS = 20;
/** Parts that are compared: after the start, and before what is left is only slow. */
const EARLY = [2, 3, 4];
const LATE = [15, 16, 17];
const TAILS = [0.5, 0.9, 0.99, 0.999, 1];
const COLUMNS = [
  'rows',
  'virtual s',
  'rows/s',
  'cores',
  'running',
  'limit',
  'cpu us/row',
  'us/decision',
  'rss MB',
];

/** What is read off a crew at a point of its way; differences of two make a line of the table. */
interface Reading {
  readonly done: number;
  readonly now: number;
  readonly answers: number;
  readonly decisions: number;
  readonly runningMs: number;
  /** Microseconds of this process. */
  readonly cpuUs: number;
}

/** A crew's way through its list: a line for each twentieth of the rows, then the tail, and the cost at the start and at the end. */
export function runThrough(crew: Crew, print: (line: string) => void): void {
  const { rows } = crew.world;
  const costs: number[] = [];
  const tails: string[] = [];
  print(columns(COLUMNS));
  let before = read(crew);
  for (const stop of stopsOf(rows)) {
    crew.runUntil(stop);
    const share = TAILS.find((tail) => Math.ceil(tail * rows) === stop);
    if (share !== undefined) tails.push(`${share * 100} % after ${(crew.now / 1_000).toFixed(0)} s`);
    if (!isPart(stop, rows)) continue;
    const after = read(crew);
    costs.push((after.cpuUs - before.cpuUs) / (after.decisions - before.decisions));
    print(lineOf(crew, before, after));
    before = after;
  }
  print(`\ndone with: ${tails.join(', ')}; given up: ${crew.givenUp}`);
  const [early, late] = [mean(costs, EARLY), mean(costs, LATE)];
  const ratio = ((late / early - 1) * 100).toFixed(0);
  print(
    `a decision, and its world, costs ${early.toFixed(2)} us early and ${late.toFixed(2)} us late: ${ratio} %`,
  );
}

function stopsOf(rows: number): number[] {
  const parts = Array.from({ length: PARTS }, (_, i) => Math.round((rows * (i + 1)) / PARTS));
  const tails = TAILS.map((tail) => Math.ceil(tail * rows));
  return [...new Set([...parts, ...tails])].sort((one, other) => one - other);
}

function isPart(stop: number, rows: number): boolean {
  return Math.round((rows * Math.round((stop / rows) * PARTS)) / PARTS) === stop;
}

function read(crew: Crew): Reading {
  const { done, now, answers, decisions, runningMs } = crew;
  const { user, system } = process.cpuUsage();
  return { done, now, answers, decisions, runningMs, cpuUs: user + system };
}

function lineOf(crew: Crew, before: Reading, after: Reading): string {
  const { workers, msPerAnswer } = crew.settings;
  const rows = after.done - before.done;
  const ms = after.now - before.now;
  const cpuUs = after.cpuUs - before.cpuUs;
  return columns([
    String(after.done),
    (after.now / 1_000).toFixed(0),
    ((rows / ms) * 1_000).toFixed(0),
    `${((((after.answers - before.answers) * msPerAnswer) / (workers * ms)) * 100).toFixed(0)} %`,
    ((after.runningMs - before.runningMs) / ms).toFixed(0),
    String(crew.limit),
    (cpuUs / rows).toFixed(2),
    (cpuUs / (after.decisions - before.decisions)).toFixed(2),
    (process.memoryUsage.rss() / 1e6).toFixed(0),
  ]);
}

function columns(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(11)).join('  ');
}

function mean(all: readonly number[], which: readonly number[]): number {
  return which.reduce((sum, i) => sum + all[i]!, 0) / which.length;
}
