/** Workers that are killed, and one that is stopped for so long that others take its shards: the data set is that of a run that nobody disturbed. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { redisServer } from '../support/redis-server.js';
import { until } from './support/command.js';
import {
  atWork,
  contentOf,
  finished,
  LONG,
  leases,
  leasesOf,
  placeFor,
  pullArgs,
  RECORDS,
  SHARD_ROWS,
  saidBy,
  startWork,
} from './support/crew.js';
import { PictureHosts } from './support/picture-hosts.js';
import { leftOver, pull, startPull } from './support/pull.js';

test.each(['webdataset', 'files'])(
  'two workers killed, one stopped past its lease and woken: no row lost, none twice (%s)',
  async (format) => {
    const hosts = await PictureHosts.start(4);
    const rows = 900;
    const place = placeFor(hosts.list(rows));
    const { out, calm } = place;
    expect((await pull([...pullArgs(place, calm, format), '-q'])).status).toBe(0);
    const redis = await redisServer({ password: 'a word' });
    const [queue, trickle, flow] = [redis.url(1), 1000, 5];
    hosts.delayMs = 400;
    const planner = startPull([...pullArgs(place, out, format), '-q', '--queue', queue]);
    const first = startWork(queue, '--lease', '1');
    const second = startWork(queue, '--lease', '1');
    const third = startWork(queue, '--lease', '1');
    await atWork(place, first, second, third);
    await until(() => finished(out) >= 1);
    for (const worker of [first, third]) worker.kill('SIGSTOP');
    const lost = [...leasesOf(out, first), ...leasesOf(out, third)];
    first.kill('SIGKILL');
    await until(() => {
      if (finished(out) >= 10) hosts.delayMs = trickle;
      return leases(out).every((lease) => !lost.includes(lease));
    });
    third.kill('SIGCONT');
    await until(() => {
      if (finished(out) >= 20) hosts.delayMs = trickle;
      return [second, third].every((worker) => leasesOf(out, worker).length > 0);
    });
    second.kill('SIGKILL');
    hosts.delayMs = flow;
    const { status, stdout } = await planner.ended;
    expect(status).toBe(0);
    expect(stdout.toString()).toMatch(
      new RegExp(`^\\d+ of ${rows} pictures \\(.* in ${rows / SHARD_ROWS} shards$`, 'm'),
    );
    const woken = await third.ended;
    expect(woken).toMatchObject({ status: 0, stderr: '' });
    expect(saidBy(woken).shards).toBeGreaterThan(0);
    const made = await contentOf(out, format);
    expect(made).toEqual(await contentOf(calm, format));
    expect(made.rows).toHaveLength(rows);
    expect(leftOver(out)).toEqual([]);
    expect(readdirSync(join(out, '.sluice'))).toEqual(RECORDS);
  },
  LONG,
);
