/** `sluice pull --queue` and `sluice work`: whatever becomes of the workers, the data set is that of a run that nobody disturbed. */

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { describe, expect, test } from 'vitest';
import { certificateFor } from '../support/certificates.js';
import { freePort, redisServer } from '../support/redis-server.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, type Running, start, until } from './support/command.js';
import { PictureHosts } from './support/picture-hosts.js';
import { ONE_SENTENCE } from './support/printed.js';
import { leftOver, pull, rowsOf, startPull } from './support/pull.js';

const SHARD_ROWS = 30;
const LONG = 60_000;

interface Place {
  readonly list: string;
  readonly out: string;
  readonly calm: string;
}

function placeFor(list: string): Place {
  const folder = scratchDirectory();
  writeFileSync(join(folder, 'urls.txt'), list);
  return { list: join(folder, 'urls.txt'), out: join(folder, 'out'), calm: join(folder, 'calm') };
}

function args({ list }: Place, out: string, format = 'webdataset'): string[] {
  const policy = ['--allow', '127.0.0.0/8', '--retry-delay', '0.1'];
  return [list, '-o', out, '--format', format, '--shard-size', String(SHARD_ROWS), ...policy];
}

function startWork(queue: string, ...more: string[]): Running {
  const all = ['--queue', queue, '--lease', '1', '--threads', '1', '-q', ...more];
  return start(process.execPath, [CLI, 'work', ...all]);
}

/** Shards that are in the data set. */
function finished(out: string): number {
  return existsSync(out) ? readdirSync(out).filter((name) => name.endsWith('_stats.json')).length : 0;
}

