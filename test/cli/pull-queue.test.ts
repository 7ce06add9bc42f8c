/** `sluice pull --queue` and `sluice work`: whatever becomes of the workers, the data set is that of a run that nobody disturbed. */

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateFor } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { redisServer } from '../support/redis-server.js';
import { scratchDirectory } from '../support/scratch.js';
import { until } from './support/command.js';
import {
  atWork,
  contentOf,
  finished,
  LONG,
  leases,
  placeFor,
  pullArgs,
  RECORDS,
  SHARD_ROWS,
  saidBy,
  startWork,
} from './support/crew.js';
import { PictureHosts } from './support/picture-hosts.js';
import { ONE_SENTENCE } from './support/printed.js';
import { leftOver, pull, rowsOf, startPull } from './support/pull.js';

describe('sluice pull --queue', () => {
  test(
    'a planner that is killed and started again goes on, and tells of all rows',
    async () => {
      const hosts = await PictureHosts.start(3);
      const place = placeFor(hosts.list(300));
      const redis = await redisServer();
      hosts.delayMs = 200;
      const plan = [...pullArgs(place, place.out), '-q', '--queue', redis.url()];
      const before = startPull(plan);
      const worker = startWork(redis.url());
      await until(() => finished(place.out) >= 2);
      before.kill('SIGKILL');
      await before.ended;
      hosts.delayMs = 5;
      const { status, stdout } = await pull(plan);
      expect(status).toBe(0);
      expect(stdout.toString()).toContain('of 300 pictures');
      expect((await worker.ended).status).toBe(0);
      expect(await rowsOf(place.out)).toHaveLength(300);
      expect(readdirSync(join(place.out, '.sluice'))).toEqual(RECORDS);
      const again = await pull(plan);
      expect([again.status, again.stdout.toString()]).toEqual([
        0,
        expect.stringContaining('of 300 pictures'),
      ]);
    },
    LONG,
  );

  test.each(['is gone for a while, and comes back without its memory', 'is emptied'])(
    'a Redis that %s loses no row, nor what is half done',
    async (what) => {
      const hosts = await PictureHosts.start(3);
      const [rows, shards] = [300, 300 / SHARD_ROWS];
      const place = placeFor(hosts.list(rows));
      const redis = await redisServer();
      hosts.delayMs = 200;
      const planner = startPull([...pullArgs(place, place.out), '-q', '--no-dedupe', '--queue', redis.url()]);
      const worker = startWork(redis.url());
      await until(() => finished(place.out) >= 2);
      if (what === 'is emptied') await redis.empty();
      else {
        await redis.kill();
        await redisServer({ port: redis.port });
      }
      hosts.delayMs = 20;
      expect(await planner.ended).toMatchObject({ status: 0, stderr: '' });
      const ended = await worker.ended;
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(saidBy(ended).shards).toBe(shards);
      expect(await rowsOf(place.out)).toHaveLength(rows);
      // What was in flight is asked for again: no more than all slots of three hosts.
      expect(hosts.requests).toBeLessThanOrEqual(rows + 3 * 6);
    },
    LONG,
  );

  test(
    'a host has no more requests at once than its limit, whatever the number of workers, and each of them gets some',
    async () => {
      const hosts = await PictureHosts.start(1);
      const place = placeFor(hosts.list(400));
      const redis = await redisServer();
      hosts.delayMs = 100;
      const limit = ['--host-limit', '3', '--no-dedupe'];
      const workers = [startWork(redis.url()), startWork(redis.url())] as const;
      const planner = startPull([...pullArgs(place, place.out), '-q', ...limit, '--queue', redis.url()]);
      await atWork(place, ...workers);
      hosts.delayMs = 10;
      expect((await planner.ended).status).toBe(0);
      expect(hosts.most).toBe(3);
      expect(hosts.requests).toBe(400);
      for (const worker of workers) {
        const ended = await worker.ended;
        expect(ended.status).toBe(0);
        expect(saidBy(ended).rows).toBeGreaterThan(SHARD_ROWS);
      }
    },
    LONG,
  );

  test(
    'a worker whose shards wait for a host that never answers takes others, and leaves shards to others while it has enough to do',
    async () => {
      const hosts = await PictureHosts.start(4);
      const shards = 20;
      const lines = hosts.list(shards * SHARD_ROWS).split('\n');
      // A row of each of the first ten shards.
      for (let shard = 0; shard < shards / 2; shard++) lines[shard * SHARD_ROWS + 5] = hosts.silentUrl(shard);
      const place = placeFor(lines.join('\n'));
      const redis = await redisServer();
      hosts.delayMs = 100;
      const patience = ['--timeout', '250', '--retry', '0', '--no-dedupe'];
      const planner = startPull([...pullArgs(place, place.out), '-q', ...patience, '--queue', redis.url()]);
      await until(() => existsSync(join(place.out, '.sluice/crew/plan', String(shards - 1))));
      const worker = startWork(redis.url());
      let most = 0;
      await until(() => {
        const held = leases(place.out).length;
        if (finished(place.out) === 0 && hosts.requests < SHARD_ROWS) most = Math.max(most, held);
        return finished(place.out) === shards / 2;
      });
      expect(most).toBeLessThan(shards / 2);
      expect(hosts.requests).toBeGreaterThanOrEqual(shards * SHARD_ROWS - shards / 2);
      hosts.speak();
      expect((await planner.ended).status).toBe(0);
      expect(saidBy(await worker.ended).shards).toBe(shards);
    },
    LONG,
  );

  test(
    'a worker that is told to leave leaves nothing half done behind that another would do again; by TLS',
    async () => {
      const hosts = await PictureHosts.start(2);
      const place = placeFor(hosts.list(200));
      const certificate = certificateFor('IP:127.0.0.1');
      const redis = await redisServer({ password: 'pass', tls: certificate });
      const trusted = join(scratchDirectory(), 'ca.pem');
      writeFileSync(trusted, certificate.cert);
      const tls = ['--queue-cacert', trusted];
      hosts.delayMs = 100;
      const plan = [...pullArgs(place, place.out), '-q', '--no-dedupe', '--queue', redis.url(), ...tls];
      const planner = startPull(plan);
      const leaving = startWork(redis.url(), ...tls, '--lease', '600');
      await atWork(place, leaving);
      await until(() => finished(place.out) >= 1);
      leaving.kill('SIGTERM');
      const left = await leaving.ended;
      expect([left.status, left.stderr]).toEqual([143, '']);
      expect(leases(place.out)).toEqual([]);
      hosts.delayMs = 5;
      // Nothing waits for the lease of ten minutes.
      const after = await startWork(redis.url(), ...tls).ended;
      expect(after.status).toBe(0);
      expect((await planner.ended).status).toBe(0);
      expect(saidBy(left).rows + saidBy(after).rows).toBe(200);
      expect(hosts.requests).toBe(200);
      expect(await rowsOf(place.out)).toHaveLength(200);
    },
    LONG,
  );

  test(
    'one machine alone goes on where a crew was, and the other way round; whoever of the crew is still at it does no harm',
    async () => {
      const hosts = await PictureHosts.start(2);
      const place = placeFor(hosts.list(300));
      const { out, calm } = place;
      const how = ['-q', '--no-dedupe', '--threads', '1'];
      expect((await pull([...pullArgs(place, calm), ...how])).status).toBe(0);
      const redis = await redisServer();
      const alone = [...pullArgs(place, out), ...how];
      hosts.delayMs = 100;
      const crewed = startPull([...alone, '--queue', redis.url()]);
      const worker = startWork(redis.url());
      await atWork(place, worker);
      await until(() => finished(out) >= 1);
      worker.kill('SIGSTOP');
      crewed.kill('SIGINT');
      expect((await crewed.ended).status).toBe(130);
      const before = finished(out);
      const single = startPull(alone);
      await until(() => finished(out) > before);
      single.kill('SIGTERM');
      expect((await single.ended).status).toBe(143);
      worker.kill('SIGCONT');
      expect((await worker.ended).status).toBe(0);
      const half = readdirSync(out).filter((name) => name.endsWith('.journal'));
      expect(half.length).toBeGreaterThan(0);
      hosts.requests = 0;
      hosts.delayMs = 5;
      const left = (10 - finished(out)) * SHARD_ROWS;
      const [planner, another] = [startPull([...alone, '--queue', redis.url()]), startWork(redis.url())];
      expect([(await planner.ended).status, (await another.ended).status]).toEqual([0, 0]);
      expect(hosts.requests).toBeLessThan(left);
      expect(await contentOf(out)).toEqual(await contentOf(calm));
      expect(leftOver(out)).toEqual([]);
    },
    LONG,
  );
});

