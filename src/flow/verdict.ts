import type { LedgerFigures } from './ledger.js';

/** Who set the pace: we who receive, or the sending side (server or network), which one end can't tell apart. */
export type Limit = 'receiver' | 'sender' | 'unknown';

/** The limit, and one sentence that says on what it rests. */
export interface Verdict {
  readonly limit: Limit;
  readonly evidence: string;
}

/** Shorter transfers are over before anybody's pace shows. */
const SHORTEST_MS = 50;
const FEWEST_RECEIVES = 4;
/** Fewer looks contradict nothing. */
const FEWEST_LOOKS = 3;
/** A share of the time that is more than either other cause could have. */
const MOST = 0.5;
/** A share of the receives or looks that leaves no doubt. */
const NEARLY_ALL = 0.8;

/**
 * Who was the limit, by these rules in order; `unknown` where none holds.
 *
 * 1. Too short, or too few receives after the first: unknown, unless the time was the wait for the first byte: sender.
 * 2. We waited for most of the time: sender; unless the kernel's queue was filled at nearly every look: then we were not run, or not told, and
 *    the waits are nobody's.
 * 3. We paused, and after nearly every pause had to wait still: without our pauses it had been no faster: sender.
 * 4. We paused for most of the time, and after nearly every pause the bytes lay ready: receiver.
 * 5. We hardly waited, and the kernel's queue was filled at nearly every look: receiver.
 */
export function verdictOf(ledger: LedgerFigures): Verdict {
  const { totalMs, waitingMs, firstByteMs, pausedMs, receivingMs, queue } = ledger;
  if (totalMs < SHORTEST_MS) return unknown(`The transfer took ${ms(totalMs)}: too short to say.`);
  const waits = `we waited ${ms(waitingMs)} of ${ms(totalMs)} for bytes (${ms(firstByteMs)} for the first)`;
  if (firstByteMs / totalMs >= MOST) return sender(`The server answered late: ${waits}.`);
  if (ledger.receives.count < FEWEST_RECEIVES) {
    return unknown(`The transfer took only ${ledger.receives.count} receives: too few to say; ${waits}.`);
  }
  if (waitingMs / totalMs >= MOST) {
    if (queue.looks >= FEWEST_LOOKS && queue.filled / queue.looks >= NEARLY_ALL) {
      return unknown(`The bytes seemed to come late, and yet lay ready: ${waits}${queueSays(ledger)}.`);
    }
    return sender(`The bytes came late: ${waits}${queueSays(ledger)}.`);
  }

  const pauses = ledger.readyAfterPause + ledger.awaitedAfterPause;
  const paused = `we paused ${ms(pausedMs)} of ${ms(totalMs)}`;
  if (pauses >= FEWEST_RECEIVES && ledger.awaitedAfterPause / pauses >= NEARLY_ALL) {
    return sender(
      `Though ${paused}, after ${ledger.awaitedAfterPause} of ${pauses} pauses the bytes were still to come.`,
    );
  }
  if (pausedMs / totalMs >= MOST && pauses > 0 && ledger.readyAfterPause / pauses >= NEARLY_ALL) {
    const ready = `after ${ledger.readyAfterPause} of ${pauses} pauses the bytes lay ready`;
    return receiver(
      `The server was kept waiting: ${paused} (${longestReason(ledger)}), and ${ready}${queueSays(ledger)}.`,
    );
  }
  if (waitingMs / totalMs < 1 - NEARLY_ALL && queue.looks > 0 && queue.filled / queue.looks >= NEARLY_ALL) {
    return receiver(
      `We were busy ${ms(receivingMs)} of ${ms(totalMs)} and waited ${ms(waitingMs)}${queueSays(ledger)}.`,
    );
  }
  return unknown(
    `No side was clearly slower: ${waits}, ${paused}, were busy ${ms(receivingMs)}${queueSays(ledger)}.`,
  );
}

function longestReason({ pausedFor }: LedgerFigures): string {
  const { delay, rate, consumer } = pausedFor;
  if (consumer >= delay && consumer >= rate) return 'for whoever took the body';
  return rate > delay ? 'to hold the rate' : 'the set delay';
}

function queueSays({ queue }: LedgerFigures): string {
  if (queue.looks === 0) return '';
  return `; the kernel's receive queue held bytes at ${queue.filled} of ${queue.looks} looks, at most ${queue.max}`;
}

function ms(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

function sender(evidence: string): Verdict {
  return { limit: 'sender', evidence };
}

function receiver(evidence: string): Verdict {
  return { limit: 'receiver', evidence };
}

function unknown(evidence: string): Verdict {
  return { limit: 'unknown', evidence };
}
