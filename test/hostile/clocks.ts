/** Servers that are slow without ever standing still: the first-byte clock and the least speed. */

import { head } from '../support/replies.js';
import { dripsAfter, HONEST, HTTP_200, PICTURE, SHORT, stallsAfter } from './acts.js';
import type { Scenario } from './scenario.js';

const FIRST_BYTE = {
  args: ['--first-byte-timeout', SHORT],
  status: 28,
  says: /did not finish its header within 0\.7 s/,
} as const;

const BODY_BEGINS = Buffer.concat([
  Buffer.from(
    head({
      fields: [
        ['Content-Type', 'image/jpeg'],
        ['Content-Length', '1000000'],
      ],
    }),
  ),
  PICTURE.subarray(0, 100),
]);

export const CLOCKS: readonly Scenario[] = [
  { name: 'A server that says nothing ends by the first-byte clock', server: stallsAfter(''), ...FIRST_BYTE },
  {
    name: 'A server that stops in its header ends by the first-byte clock',
    server: stallsAfter(HONEST.subarray(0, 30)),
    ...FIRST_BYTE,
  },
  {
    name: 'A server that drips a field for ever ends by the first-byte clock',
    server: dripsAfter(`${HTTP_200}X-Slow: `, 'x'),
    ...FIRST_BYTE,
  },
  {
    name: 'A server that drips interim responses for ever ends by the first-byte clock',
    server: dripsAfter('', 'HTTP/1.1 102 Wait\r\n\r\n', 100),
    ...FIRST_BYTE,
  },
  {
    name: 'A server that drips its body for ever ends by the least speed',
    server: dripsAfter(BODY_BEGINS, 'x', 50),
    args: ['--min-speed', '1k/1'],
    status: 28,
    says: /\d+ .*1024|1024.* \d+/,
  },
];
