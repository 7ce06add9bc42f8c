import { cachedLookup } from './answer-cache.js';

/** The system tells no TTL; its own caches, where there are any, keep what they know by it. */
const KEPT_MS = 10_000;

/**
 * The system's answer: hosts file, then DNS, in the order of RFC 6724, as getaddrinfo(3) has it. It takes one of the process's few threads for
 * as long as it lasts, so a name is asked for once at a time, and its answer kept for 10 s.
 */
export const systemLookup = cachedLookup(async (host) => {
  const { lookup } = await import('node:dns/promises');
  const found = await lookup(host, { all: true, verbatim: true });
  const addresses = found.map(({ address, family }) => ({ address, family: family as 4 | 6 }));
  return { addresses, keepMs: KEPT_MS };
});
