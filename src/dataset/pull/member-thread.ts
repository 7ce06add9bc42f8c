/** The thread of one member of the crew. */

import { parentPort, workerData } from 'node:worker_threads';
import { SluiceError } from '../../errors.js';
import type { Outcome } from '../outcome.js';
import type { LentHosts } from '../queue/lent-hosts.js';
import { SharedHosts } from '../schedule/shared-hosts.js';
import { type Foreman, Member } from './member.js';
import type { FromMember, MemberData, MemberFailure, ToMember } from './member-messages.js';
import type { ShardWork } from './shard-work.js';

/** Outcomes are told together: a message each would cost more than the outcome. */
const TELL_EVERY_MS = 50;

const port = parentPort!;
const { settings, hosts } = workerData as MemberData;
const stop = new AbortController();
const abort = new AbortController();
const shards: ((work: ShardWork | undefined) => void)[] = [];
const awaited = new Map<number, (() => void)[]>();
let outcomes: Outcome[] = [];
let telling: NodeJS.Timeout | undefined;
let member: Member | undefined;

function post(message: FromMember): void {
  port.postMessage(message);
}

function tellOutcomes(): void {
  clearTimeout(telling);
  telling = undefined;
  if (outcomes.length > 0) post({ type: 'outcomes', outcomes });
  outcomes = [];
}

const foreman: Foreman = {
  nextShard() {
    post({ type: 'next-shard' });
    return new Promise((resolve) => shards.push(resolve));
  },
  shardFinished(shard) {
    post({ type: 'await-shard', shard });
    return new Promise((resolve) => awaited.set(shard, [...(awaited.get(shard) ?? []), resolve]));
  },
  outcome(outcome) {
    outcomes.push(outcome);
    telling ??= setTimeout(tellOutcomes, TELL_EVERY_MS);
  },
  finished(shard, summary) {
    tellOutcomes();
    post({ type: 'finished', shard, summary });
  },
  lost(shard) {
    post({ type: 'lost', shard });
  },
};

port.on('message', (message: ToMember) => {
  if (message.type === 'shard') shards.shift()?.(message.work);
  else if (message.type === 'shard-finished') {
    for (const resolve of awaited.get(message.shard) ?? []) resolve();
    awaited.delete(message.shard);
  } else if (message.type === 'drop-shard') void drop(message.shard);
  else if (message.type === 'stop') stop.abort();
  else {
    stop.abort();
    abort.abort(new SluiceError('aborted', 'The run was ended.'));
  }
});

async function drop(shard: number): Promise<void> {
  await member?.drop(shard);
  post({ type: 'dropped', shard });
}

let failure: MemberFailure | undefined;
let lent: LentHosts | undefined;
try {
  // What many machines need is loaded where there are many.
  if (!(hosts instanceof SharedArrayBuffer))
    lent = await (await import('../queue/lent-hosts.js')).lend(hosts);
  const registry = hosts instanceof SharedArrayBuffer ? new SharedHosts(hosts) : lent!;
  member = new Member(settings, foreman, registry, { stop: stop.signal, abort: abort.signal });
  await member.run();
} catch (error) {
  failure = {
    code: error instanceof SluiceError ? error.code : undefined,
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : undefined,
  };
}
await lent?.close();
tellOutcomes();
post({ type: 'over', failure });
port.close();
