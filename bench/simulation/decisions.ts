import Denque from 'denque';
import { AdaptiveLimit } from '../../src/dataset/schedule/adaptive-limit.js';
import type { AttemptVerdict } from '../../src/dataset/schedule/attempt-verdict.js';
import type { Ticket } from '../../src/dataset/schedule/host-queue.js';
import { Scheduler } from '../../src/dataset/schedule/scheduler.js';
import { SharedHosts } from '../../src/dataset/schedule/shared-hosts.js';
import { WEB, Web } from './web.js';

const ROWS = 2_000_000;
const PLACES = 512;
const IN_A_ROW = 64;
const ANSWERED: AttemptVerdict = { kind: 'answered', pauseMs: 0, retryMs: undefined };

/** Decisions a second of processor time (each `next` and each `finished`; rows are added besides), the world being as cheap as it can be. */
export function decisionsASecond(): number {
  const world = new Web({ ...WEB, rows: ROWS });
  const hosts = Int32Array.from({ length: ROWS }, (_, row) => world.host(row));
  const scheduler = new Scheduler<number>({
    hosts: new SharedHosts(SharedHosts.buffer(6, 0)),
    limit: new AdaptiveLimit({ least: PLACES, most: PLACES }, 0),
  });
  const running = new Denque<Ticket<number>>();
  let [added, decisions, now] = [0, 0, 0];
  const before = process.cpuUsage();
  while (added < ROWS || scheduler.left > 0) {
    if (scheduler.wants() > 0) {
      for (const end = Math.min(ROWS, added + 10_000); added < end; added++)
        scheduler.add(added, world.names[hosts[added]!]!);
    }
    for (let decision = scheduler.next(now); decision.kind === 'start'; decision = scheduler.next(now)) {
      running.push(decision.ticket);
      decisions++;
    }
    for (let i = 0; i < IN_A_ROW && running.length > 0; i++) {
      scheduler.finished(running.shift()!, ANSWERED, now);
      decisions++;
      now += 0.2;
    }
  }
  const { user, system } = process.cpuUsage(before);
  return decisions / ((user + system) / 1e6);
}
