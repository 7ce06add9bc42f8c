/** Small worlds of one question each, answered in a line or two. */
import type { AttemptVerdict } from '../../src/dataset/schedule/attempt-verdict.js';
import { DEFAULT_WINDOW } from '../../src/dataset/schedule/window.js';
import { Crew, type CrewSettings, type World } from './crew.js';
import { estimateBeside, machineOf } from './estimate.js';
import { type EvenSettings, fairness, TEN_SLOW, timesOf } from './even.js';
import { mixed, uniform } from './random.js';

/** Makes a crew; what is left out is as for the large world. */
export type CrewOf = (more?: Partial<CrewSettings>) => CrewSettings;

const ANSWERED: AttemptVerdict = { kind: 'answered', pauseMs: 0, retryMs: undefined };

/** Ten slow hosts among a thousand: when is the rest done? */
export function slowHosts(crewOf: CrewOf): string {
  const { rows, hosts, slowHosts: slow, slowMs, ms } = TEN_SLOW;
  const says = (what: string, settings: EvenSettings, crew: CrewSettings) => {
    const { rest, all } = timesOf(settings, crew);
    return `  ${what.padEnd(28)} ${seconds(rest)} of ${seconds(all)} s`;
  };
  const narrow = { ...DEFAULT_WINDOW, mostShards: 4 };
  return [
    `${slow} slow hosts (${slowMs} ms an answer) among ${hosts} (${ms} ms), ${rows} rows. The rest is done after`,
    says('none of them slow', { ...TEN_SLOW, slowHosts: 0 }, crewOf()),
    says(`at most ${DEFAULT_WINDOW.mostShards} shards open`, TEN_SLOW, crewOf()),
    says('at most 4 shards open', TEN_SLOW, crewOf({ window: narrow })),
  ].join('\n');
}

/** Twenty small shards of a few fast hosts, for four workers: whoever comes first may take them all, or leave some to others. */
export function shortList(crewOf: CrewOf): string {
  const [rows, shardSize, hosts, ms, msPerAnswer] = [20_000, 1_000, 4, 10, 5];
  const hostOf = (row: number) => `host-${row % hosts}.example`;
  const world = { rows, hostOf, ask: () => ({ ms, verdict: ANSWERED }) };
  const settings = { workers: 4, shardSize, msPerAnswer };
  const took = (scarce: number) => seconds(run(world, crewOf({ ...settings, scarce })));
  return [
    `${rows} rows of ${hosts} hosts (${ms} ms an answer), ${shardSize} a shard, 4 workers that handle ${1_000 / msPerAnswer} answers a second each`,
    `  each takes what it can ${took(0)} s; leaves shards to others while it has enough to do ${took(Number.POSITIVE_INFINITY)} s`,
  ].join('\n');
}

/** One host has a twentieth of a shuffled list: it sets the pace, as the model says. */
export function heavyHost(crewOf: CrewOf): string {
  const [rows, share, ms] = [500_000, 0.05, 100];
  const hostOf = (row: number) =>
    uniform(row, 21) < share ? 'heavy.example' : `host-${mixed(row, 22) % 10_000}.example`;
  const settings = crewOf();
  const tookMs = run({ rows, hostOf, ask: () => ({ ms, verdict: ANSWERED }) }, settings);
  const mix = {
    rows,
    images: 1,
    imageBytes: 0,
    answered: 1,
    answerSeconds: ms / 1_000,
    waits: 0,
    waitSeconds: 0,
    handshakes: 0,
    lookups: 0,
    slowestHostRows: share * rows,
    slowestHostSeconds: ms / 1_000,
  };
  const { hostLimit } = settings.hosts;
  const beside = estimateBeside(mix, machineOf(settings), hostLimit, tookMs);
  return `one host has ${share * 100} % of ${rows} rows (${ms} ms an answer)\n  ${beside}`;
}

/** The same rows, shuffled and sorted by host: sorted, the window holds few hosts. */
export function listOrder(crewOf: CrewOf): string {
  const [rows, hosts, ms] = [500_000, 250, 200];
  const took = (numberOf: (row: number) => number) => {
    const hostOf = (row: number) => `host-${numberOf(row)}.example`;
    return seconds(run({ rows, hostOf, ask: () => ({ ms, verdict: ANSWERED }) }, crewOf()));
  };
  const shuffled = took((row) => mixed(row, 23) % hosts);
  const sorted = took((row) => Math.floor((row * hosts) / rows));
  return `${rows} rows of ${hosts} hosts (${ms} ms an answer): shuffled ${shuffled} s, sorted by host ${sorted} s`;
}

/** A hundred hosts that need long and nine hundred that don't, all with rows all the time, share forty places. */
export function fairShares(crewOf: CrewOf): string {
  const [rows, hosts, long, places, ms] = [600_000, 1_000, 100, 40, 100];
  // The long ones have five rows of six.
  const numberOf = (row: number) =>
    row % 6 === 0 ? long + (mixed(row, 24) % (hosts - long)) : mixed(row, 25) % long;
  const started: number[] = Array(hosts).fill(0);
  const hostOf = (row: number) => `host-${numberOf(row)}.example`;
  const world = { rows, hostOf, ask: () => ({ ms, verdict: ANSWERED }) };
  const observer = { started: ({ row }: { row: number }) => void started[numberOf(row)]!++ };
  const limit = { least: places, most: places };
  const window = { mostShards: 1, mostRows: rows };
  new Crew(world, crewOf({ workers: 1, limit, window, shardSize: rows }), observer).runUntil(60_000);
  const says = (of: readonly number[]) =>
    `${of.reduce((sum, count) => sum + count, 0)} attempts, fairness (Jain) ${fairness(of).toFixed(4)}`;
  return [
    `${places} places for ${long} hosts that need long and ${hosts - long} others`,
    `  long: ${says(started.slice(0, long))}; others: ${says(started.slice(long))}`,
  ].join('\n');
}

function run(world: World, settings: CrewSettings): number {
  const crew = new Crew(world, settings);
  crew.runUntil(world.rows);
  return crew.now;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
