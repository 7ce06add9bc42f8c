/** What is no HTTP/1.x, or hardly: other protocols, and headers that no server should send. */

import { closesAfter, greets, HONEST, HTTP_200, inTurn, PICTURE, poursAfter } from './acts.js';
import type { Scenario } from './scenario.js';

/** Other protocols' first words. */
const OTHERS: readonly [what: string, greeting: Buffer | string][] = [
  ['the bare page of HTTP/0.9', '<html><title>Hello</title></html>'],
  ['the bare picture of HTTP/0.9', PICTURE],
  ['a SETTINGS frame of HTTP/2', Buffer.from('000000040000000000', 'hex')],
  ['a TLS alert', Buffer.from('15030300020246', 'hex')],
  ['a greeting of SSH', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
  ['a greeting of SMTP', '220 mail.example ESMTP ready\r\n'],
  ['an answer of Redis', '-ERR unknown command\r\n'],
  ['a negotiation of telnet', Buffer.from('fffd18fffd20', 'hex')],
  ['a Shoutcast stream', 'ICY 200 OK\r\nicy-name: x\r\n\r\n'],
  ['a request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a byte order mark', Buffer.concat([Buffer.from('efbbbf', 'hex'), HONEST])],
  ['an empty line', Buffer.concat([Buffer.from('\r\n'), HONEST])],
];

/** First lines that are none. */
const NO_STATUS_LINES: readonly [what: string, line: string][] = [
  ['of HTTP/2.0', 'HTTP/2.0 200 OK'],
  ['with two spaces', 'HTTP/1.1  200 OK'],
  ['with status 099', 'HTTP/1.1 099 Odd'],
  ['with status 1000', 'HTTP/1.1 1000 Odd'],
  ['with a negative status', 'HTTP/1.1 -200 OK'],
  ['with NUL in its reason', 'HTTP/1.1 200 O\0K'],
  ['with CR in its reason', 'HTTP/1.1 200 O\rK'],
];

/** Field lines that are none. */
const NO_FIELDS: readonly [what: string, lines: string][] = [
  ['with NUL in a value', 'X-Odd: a\0b\r\n'],
  ['with CR in a value', 'X-Odd: a\rSet-Cookie: b\r\n'],
  ['with NUL in a name', 'X\0Odd: a\r\n'],
  ['with a space before the colon', 'X-Odd : a\r\n'],
  ['without a colon', 'nonsense\r\n'],
  ['with a folded line before any field', ' folded: a\r\n'],
];

function withLines(lines: string): Buffer {
  return Buffer.concat([
    Buffer.from(`${HTTP_200}${lines}Content-Type: image/jpeg\r\nContent-Length: 30000\r\n\r\n`, 'latin1'),
    PICTURE,
  ]);
}

export const HEADS: readonly Scenario[] = [
  ...OTHERS.map(
    ([what, greeting]): Scenario => ({
      name: `What begins with ${what} is no HTTP/1.x`,
      server: greets(greeting),
      status: 8,
      says: /not valid HTTP\/1\.x: at byte \d, it begins with ".*", not with "HTTP\/1\.x"/,
    }),
  ),
  ...NO_STATUS_LINES.map(
    ([what, line]): Scenario => ({
      name: `A status line ${what} is refused`,
      server: closesAfter(`${line}\r\nContent-Length: 0\r\n\r\n`),
      status: 8,
      says: /not valid HTTP\/1\.x: at byte \d+, /,
    }),
  ),
  ...NO_FIELDS.map(
    ([what, lines]): Scenario => ({
      name: `A header ${what} is refused`,
      server: closesAfter(withLines(lines)),
      status: 8,
      says: /not valid HTTP\/1\.x: at byte \d+, /,
    }),
  ),
  {
    name: 'A header with folded values is read, as old servers write them',
    server: closesAfter(withLines('X-Odd: a\r\n b\r\n\tc\r\n')),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A header with lone line feeds is read, as old programs write them',
    server: closesAfter(
      Buffer.concat([Buffer.from('HTTP/1.0 200 OK\nContent-Type: image/jpeg\n\n'), PICTURE]),
    ),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'Interim responses before the response are read over',
    server: closesAfter(
      Buffer.concat([
        Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </evil.js>\r\n\r\n'),
        HONEST,
      ]),
    ),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A switch of protocols that nobody asked for is refused',
    server: closesAfter('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'),
    status: 8,
    says: /switches protocols, which was not asked for/,
  },
  {
    name: 'Authentication that is asked for is an error status, and nothing more is sent',
    server: closesAfter(
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="\x1b[31m"\r\nContent-Length: 0\r\n\r\n',
    ),
    status: 22,
    says: /status 401 "Unauthorized"/,
    asked: [/^GET \/cover\.jpg /],
  },
  {
    name: 'Authentication that a server asks for as if it were a proxy is an error status',
    server: closesAfter(
      'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
    ),
    status: 22,
    says: /status 407/,
    asked: [/^GET \/cover\.jpg /],
  },
  {
    name: 'A status of no known class is an error status',
    server: closesAfter('HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n'),
    status: 22,
    says: /status 999 "Request denied"/,
  },
  {
    name: 'A status line without end is refused at its limit',
    server: poursAfter('HTTP/1.1 200 ', 'x'),
    status: 8,
    says: /a line is longer than 32768 bytes/,
  },
  {
    name: 'A field without end is refused at its limit',
    server: poursAfter(`${HTTP_200}X-Long: `, 'x'),
    status: 8,
    says: /a line is longer than 32768 bytes/,
  },
  {
    name: 'A field name without end is refused at its limit',
    server: poursAfter(HTTP_200, 'x'),
    status: 8,
    says: /a line is longer than 32768 bytes/,
  },
  {
    name: 'Fields without end are refused at their number',
    server: poursAfter(HTTP_200, 'A: b\r\n'),
    status: 8,
    says: /more than 512 field lines/,
  },
  {
    name: 'Long fields without end are refused at their sum',
    server: poursAfter(HTTP_200, `A: ${'b'.repeat(10_000)}\r\n`),
    status: 8,
    says: /the header is longer than 262144 bytes/,
  },
  {
    name: 'Folds without end are refused at their number',
    server: poursAfter(`${HTTP_200}A: b\r\n`, ' c\r\n'),
    status: 8,
    says: /more than 512 field lines/,
  },
  {
    name: 'Interim responses without end are refused at their number',
    server: poursAfter('', 'HTTP/1.1 102 Wait\r\n\r\n'),
    status: 8,
    says: /more than 32 interim responses/,
  },
  {
    name: 'Large interim responses without end are refused at their number',
    server: poursAfter('', `HTTP/1.1 103 Wait\r\n${`A: ${'b'.repeat(30_000)}\r\n`.repeat(8)}\r\n`),
    status: 8,
    says: /more than 32 interim responses/,
  },
  {
    name: 'A server that hangs up is asked no second time without being told to',
    server: inTurn(closesAfter(''), closesAfter(HONEST)),
    status: 52,
    says: /closed the connection without a reply/,
    asked: [/^GET \/cover\.jpg /],
  },
];
