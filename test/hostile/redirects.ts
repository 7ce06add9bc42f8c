/** Redirects that lead in circles, astray, or nowhere. */

import { redirect } from '../support/replies.js';
import { at, closesAfter, HONEST, HTTP_200, inTurn, PICTURE, poursAfter } from './acts.js';
import type { Scenario } from './scenario.js';

/** Where no redirect may lead, and the scheme. */
const ODD_SCHEMES: readonly [location: string, scheme: string][] = [
  ['file:///etc/passwd', 'file'],
  ['ftp://127.0.0.1/cover.jpg', 'ftp'],
  ['gopher://127.0.0.1:6379/_FLUSHALL', 'gopher'],
  ['javascript:alert(1)', 'javascript'],
  ['data:image/png;base64,AAAA', 'data'],
  ['mailto:x@example.com', 'mailto'],
  ['ws://127.0.0.1/', 'ws'],
  ['dict://127.0.0.1:11211/stats', 'dict'],
  ['view-source:http://127.0.0.1/', 'view-source'],
  ['jar:http://127.0.0.1/x.jar!/', 'jar'],
  [' FILE:///etc/passwd', 'file'],
  ['fi\tle:///etc/passwd', 'file'],
];

const NO_URLS: readonly string[] = [
  'http://',
  'http://[',
  'http://[::1',
  'http://127.0.0.1:99999/',
  'http://127.0.0.1:x/',
  'http://127.0.0.256/',
  'http://a b/',
  'http://%00/',
  'http://xn--a/',
  '//',
  'https:',
];

/** Ends without having saved or followed anything. */
function astray(name: string, location: string, status: number, says: RegExp): Scenario {
  return { name, server: closesAfter(redirect(location)), status, says, asked: [/^GET \/cover\.jpg /] };
}

const LONG_LOCATION = `/${'long/'.repeat(6000)}`;

export const REDIRECTS: readonly Scenario[] = [
  {
    name: 'A redirect to itself ends after ten',
    server: at({ '/cover.jpg': redirect('/cover.jpg') }),
    status: 47,
    says: /redirected more than 10 times, at last from http:\/\/127\.0\.0\.1:\d+\/cover\.jpg/,
    asked: Array(11).fill(/^GET \/cover\.jpg /),
  },
  {
    name: 'A circle of two redirects ends after ten',
    server: at({ '/cover.jpg': redirect('/b'), '/b': redirect('/cover.jpg', '308 Permanent') }),
    status: 47,
    says: /redirected more than 10 times/,
  },
  {
    name: 'Redirects that never repeat end after ten',
    server: async ({ socket, request }) => {
      for (let n = 0; (await request()) !== undefined; n++) socket.write(redirect(`/${n}`));
    },
    status: 47,
    says: /redirected more than 10 times/,
  },
  {
    name: 'A circle of redirects ends after as many as --max-redirects allows',
    server: at({ '/cover.jpg': redirect('/cover.jpg') }),
    args: ['--max-redirects', '2'],
    status: 47,
    says: /redirected more than 2 times/,
  },
  ...ODD_SCHEMES.map(([location, scheme]) =>
    astray(
      `A redirect to ${JSON.stringify(location)} is not followed`,
      location,
      1,
      new RegExp(`leads to the scheme "${scheme}": only http and https are followed`),
    ),
  ),
  ...NO_URLS.map((location) =>
    astray(
      `A redirect to ${JSON.stringify(location)} leads to no URL`,
      location,
      47,
      /leads to ".*", which is no URL/,
    ),
  ),
  {
    name: 'A redirect with an empty Location leads to itself',
    server: at({ '/cover.jpg': redirect('') }),
    status: 47,
    says: /redirected more than 10 times/,
  },
  {
    name: 'A redirect to a port where nobody listens is not connected',
    server: closesAfter(redirect('http://127.0.0.1:65500/')),
    status: 7,
    says: /127\.0\.0\.1:65500 \(refused\)/,
  },
  {
    name: 'A redirect to a name and password does not send them',
    server: async ({ socket, request }) => {
      const [first] = ((await request()) ?? '').split('\r\n');
      const host = `127.0.0.1:${socket.localPort}`;
      socket.write(
        first?.startsWith('GET /cover') ? redirect(`http://evil:secret@${host}/there.jpg`) : HONEST,
      );
      if ((await request()) !== undefined) socket.write(HONEST);
    },
    status: 0,
    leaves: { 'there.jpg': PICTURE },
    asked: [/^GET \/cover\.jpg /, /^(?!.*authorization)GET \/there\.jpg /is],
  },
  {
    name: 'A redirect with encoded line ends writes no line of the request',
    server: at({
      '/cover.jpg': redirect('/there.jpg?a=%0d%0aX-Evil:%20yes'),
      '/there.jpg?a=%0d%0aX-Evil:%20yes': HONEST,
    }),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
    asked: [/^GET \/cover\.jpg /, /^(?!.*\nX-Evil)GET \/there\.jpg\?/s],
  },
  {
    name: 'Of two Locations the first counts',
    server: at({
      '/cover.jpg': redirect('/there.jpg', '302 Found', [['Location', 'file:///etc/passwd']]),
      '/there.jpg': HONEST,
    }),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
  },
  {
    name: 'A redirect to 30 kB of path is asked for as it stands',
    server: at({ '/cover.jpg': redirect(LONG_LOCATION), [LONG_LOCATION]: HONEST }),
    status: 0,
    leaves: { 'image.jpg': PICTURE },
  },
  {
    name: 'A redirect with an endless body is followed',
    server: inTurn(
      poursAfter('HTTP/1.1 302 Found\r\nLocation: /there.jpg\r\n\r\n', 'x'),
      closesAfter(HONEST),
    ),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
  },
  {
    name: 'A redirect with a body of an unknown coding is followed',
    server: at({
      '/cover.jpg': redirect('/there.jpg', '302 Found', [['Content-Encoding', 'bomb']]),
      '/there.jpg': HONEST,
    }),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
  },
  {
    name: 'A choice of several (300) is not chosen from',
    server: closesAfter(
      'HTTP/1.1 300 Multiple Choices\r\nLocation: /there.jpg\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nmany',
    ),
    status: 0,
    prints: 'many',
    asked: [/^GET \/cover\.jpg /],
  },
  {
    name: 'A refresh in a header is not followed',
    server: closesAfter(
      `${HTTP_200}Refresh: 0; url=/there\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nwait`,
    ),
    status: 0,
    prints: 'wait',
    asked: [/^GET \/cover\.jpg /],
  },
];
