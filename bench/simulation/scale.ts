import { longest, type Machines, type Mix, type Resource, secondsBy, usefulMachines } from './cost-model.js';

/** The machine of docs/SCALE.md. What is measured, and what is only assumed, stands there. */
export const MACHINE: Machines = {
  count: 1,
  cores: 8,
  places: 1_024,
  linkRate: 312_500_000,
  diskRate: 500_000_000,
  questionRate: 2_000,
  coreSecondsPerImage: 0.000_25,
  coreSecondsPerHandshake: 0.001_2,
};

/** What a mix of hosts is, whatever the length of the list. */
export interface MixKind extends Omit<Mix, 'rows' | 'slowestHostRows'> {
  readonly name: string;
  /** Of the rows. */
  readonly slowestHost: number;
}

export const MIXES: readonly MixKind[] = [
  {
    name: 'few large hosts',
    images: 0.97,
    imageBytes: 100_000,
    answered: 0.99,
    answerSeconds: 0.1,
    waits: 0.001,
    waitSeconds: 15,
    handshakes: 0.01,
    lookups: 0.000_1,
    slowestHost: 0.1,
    slowestHostSeconds: 0.05,
  },
  {
    name: 'open web',
    images: 0.75,
    imageBytes: 150_000,
    answered: 0.88,
    answerSeconds: 0.4,
    waits: 0.04,
    waitSeconds: 15,
    handshakes: 0.3,
    lookups: 0.1,
    slowestHost: 0.01,
    slowestHostSeconds: 0.1,
  },
  {
    name: 'old list of small sites',
    images: 0.5,
    imageBytes: 120_000,
    answered: 0.6,
    answerSeconds: 0.6,
    waits: 0.15,
    waitSeconds: 15,
    handshakes: 0.6,
    lookups: 0.4,
    slowestHost: 0.001,
    slowestHostSeconds: 0.3,
  },
];

const LENGTHS: readonly number[] = [1e8, 1e10];
const HOST_LIMIT = 6;
const SECONDS_A_DAY = 86_400;
const COLUMNS: readonly Resource[] = ['cores', 'places', 'link', 'disk', 'names', 'politeness'];

/** The list of a kind and a length. */
export function mixOf({ slowestHost, ...kind }: MixKind, rows: number): Mix {
  return { ...kind, rows, slowestHostRows: slowestHost * rows };
}

/** The estimates as a table in Markdown: days on one machine by each resource, what binds, and how many machines are of use. */
export function scaleTable(machine: Machines = MACHINE): string {
  const head = ['list', 'URLs', ...COLUMNS, 'longest', 'machines of use', 'days with them'];
  const rows = MIXES.flatMap((kind) => LENGTHS.map((length) => cells(kind, length, machine)));
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function cells(kind: MixKind, length: number, machine: Machines): string[] {
  const mix = mixOf(kind, length);
  const alone = secondsBy(mix, machine, HOST_LIMIT);
  const count = usefulMachines(mix, machine, HOST_LIMIT);
  const together = longest(secondsBy(mix, { ...machine, count }, HOST_LIMIT));
  return [
    kind.name,
    `10^${Math.round(Math.log10(length))}`,
    ...COLUMNS.map((resource) => days(alone[resource])),
    longest(alone).resource,
    String(count),
    days(together.seconds),
  ];
}

function days(seconds: number): string {
  return String(Number((seconds / SECONDS_A_DAY).toPrecision(2)));
}
