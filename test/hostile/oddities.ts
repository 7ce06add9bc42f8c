/** Odd replies and URLs that once were told of at length, cost much, or were taken for what they are not. */

import { SMALL_JPEG } from '../support/pictures.js';
import { redirect, reply, typed } from '../support/replies.js';
import { at, closesAfter, HTTP_200 } from './acts.js';
import type { Scenario } from './scenario.js';

/** A sentence that fits a screen. */
const SHORT_SENTENCE = /^.{1,600}\n$/;
const LONG = `/${'long/'.repeat(6000)}`;

export const ODDITIES: readonly Scenario[] = [
  {
    name: 'A name of 240 kB of dots is made safe at once',
    server: closesAfter(
      Buffer.concat([
        Buffer.from(
          `${HTTP_200}Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename="a${Array(8).fill('.'.repeat(30_000)).join('\r\n ')}x"\r\n\r\n`,
        ),
        SMALL_JPEG,
      ]),
    ),
    status: 0,
    leaves: { [`a${'.'.repeat(228)}x.jpg`]: SMALL_JPEG },
  },
  {
    name: 'A name that a part or its record would have is given to no body: a later run would replace it',
    server: closesAfter(
      typed('{}', 'application/json', [
        ['Content-Disposition', 'attachment; filename="cover.jpg.part.json"'],
      ]),
    ),
    status: 0,
    leaves: { 'cover.jpg_part.json': '{}' },
  },
  {
    name: 'A type of 30 kB is told in short',
    server: closesAfter(typed('no picture', `image/${'x'.repeat(30_000)}`)),
    status: 110,
    says: SHORT_SENTENCE,
  },
  {
    name: 'An error status behind a redirect to 30 kB of path is told in short',
    server: at({ '/cover.jpg': redirect(LONG), [LONG]: reply('', { status: '404 Not Found' }) }),
    status: 22,
    says: SHORT_SENTENCE,
  },
  {
    name: 'A circle of redirects of 30 kB of path is told in short',
    server: at({ '/cover.jpg': redirect(LONG), [LONG]: redirect(LONG) }),
    status: 47,
    says: SHORT_SENTENCE,
  },
  ...['http:\\\\me:secret@[', 'http:me:secret@h:99999', 'http:/me:secret@h:99999'].map(
    (url): Scenario => ({
      name: `A malformed URL spelled ${JSON.stringify(url.slice(0, 7))} is told of without its password`,
      server: () => undefined,
      url,
      status: 3,
      says: /^(?!.*secret).* is no URL/,
    }),
  ),
  {
    name: 'An answer that nothing has changed, to a request without a condition, leaves no empty file',
    server: closesAfter('HTTP/1.1 304 Not Modified\r\n\r\n'),
    status: 8,
    says: /304/,
  },
];
