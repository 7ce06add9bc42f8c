import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../src/dataset/queue/connection.js';
import { LentHosts, lend } from '../../../src/dataset/queue/lent-hosts.js';
import { AdaptiveLimit } from '../../../src/dataset/schedule/adaptive-limit.js';
import type { HostSlots } from '../../../src/dataset/schedule/host-slots.js';
import { Scheduler } from '../../../src/dataset/schedule/scheduler.js';
import { redisServer } from '../../support/redis-server.js';
import { until } from '../../support/until.js';
import { ANSWERED } from '../schedule/verdicts.js';

/** Longer than any pause that a busy machine makes; and one that is to come to its end. */
const LEASE_MS = 30_000;
const SHORT_LEASE_MS = 500;

/** Crews of a run, on one Redis. */
async function crews(count: number, hostLimit: number): Promise<LentHosts[]> {
  const redis = await redisServer();
  const all = { address: { url: redis.url() }, run: 'run', hostLimit, leaseMs: LEASE_MS };
  const members = await Promise.all(Array.from({ length: count }, () => lend(all)));
  onTestFinished(async () => void (await Promise.all(members.map((member) => member.close()))));
  return members;
}

/** Takes a slot as soon as there is one, as a schedule does. */
async function taken(slots: HostSlots): Promise<void> {
  await until(async () => {
    if (slots.take(Date.now()) === 'taken') return true;
    slots.want();
    await sleep(20);
    return false;
  });
}

test('crews that all want a host never hold more than its limit together, and each gets its turns', async () => {
  for (const [count, limit] of [
    [2, 3],
    [3, 1],
  ] as const) {
    const members = await crews(count, limit);
    const turns = members.map(() => 0);
    let held = 0;
    let most = 0;
    const work = async (slots: HostSlots, crew: number) => {
      while (Math.min(...turns) < 5) {
        await taken(slots);
        held++;
        turns[crew]!++;
        most = Math.max(most, held);
        await sleep(5);
        held--;
        if (slots.give()) await sleep(50);
      }
    };
    await Promise.all(
      members.flatMap((member, crew) =>
        Array.from({ length: limit }, () => work(member.slotsOf('host'), crew)),
      ),
    );
    expect(most).toBe(limit);
  }
});

test('a schedule alone at a host uses all of its slots, however long an answer takes', async () => {
  const limit = 6;
  const [hosts] = await crews(1, limit);
  const scheduler = new Scheduler<number>({
    hosts: hosts!,
    limit: new AdaptiveLimit({ least: 50, most: 50 }, 0),
  });
  let running = 0;
  let most = 0;
  const goOn = () => {
    for (let next = scheduler.next(Date.now()); next.kind === 'start'; next = scheduler.next(Date.now())) {
      const { ticket } = next;
      running++;
      most = Math.max(most, running);
      setTimeout(() => {
        running--;
        scheduler.finished(ticket, ANSWERED, Date.now());
        goOn();
      }, 400);
    }
  };
  hosts!.listen((host) => {
    scheduler.hasRoom(host);
    goOn();
  });
  for (let row = 0; row < 24; row++) scheduler.add(row, 'host');
  goOn();
  await until(() => {
    goOn();
    return running === limit;
  });
  await until(() => scheduler.left === 0);
  expect(most).toBe(limit);
});

test('a pause is told to all, and the shares of a crew that renews nothing come back', async () => {
  const address = { url: (await redisServer()).url() };
  const run = { address, run: 'run', hostLimit: 2, leaseMs: SHORT_LEASE_MS };
  const other = await lend(run);
  const [connection, ears] = [await connect(address), await connect(address)];
  const dead = new LentHosts(connection, ears, run);
  onTestFinished(async () => void (await Promise.all([other.close(), dead.close()])));
  const slots = dead.slotsOf('host');
  await taken(slots);
  await taken(slots);
  const theirs = other.slotsOf('host');
  slots.pause(Date.now() + 300);
  await until(() => theirs.take(Date.now()) === 'paused');
  connection.disconnect();
  await taken(theirs);
  await taken(theirs);
  // What it had is another's now, whether it uses it or not.
  slots.give();
  expect(slots.take(Date.now())).toBe('full');
});

test('a host that says it is too much is halved for all, and raised again by good answers', async () => {
  const [one, other] = (await crews(2, 4)) as [LentHosts, LentHosts];
  const slots = one.slotsOf('host');
  const theirs = other.slotsOf('host');
  await taken(slots);
  slots.halve(Date.now(), Date.now());
  slots.give();
  for (const limit of [2, 4]) {
    let held = 0;
    // More come as long as there are any: after half a second of looking there are none.
    for (let lastAt = performance.now(); performance.now() - lastAt < 500; await sleep(5)) {
      if (theirs.take(Date.now()) !== 'taken') continue;
      held++;
      lastAt = performance.now();
    }
    expect(held).toBe(limit);
    for (let i = 0; i < held; i++) theirs.give();
    for (let answers = 0; answers < 20; answers++) theirs.succeeded();
  }
});
