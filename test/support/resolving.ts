import { isIP } from 'node:net';
import type { Lookup } from '../../src/connection/resolve.js';

/** A lookup and how often it was asked. */
export type CountedLookup = Lookup & { count: number };

/** A lookup that answers with these addresses, whatever the name: with the next list at each look-up, and with the last from then on. */
export function resolving(...answers: string[][]): CountedLookup {
  const lookup: CountedLookup = Object.assign(
    async () => {
      const list = answers[Math.min(lookup.count++, answers.length - 1)]!;
      return list.map((address) => ({ address, family: isIP(address) === 6 ? (6 as const) : (4 as const) }));
    },
    { count: 0 },
  );
  return lookup;
}