/** The folders of leases under which is worked. */
function leases(out: string): string[] {
  const folder = join(out, '.sluice', 'work');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Names and sizes: no two pictures of these hosts have the same. */
function membersOf(file: string): string[] {
  const members: string[] = [];
  list({ file, sync: true, onReadEntry: ({ path, size }) => members.push(`${path} ${size}`) });
  return members;
}

/** What a data set is, but for what differs from run to run: how long things took. */
async function dataset(out: string, format = 'webdataset') {
  const rows = await rowsOf(out);
  const names = readdirSync(out).sort();
  const pictures =
    format === 'webdataset'
      ? names
          .filter((name) => name.endsWith('.tar'))
          .flatMap((name) => membersOf(join(out, name)))
          .filter((member) => member.includes('.jpg '))
      : readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
  return {
    names,
    rows: rows.map(({ key, url, status, code, sha256 }) => ({ key, url, status, code, sha256 })),
    pictures: pictures.sort(),
  };
}

describe('sluice pull --queue', () => {
  test.each(['webdataset', 'files'])(
    'two workers killed, one stopped past its lease and woken: no row lost, none twice (%s)',
    async (format) => {
      const hosts = await PictureHosts.start(4);
      const rows = 600;
      const place = placeFor(hosts.list(rows));
      const { out, calm } = place;
      expect((await pull([...args(place, calm, format), '-q'])).status).toBe(0);
      const redis = await redisServer({ password: 'a word' });
      hosts.delayMs = 80;
      const planner = startPull([...args(place, out, format), '-q', '--queue', redis.url(1)]);
      const [first, second, third] = [1, 2, 3].map(() => startWork(redis.url(1))) as [
        Running,
        Running,
        Running,
      ];
      await until(() => finished(out) >= 1 && leases(out).length >= 3);
      third.kill('SIGSTOP');
      const underWay = leases(out);
      first.kill('SIGKILL');
      await until(() => !leases(out).some((lease) => underWay.includes(lease)));
      hosts.delayMs = 20;
      third.kill('SIGCONT');
      await until(() => finished(out) >= 12);
      second.kill('SIGKILL');
      const { status, stdout } = await planner.ended;
      expect(status).toBe(0);
      expect(stdout.toString()).toMatch(new RegExp(`^\\d+ of ${rows} pictures \\(.* in 20 shards$`, 'm'));
      expect(await third.ended).toMatchObject({ status: 0, stderr: '' });
      const made = await dataset(out, format);
      expect(made).toEqual(await dataset(calm, format));
      expect(made.rows).toHaveLength(rows);
      expect(leftOver(out)).toEqual([]);
      expect(readdirSync(join(out, '.sluice')).sort()).toEqual(['directory-id', 'run.json']);
    },
    LONG,
  );

  test(
    'a planner that is killed and started again goes on, and tells of all rows',
    async () => {
      const hosts = await PictureHosts.start(3);
      const place = placeFor(hosts.list(300));
      const redis = await redisServer();
      hosts.delayMs = 60;
      const plan = [...args(place, place.out), '-q', '--queue', redis.url()];
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
      const again = await pull(plan);
      expect([again.status, again.stdout.toString()]).toEqual([
        0,
        expect.stringContaining('of 300 pictures'),
      ]);
    },
    LONG,
  );

  test(
    'a Redis that is gone for a while, and comes back without its memory, loses no row',
    async () => {
      const hosts = await PictureHosts.start(3);
      const place = placeFor(hosts.list(300));
      const redis = await redisServer();
      hosts.delayMs = 60;
      const planner = startPull([...args(place, place.out), '-q', '--queue', redis.url()]);
      const worker = startWork(redis.url());
      await until(() => finished(place.out) >= 2);
      await redis.kill();
      await redisServer({ port: redis.port });
      hosts.delayMs = 5;
      expect(await planner.ended).toMatchObject({ status: 0, stderr: '' });
      expect(await worker.ended).toMatchObject({ status: 0, stderr: '' });
      expect(await rowsOf(place.out)).toHaveLength(300);
    },
    LONG,
  );

  test(
    'a host has no more requests at once than its limit, whatever the number of workers, and each of them gets some',
    async () => {
      const hosts = await PictureHosts.start(1);
      const place = placeFor(hosts.list(400));
      const redis = await redisServer();
      hosts.delayMs = 10;
      const limit = ['--host-limit', '3', '--no-dedupe'];
      const workers = [startWork(redis.url()), startWork(redis.url())];
      const planner = startPull([...args(place, place.out), '-q', ...limit, '--queue', redis.url()]);
      expect((await planner.ended).status).toBe(0);
      expect(hosts.most).toBe(3);
      expect(hosts.requests).toBe(400);
      for (const worker of workers) {
        const { status, stdout } = await worker.ended;
        expect(status).toBe(0);
        expect(Number.parseInt(stdout.toString(), 10)).toBeGreaterThan(50);
      }
    },
    LONG,
  );

  test(
    'a worker that is told to leave gives its shards back, and another finishes them; by TLS',
    async () => {
      const hosts = await PictureHosts.start(2);
      const place = placeFor(hosts.list(200));
      const certificate = certificateFor('IP:127.0.0.1');
      const redis = await redisServer({ password: 'pass', tls: certificate });
      const trusted = join(scratchDirectory(), 'ca.pem');
      writeFileSync(trusted, certificate.cert);
      const queue = ['--queue', redis.url(), '--queue-cacert', trusted];
      hosts.delayMs = 100;
      const planner = startPull([...args(place, place.out), '-q', ...queue]);
      const leaving = start(process.execPath, [CLI, 'work', ...queue, '--threads', '1']);
      await until(() => finished(place.out) >= 1 && leases(place.out).length >= 1);
      leaving.kill('SIGTERM');
      const left = await leaving.ended;
      expect([left.status, left.stderr]).toEqual([
        143,
        'sluice: Left. What was not finished is for another worker.\n',
      ]);
      expect(leases(place.out)).toEqual([]);
      // Nothing waits for the lease of 30 s.
      hosts.delayMs = 5;
      expect((await start(process.execPath, [CLI, 'work', ...queue, '-q']).ended).status).toBe(0);
      expect((await planner.ended).status).toBe(0);
      expect(await rowsOf(place.out)).toHaveLength(200);
    },
    LONG,
  );

  test('says in one sentence, with status 7, that Redis is not there or wants another password', async () => {
    const redis = await redisServer({ password: 'right' });
    const nobody = await freePort();
    const place = placeFor('http://127.0.0.1/a.jpg\n');
    const wrong = `redis://:mistaken@127.0.0.1:${redis.port}`;
    for (const [queue, says] of [
      [wrong, `The queue at redis://127.0.0.1:${redis.port} wants another password`],
      [`redis://127.0.0.1:${redis.port}`, 'wants another password'],
      [redis.url(99), 'could not be reached: ERR DB index is out of range.'],
      [`redis://127.0.0.1:${nobody}`, `could not be reached: connect ECONNREFUSED 127.0.0.1:${nobody}.`],
    ] as const) {
      const outcomes = [pull([...args(place, place.out), '--queue', queue]), startWork(queue).ended];
      for (const { status, stdout, stderr } of await Promise.all(outcomes)) {
        expect([status, stdout.toString()]).toEqual([7, '']);
        expect(stderr).toMatch(ONE_SENTENCE);
        expect(stderr).toContain(says);
        expect(stderr).not.toContain('mistaken');
      }
    }
  });

  test('refuses another run in the same database, another directory, and an address that is none', async () => {
    const redis = await redisServer();
    const place = placeFor('http://127.0.0.1/a.jpg\n');
    const planner = startPull([...args(place, place.out), '-q', '--queue', redis.url()]);
    await until(() => existsSync(join(place.out, '.sluice', 'plan', '0')));
    const other = await pull([...args(place, place.calm), '--queue', redis.url()]);
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
});
