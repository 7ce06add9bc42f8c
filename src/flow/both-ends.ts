import type { Run } from './run.js';
import { RunIndex } from './run-at.js';
import type { Verdict } from './verdict.js';

/** So many moments are looked at. */
const MOMENTS = 2000;
/** A share of the time that leaves no doubt. */
const NEARLY_ALL = 0.8;

/**
 * Who was the limit, where both ends are seen. What was sent and not yet received lay ready for us: if nearly always something did, it was we who
 * did not come for it; if nearly never, it was the sender who gave nothing. Undefined where one end is not seen, or it is not over.
 */
export function verdictOfBoth(run: Run): Verdict | undefined {
  const { facts, columns } = run;
  const begin = columns.sends.at[0];
  const end = columns.receives.at.at(-1);
  if (facts.ends !== 'both' || facts.outcome === undefined || begin === undefined || end === undefined) {
    return undefined;
  }
  const index = new RunIndex(run);
  let ready = 0;
  for (let i = 0; i < MOMENTS; i++) {
    const at = begin + ((i + 0.5) / MOMENTS) * (end - begin);
    if (index.sentAt(at) > index.receivedAt(at)) ready++;
  }
  const share = ready / MOMENTS;
  const percent = `${Math.round(share * 100)} % of the time`;
  if (share >= NEARLY_ALL) {
    return {
      limit: 'receiver',
      evidence: `For ${percent} bytes had been sent that we had not received yet.`,
    };
  }
  if (share <= 1 - NEARLY_ALL) {
    return {
      limit: 'sender',
      evidence: `Only for ${percent} was there anything that had been sent and not received.`,
    };
  }
  return {
    limit: 'unknown',
    evidence: `For ${percent} bytes lay between the two ends: each waited for the other.`,
  };
}
