/** TLS that ends without saying so: whoever can cut a connection could cut a body that the connection delimits. */

import { cutsAfter } from './acts.js';
import type { Scenario } from './scenario.js';
import { CLOSE_DELIMITED, TRUSTED, trusted } from './tls.js';

export const CLOSE_NOTIFY: readonly Scenario[] = [
  ...(['TLSv1.2', 'TLSv1.3'] as const).map(
    (version): Scenario => ({
      name: `A body that the connection delimits is cut short where ${version} ends without a close_notify`,
      server: cutsAfter(CLOSE_DELIMITED),
      ...TRUSTED,
      tls: () => ({ ...trusted(), minVersion: version, maxVersion: version }),
      status: 18,
      says: /close_notify/,
    }),
  ),
];
