import { isIP } from 'node:net';
import type { Lookup } from '../../connection/resolve.js';
import { systemLookup } from '../../connection/system-lookup.js';

/**
 * Has the names of hosts resolved before they are needed, as long as `next` gives one, by the lookup of the retrievals, which keeps the answers for them. A failure is passed
 * over: it counts when a row is asked for, and only then.
 */
export function resolveEarly(next: () => string | undefined, lookup: Lookup = systemLookup): void {
  for (let host = next(); host !== undefined; host = next()) {
    const isName = isIP(host) === 0 && !host.startsWith('[');
    if (isName) lookup(host, 0).catch(() => undefined);
  }
}
