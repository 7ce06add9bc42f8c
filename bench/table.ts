import { median, quotients } from './rounds.js';
import type { Ceiling, Claim, Sample, Side } from './row.js';

const COLUMNS = [
  'work',
  'ours',
  'wall s',
  'cpu s',
  'peer',
  'wall s',
  'cpu s',
  'ratio',
  'lowest',
  'highest',
  'target',
  'met',
];

const CEILING_COLUMNS = ['memory', 'highest', 'target', 'met'];

/** The claims as a table in plain text. */
export function table(claims: readonly Claim[]): string {
  return aligned([COLUMNS, ...claims.map(cells)]);
}

/** The ceilings as a table in plain text. */
export function ceilingTable(ceilings: readonly Ceiling[]): string {
  return aligned([CEILING_COLUMNS, ...ceilings.map(ceilingCells)]);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}

const UNITS = {
  speed: 'times as fast as',
  time: 'times as long as',
  cpu: 'times the CPU time of',
  memory: 'times the peak memory of',
} as const;

/** One claim as a sentence, with peak memory where it was measured. */
export function sentence(claim: Claim): string {
  const { ratio, met } = judge(claim);
  const { work, ours, peer, target } = claim;
  const memory =
    ours.samples[0]?.peakBytes === undefined ? '' : `; peak memory ${peak(ours)} and ${peak(peer)}`;
  const cpu = median(quotients(ours, peer, ({ cpuMs }) => cpuMs)).toFixed(2);
  return `${work}: ${ours.name} is ${ratio.toFixed(2)} ${UNITS[target.kind]} ${peer.name}, for ${cpu} of its CPU time (target ${bound(claim)}: ${met ? 'met' : 'MISSED'})${memory}`;
}

interface Judgement {
  /** The median over the rounds, each client beside its neighbour in time. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  readonly met: boolean;
}

function judge({ ours, peer, target }: Claim): Judgement {
  const of = { speed: wallOf, time: wallOf, cpu: cpuOf, memory: peakOf }[target.kind];
  const ratios = target.kind === 'speed' ? quotients(peer, ours, of) : quotients(ours, peer, of);
  const ratio = median(ratios);
  return {
    ratio,
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    met: target.kind === 'speed' ? ratio >= target.bound : ratio <= target.bound,
  };
}

function wallOf({ wallMs }: Sample): number {
  return wallMs;
}

function cpuOf({ cpuMs }: Sample): number {
  return cpuMs;
}

function peakOf({ peakBytes = Number.NaN }: Sample): number {
  return peakBytes;
}

function cells(claim: Claim): string[] {
  const { ratio, lowest, highest, met } = judge(claim);
  const { work, ours, peer } = claim;
  const figures = [ratio, lowest, highest].map((figure) => figure.toFixed(2));
  return [
    work,
    ours.name,
    ...times(ours),
    peer.name,
    ...times(peer),
    ...figures,
    bound(claim),
    met ? 'yes' : 'NO',
  ];
}

/** One ceiling as a sentence. */
export function ceilingSentence(ceiling: Ceiling): string {
  const [work, highest, target, met] = ceilingCells(ceiling);
  return `${work}: at most ${highest} of memory (target ${target}: ${met === 'yes' ? 'met' : 'MISSED'})`;
}

function ceilingCells({ work, bytes, bound }: Ceiling): [string, string, string, string] {
  const highest = Math.max(...bytes);
  return [work, shownBytes(highest), `<= ${shownBytes(bound)}`, highest <= bound ? 'yes' : 'NO'];
}

function times({ samples }: Side): string[] {
  return [samples.map(({ wallMs }) => wallMs), samples.map(({ cpuMs }) => cpuMs)].map((ms) =>
    (median(ms) / 1000).toFixed(3),
  );
}

function bound({ target }: Claim): string {
  return `${target.kind === 'speed' ? '>=' : '<='} ${target.bound}`;
}

function peak({ name, samples }: Side): string {
  return `${shownBytes(Math.max(...samples.map(peakOf)))} (${name})`;
}

function shownBytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(0)} KiB` : `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
