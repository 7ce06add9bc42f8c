/** Servers that fail a few times, each in its own way, and then serve: `--retry`. None has a validator, so each attempt begins at the first byte. */

import { head } from '../support/replies.js';
import { closesAfter, HONEST, inTurn, PICTURE, resetsAfter, SHORT, stallsAfter } from './acts.js';
import type { Scenario } from './scenario.js';

/** Soon enough for a test. */
const DELAY = ['--retry-delay', '0.05'];
const WHOLE = { status: 0, leaves: { 'cover.jpg': PICTURE } } as const;
/** No attempt goes on where another ended. */
const FROM_THE_START = /^(?!.*\nrange:)GET \/cover\.jpg /is;

function answer(status: string, ...fields: readonly [string, string][]): string {
  return head({ status, fields: [...fields, ['Content-Length', '0']] });
}

const CUT = HONEST.subarray(0, 15_000);

export const RETRIES: readonly Scenario[] = [
  {
    name: 'A server that fails in five ways and then serves has served',
    server: inTurn(
      closesAfter(''),
      resetsAfter(''),
      closesAfter(answer('503 Busy')),
      closesAfter(CUT),
      resetsAfter(CUT),
      closesAfter(HONEST),
    ),
    args: ['--retry', '5', ...DELAY],
    ...WHOLE,
    asked: Array(6).fill(FROM_THE_START),
  },
  ...['408 Slow', '425 Early', '429 Often', '500 Broken', '502 Gateway', '503 Busy', '504 Late'].map(
    (status): Scenario => ({
      name: `A server that answers ${status.slice(0, 3)} and then serves has served`,
      server: inTurn(closesAfter(answer(status)), closesAfter(HONEST)),
      args: ['--retry', '1', ...DELAY],
      ...WHOLE,
    }),
  ),
  {
    name: 'A server that stops in the body and then serves has served',
    server: inTurn(stallsAfter(CUT), closesAfter(HONEST)),
    args: ['--retry', '1', ...DELAY, '--idle-timeout', SHORT],
    ...WHOLE,
  },
  {
    name: 'A server that never serves is asked as often as --retry says, and the last failure is told',
    server: inTurn(closesAfter(''), closesAfter(answer('500 Broken')), closesAfter(CUT)),
    args: ['--retry', '2', ...DELAY],
    status: 18,
    says: /of the body, of 30000/,
    asked: Array(3).fill(FROM_THE_START),
  },
  {
    name: 'A server that says Retry-After 0 is asked again at once',
    server: inTurn(closesAfter(answer('429 Often', ['Retry-After', '0'])), closesAfter(HONEST)),
    args: ['--retry', '1', ...DELAY],
    ...WHOLE,
  },
  {
    name: 'A server that says Retry-After a date long gone is asked again at once',
    server: inTurn(
      closesAfter(answer('503 Busy', ['Retry-After', 'Sun, 06 Nov 1994 08:49:37 GMT'])),
      closesAfter(HONEST),
    ),
    args: ['--retry', '1', ...DELAY],
    ...WHOLE,
  },
  ...['-1', '1e9', 'soon', '99999999999999999999999x', 'Sun, 99 Nov 1994 08:49:37 GMT'].map(
    (value): Scenario => ({
      name: `A server that says Retry-After ${value} has said nothing`,
      server: inTurn(closesAfter(answer('503 Busy', ['Retry-After', value])), closesAfter(HONEST)),
      args: ['--retry', '1', ...DELAY],
      ...WHOLE,
    }),
  ),
  {
    name: 'A server that says Retry-After in a year is not waited for',
    server: closesAfter(answer('503 Busy', ['Retry-After', '31536000'])),
    args: ['--retry', '3', ...DELAY],
    status: 22,
    says: /status 503/,
    asked: [FROM_THE_START],
  },
  {
    name: 'A page that is not there is not asked for again',
    server: closesAfter(answer('404 Not Found')),
    args: ['--retry', '3', ...DELAY],
    status: 22,
    says: /status 404/,
    asked: [FROM_THE_START],
  },
  {
    name: 'A reply that is no HTTP is not asked for again',
    server: closesAfter('SSH-2.0-OpenSSH_9.2p1\r\n'),
    args: ['--retry', '3', ...DELAY],
    status: 8,
    says: /not valid HTTP/,
    asked: [FROM_THE_START],
  },
  {
    name: 'A body that is no image is not asked for again',
    server: closesAfter(head({ fields: [['Content-Type', 'image/jpeg']] })),
    args: ['--retry', '3', ...DELAY],
    status: 110,
    says: /the body is empty/,
    asked: [FROM_THE_START],
  },
  {
    name: 'A text that was printed in part is not printed again from its start',
    server: closesAfter(
      `${head({
        fields: [
          ['Content-Type', 'text/plain'],
          ['Content-Length', '100'],
        ],
      })}half a te`,
    ),
    args: ['--retry', '3', ...DELAY],
    status: 18,
    says: /after 9 bytes of the body, of 100/,
    prints: 'half a te',
    asked: [FROM_THE_START],
  },
];
