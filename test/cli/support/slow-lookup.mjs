/** Loaded before the command: a name server that never answers. Node can't end a getaddrinfo(3) that has begun; nor can this be ended. */

import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';

dns.lookup = (host) => {
  process.stderr.write(`resolving ${host}\n`);
  return new Promise((resolve) => setTimeout(resolve, 60_000, []));
};
syncBuiltinESMExports();
