/**
 * `npm run simulate`: the schedule of a pull, the real one, on a virtual clock. `--rows N` and `--hosts N` set the size of the made-up web, `--workers N` the crew;
 * `--scale` prints the table of docs/SCALE.md, and nothing else. The status is 0 also where a figure is missed; a promise that is broken throws.
 */
import { parseArgs } from 'node:util';
import { SharedHosts } from '../../src/dataset/schedule/shared-hosts.js';
import { DEFAULT_WINDOW } from '../../src/dataset/schedule/window.js';
import { Crew, type CrewSettings } from './crew.js';
import { decisionsASecond } from './decisions.js';
import { estimateBeside, machineOf, mixOfWeb } from './estimate.js';
import { runThrough } from './progress.js';
import { scaleTable } from './scale.js';
import { fairShares, heavyHost, listOrder, shortList, slowHosts } from './scenarios.js';
import { Watch } from './watch.js';
import { WEB, Web } from './web.js';

const HOST_LIMIT = 6;
/** Of all workers together. */
const LEAST = 16;
const MOST = 1_024;
const SHARD_SIZE = 10_000;
/** Of a worker's core: it handles 2,000 answers a second. */
const MS_PER_ANSWER = 0.5;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: String(WEB.rows) },
    hosts: { type: 'string', default: String(WEB.hosts) },
    workers: { type: 'string', default: '2' },
    scale: { type: 'boolean', default: false },
  },
});
const workers = Number(values.workers);

if (values.scale) process.stdout.write(scaleTable());
else {
  madeUpWeb(Number(values.rows), Number(values.hosts));
  for (const scenario of [slowHosts, heavyHost, listOrder, fairShares, shortList])
    console.log(`\n${scenario(crewOf)}`);
  console.log(
    `\nthe scheduler alone: ${Math.round(decisionsASecond() / 1_000)} thousand decisions a second of one core`,
  );
}

function crewOf(more: Partial<CrewSettings> = {}): CrewSettings {
  return {
    workers,
    hosts: new SharedHosts(SharedHosts.buffer(HOST_LIMIT, 0)),
    limit: { least: Math.max(1, Math.round(LEAST / workers)), most: Math.round(MOST / workers) },
    shardSize: SHARD_SIZE,
    window: DEFAULT_WINDOW,
    msPerAnswer: MS_PER_ANSWER,
    ...more,
  };
}

function madeUpWeb(rows: number, hosts: number): void {
  const world = new Web({ ...WEB, rows, hosts });
  const watch = new Watch(rows, HOST_LIMIT);
  const crew = new Crew(world, crewOf(), watch);
  const pace = `${workers} workers that handle ${1_000 / MS_PER_ANSWER} answers a second each`;
  console.log(`${rows} rows of ${hosts} hosts; ${pace}\n`);
  runThrough(crew, console.log);
  console.log(estimateBeside(mixOfWeb(world, HOST_LIMIT), machineOf(crew.settings), HOST_LIMIT, crew.now));
  console.log(
    `held: at most ${watch.most} attempts at a host, none within its pause, every row done with once`,
  );
}