describe('What goes wrong with the queue', () => {
  test('is said in one sentence, with status 7: Redis is not there, wants another password, or has no such database', async () => {
    const redis = await redisServer({ password: 'right' });
    const nobody = await freePort();
    const place = placeFor('http://127.0.0.1/a.jpg\n');
    const wrong = `redis://:mistaken@127.0.0.1:${redis.port}`;
    for (const [queue, says] of [
      [wrong, `The queue at redis://127.0.0.1:${redis.port} wants another password`],
      [`redis://127.0.0.1:${redis.port}`, 'wants another password'],
      [redis.url(99), 'refuses what it is asked for: ERR DB index is out of range.'],
      [`redis://127.0.0.1:${nobody}`, `could not be reached: connect ECONNREFUSED 127.0.0.1:${nobody}.`],
    ] as const) {
      const outcomes = [pull([...pullArgs(place, place.out), '--queue', queue]), startWork(queue).ended];
      for (const { status, stdout, stderr } of await Promise.all(outcomes)) {
        expect([status, stdout.toString()]).toEqual([7, '']);
        expect(stderr).toMatch(ONE_SENTENCE);
        expect(stderr).toContain(says);
        expect(stderr).not.toContain('mistaken');
      }
    }
    // Nothing was begun: other options may begin it.
    expect(existsSync(join(place.out, '.sluice/run.json'))).toBe(false);
  });

  test(
    'is said when it comes in the middle of a run, and what is half done is kept',
    async () => {
      const hosts = await PictureHosts.start(1);
      const place = placeFor(hosts.list(60));
      const redis = await redisServer();
      hosts.delayMs = 500;
      const planner = startPull([...pullArgs(place, place.out), '-q', '--queue', redis.url()]);
      const worker = startWork(redis.url(), '--lease', '1');
      await atWork(place, worker);
      await redis.fill();
      for (const { status, stderr } of await Promise.all([planner.ended, worker.ended])) {
        expect(status).toBe(7);
        expect(stderr).toMatch(ONE_SENTENCE);
        expect(stderr).toContain('refuses what it is asked for: OOM');
      }
      expect(leases(place.out)).toEqual([]);
      expect(readdirSync(join(place.out, '.sluice/crew/half'))).not.toEqual([]);
      const record = JSON.parse(readFileSync(join(place.out, '.sluice/run.json'), 'utf8')) as object;
      expect(record).toMatchObject({ result: null });
    },
    LONG,
  );

  test('another run in the same database, another directory, and an address that is none are refused', async () => {
    const redis = await redisServer();
    const place = placeFor('http://127.0.0.1/a.jpg\n');
    const planner = startPull([...pullArgs(place, place.out), '-q', '--queue', redis.url()]);
    await until(() => existsSync(join(place.out, '.sluice/crew/plan/0')));
    const other = await pull([...pullArgs(place, place.calm), '--queue', redis.url()]);
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('works on another run, of ')]);
    const elsewhere = await startWork(redis.url(), '-o', scratchDirectory()).ended;
    expect([elsewhere.status, elsewhere.stderr]).toEqual([
      2,
      expect.stringContaining('is not the directory of the run'),
    ]);
    const none = await startWork('http://127.0.0.1').ended;
    expect([none.status, none.stderr]).toEqual([2, expect.stringMatching(ONE_SENTENCE)]);
    planner.kill('SIGINT');
    expect((await planner.ended).status).toBe(130);
  });

  test(
    'a worker that finds no run waits for one, and leaves when it is told to; one whose run is over leaves by itself',
    async () => {
      const redis = await redisServer();
      const waiting = startWork(redis.url(), '--say');
      await until(async () => (await redis.clients()) > 0);
      waiting.kill('SIGINT');
      const left = await waiting.ended;
      expect([left.status, left.stderr]).toEqual([
        130,
        expect.stringMatching(/sluice: Left\. No run is in the queue\.\n$/),
      ]);
      const hosts = await PictureHosts.start(1);
      const place = placeFor(hosts.list(60));
      hosts.delayMs = 50;
      const planner = startPull([...pullArgs(place, place.out), '-q', '--queue', redis.url()]);
      const worker = startWork(redis.url());
      await atWork(place, worker);
      planner.kill('SIGKILL');
      await until(() => finished(place.out) === 2);
      rmSync(place.out, { recursive: true });
      expect((await worker.ended).status).toBe(0);
    },
    LONG,
  );
});
