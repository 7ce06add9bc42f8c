import { longest, type Machines, type Mix, secondsBy } from './cost-model.js';
import type { CrewSettings } from './crew.js';
import { SILENT_MS, type Web } from './web.js';

/** A host that never answers is asked six at once at first, later once at a time, until it is given up after this. */
const PATIENCE_MS = 300_000;
const ATTEMPTS = 3;

/** The made-up web as the cost model sees a list: what its settings make of it on average. */
export function mixOfWeb(world: Web, hostLimit: number): Mix {
  const { rows } = world;
  let answered = 0;
  let answerMs = 0;
  let waits = 0;
  let slowest = { rows: 0, ms: 0 };
  for (const [host, share] of world.shares.entries()) {
    const fate = world.fates[host]!;
    if (fate === 'silent') waits += Math.min(share * rows * ATTEMPTS, PATIENCE_MS / SILENT_MS) / rows;
    if (fate !== 'good' && fate !== 'limiting') continue;
    const ms = world.meanMs[host]!;
    answered += share;
    answerMs += share * ms;
    // A host that allows so many answers a second takes as long as if each of them took the longer for it.
    const pace = fate === 'limiting' ? Math.max(ms, (hostLimit * 1_000) / world.settings.answersASecond) : ms;
    if (share * rows * pace > slowest.rows * slowest.ms) slowest = { rows: share * rows, ms: pace };
  }
  return {
    rows,
    images: answered,
    imageBytes: 0,
    answered,
    answerSeconds: answerMs / answered / 1_000,
    waits,
    waitSeconds: SILENT_MS / 1_000,
    handshakes: 0,
    lookups: 0,
    slowestHostRows: slowest.rows,
    slowestHostSeconds: slowest.ms / 1_000,
  };
}

/** The crew's machine as the cost model sees it: here, links and disks and names cost nothing. */
export function machineOf({ workers, limit, msPerAnswer }: CrewSettings): Machines {
  return {
    count: 1,
    cores: workers,
    places: workers * limit.most,
    linkRate: Number.POSITIVE_INFINITY,
    diskRate: Number.POSITIVE_INFINITY,
    questionRate: Number.POSITIVE_INFINITY,
    coreSecondsPerImage: msPerAnswer / 1_000,
    coreSecondsPerHandshake: 0,
  };
}

/** The model's estimate beside what the simulation took, in words. */
export function estimateBeside(mix: Mix, machine: Machines, hostLimit: number, tookMs: number): string {
  const by = secondsBy(mix, machine, hostLimit);
  const { resource, seconds } = longest(by);
  const each = (['cores', 'places', 'politeness'] as const).map((name) => `${name} ${by[name].toFixed(0)} s`);
  return `estimated: ${each.join(', ')}; so ${seconds.toFixed(0)} s by ${resource}. Simulated: ${(tookMs / 1_000).toFixed(0)} s`;
}
