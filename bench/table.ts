import { median, quotients } from './rounds.js';
import type { Claim, Sample, Side } from './row.js';

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

/** The claims as a table in plain text. */
export function table(claims: readonly Claim[]): string {
  const rows = [COLUMNS, ...claims.map(cells)];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}

/** One claim as a sentence, with peak memory where it was measured. */
export function sentence(claim: Claim): string {
  const { ratio, met } = judge(claim);
  const { work, ours, peer, target } = claim;
  const unit = target.kind === 'speed' ? 'times as fast as' : 'times as long as';
  const memory =
    ours.samples[0]?.peakBytes === undefined ? '' : `; peak memory ${peak(ours)} and ${peak(peer)}`;
  const cpu = median(quotients(ours, peer, ({ cpuMs }) => cpuMs)).toFixed(2);
  return `${work}: ${ours.name} is ${ratio.toFixed(2)} ${unit} ${peer.name}, for ${cpu} of its CPU time (target ${bound(claim)}: ${met ? 'met' : 'MISSED'})${memory}`;
}

interface Judgement {
  /** The median over the rounds, each client beside its neighbour in time. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  readonly met: boolean;
}

function judge({ ours, peer, target }: Claim): Judgement {
  const wall = ({ wallMs }: Sample) => wallMs;
  const ratios = target.kind === 'speed' ? quotients(peer, ours, wall) : quotients(ours, peer, wall);
  const ratio = median(ratios);
  return {
    ratio,
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    met: target.kind === 'speed' ? ratio >= target.bound : ratio <= target.bound,
  };
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

function times({ samples }: Side): string[] {
  return [samples.map(({ wallMs }) => wallMs), samples.map(({ cpuMs }) => cpuMs)].map((ms) =>
    (median(ms) / 1000).toFixed(3),
  );
}

function bound({ target }: Claim): string {
  return `${target.kind === 'speed' ? '>=' : '<='} ${target.bound}`;
}

function peak({ name, samples }: Side): string {
  const largest = Math.max(...samples.map(({ peakBytes = 0 }) => peakBytes));
  return `${(largest / 2 ** 20).toFixed(0)} MiB (${name})`;
}
