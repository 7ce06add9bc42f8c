import type { Run } from '../src/flow/run.js';
import { indexOfRun } from './player.js';
import { counted, shownBytes, shownCount, shownMs, shownSeconds, shownTimes } from './shown.js';
import { lengthOf, stallsOf } from './spans.js';

/** One sentence of answer to an experiment's question, made of this very run's figures. Undefined until it is over. */
export function answerTo(run: Run): string | undefined {
  const { facts } = run;
  if (facts.outcome === undefined) return undefined;
  if (facts.outcome.failure !== null) return `It failed: ${facts.outcome.failure}`;
  return (ANSWERS[facts.experiment ?? ''] ?? generally)(run);
}

const ANSWERS: Record<string, (run: Run) => string> = {
  fast: ({ facts, totals }) => {
    const full = totals.sizes.at(-1) ?? 0;
    return `Up to 5120 bytes, and often fewer: of ${counted(totals.receives, 'receive')} ${shownCount(totals.receives - full)} brought less than ${facts.recvSize}. A receive gives what has come so far, not what was asked for.`;
  },
  pause: (run) => {
    const { facts, totals } = run;
    const full = totals.sizes.at(-1) ?? 0;
    return `They wait in the kernels: the server had handed over its last byte after ${shownMs(facts.serverEnd?.at ?? 0)}, we had it after ${shownMs(facts.outcome!.totalMs)}; ${shownCount(full)} of ${counted(totals.receives, 'receive')} were full.`;
  },
  reservoir: (run) => {
    const stalls = stallsOf(run, Number.POSITIVE_INFINITY);
    return `It stands still, ${shownTimes(stalls.length)} and for ${shownSeconds(lengthOf(stalls))} in all: with ${shownBytes(mostBetween(run))} underway the buffers are full, and TCP makes it wait for us.`;
  },
  'slow-server': ({ facts, totals }) =>
    `We wait: ${shownSeconds(facts.outcome!.waitingMs)} of ${shownSeconds(facts.outcome!.totalMs)}. The buffers stay empty, and ${counted(totals.receives, 'receive')} bring what ${counted(totals.sends, 'send')} gave.`,
  small: ({ facts, totals }) =>
    `${counted(totals.receives, 'receive')} for ${shownBytes(totals.received)}, ${((facts.outcome!.totalMs * 1000) / Math.max(1, totals.receives)).toFixed(1)} µs each: every call costs the same, however little it brings.`,
  rate: (run) => {
    const { facts, totals } = run;
    const rate = (totals.received / Math.max(1, facts.outcome!.totalMs)) * 1000;
    return `By our not reading: the mean was ${shownBytes(rate)} a second. We paused for ${shownSeconds(facts.outcome!.pausedMs)}, and up to ${shownBytes(mostBetween(run))} waited in the kernels; fuller, they would have made the server stand still.`;
  },
};

function generally({ facts, totals }: Run): string {
  const outcome = facts.outcome!;
  return `${shownBytes(totals.received)} came in ${counted(totals.receives, 'receive')} within ${shownMs(outcome.totalMs)}: we waited ${shownMs(outcome.waitingMs)}, paused ${shownMs(outcome.pausedMs)}, and received ${shownMs(outcome.receivingMs)}.`;
}

/** The most that was sent and not yet received. */
function mostBetween({ columns }: Run): number {
  const index = indexOfRun();
  if (index === null) return 0;
  return columns.sends.at.reduce((most, at) => Math.max(most, index.sentAt(at) - index.receivedAt(at)), 0);
}
