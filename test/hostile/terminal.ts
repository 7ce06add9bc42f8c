/** Text from the network that would command the terminal it is shown on. */

import { SMALL_JPEG } from '../support/pictures.js';
import { head, redirect, reply, typed } from '../support/replies.js';
import { at, closesAfter, inTurn, PICTURE } from './acts.js';
import type { Scenario } from './scenario.js';

/** The terminal's title, its clipboard, a link, a question that it would answer as if typed, and what only clears it. */
const COMMANDS = '\x1b]0;pwned\x07\x1b]52;c;cm0gLXJmIH4=\x07\x1b]8;;http://evil/\x1b\\\x1b[c\x1b[2J\x1bc';
/** The same with the C1 characters, and the characters that turn text around. */
const OTHERS = '\u009d0;pwned\u009c\u009b2J\u202e\u2066\u061c\x7f\x08';
const ALL = Buffer.from(COMMANDS + OTHERS).toString('latin1');
const SHOWN = /\\x1b\]0;pwned\\x07/;

function withField(value: string): Buffer {
  return typed(SMALL_JPEG, 'image/jpeg', [['X-Evil', value]]);
}

export const TERMINAL: readonly Scenario[] = [
  {
    name: 'A text that commands the terminal is shown, not obeyed',
    server: closesAfter(typed(Buffer.from(`${COMMANDS}${OTHERS}\n`), 'text/plain')),
    onTerminal: true,
    args: ['-q'],
    status: 0,
    prints: SHOWN,
  },
  {
    name: 'A text in single C1 bytes is shown, not obeyed',
    server: closesAfter(typed(Buffer.from('9b324a9d303b7077009c0a', 'hex'), 'text/plain')),
    onTerminal: true,
    args: ['-q'],
    status: 0,
    prints: /2J.*0;pw\\x00/,
  },
  {
    name: 'A text whose sequences are cut between receives is shown, not obeyed',
    server: closesAfter(typed(Buffer.from(`${COMMANDS}${OTHERS}\n`), 'text/plain')),
    onTerminal: true,
    args: ['-q', '--recv-size', '1'],
    status: 0,
    prints: SHOWN,
  },
  {
    name: 'A text whose sequences are cut between chunks is shown, not obeyed',
    server: closesAfter(
      `${head({
        fields: [
          ['Content-Type', 'text/plain'],
          ['Transfer-Encoding', 'chunked'],
        ],
      })}1\r\n\x1b\r\n3\r\n[2J\r\n1\r\n\xc2\r\n3\r\n\x9b2J\r\n0\r\n\r\n`,
    ),
    onTerminal: true,
    args: ['-q'],
    status: 0,
    prints: '\\x1b[2J\\x9b2J',
  },
  ...(
    [
      ['-i', [], SHOWN],
      ['-v', [], SHOWN],
      ['--trace', [], SHOWN],
      ['--json', [], /\\u001b\]0;pwned/],
      ['--json', ['--trace'], /\\u001b\]0;pwned/],
    ] as const
  ).map(
    ([flag, more, prints]): Scenario => ({
      name: `A field that commands the terminal is shown, not obeyed, with ${[flag, ...more].join(' ')}`,
      server: closesAfter(withField(ALL)),
      onTerminal: true,
      args: ['-q', flag, ...more],
      status: 0,
      prints,
      leaves: { 'cover.jpg': SMALL_JPEG },
    }),
  ),
  {
    name: 'A reason that commands the terminal is shown, not obeyed',
    server: closesAfter(reply('', { status: `500 ${ALL}` })),
    onTerminal: true,
    args: ['-q', '-v', '-i'],
    status: 22,
    says: /status 500 "\\x1b\]0;pwned/,
    prints: SHOWN,
  },
  {
    name: 'A redirect that commands the terminal is shown, not obeyed',
    server: inTurn(
      closesAfter(redirect(`/there.jpg?${ALL}#${ALL}`)),
      closesAfter(typed(PICTURE, 'image/jpeg')),
    ),
    onTerminal: true,
    args: ['-q', '-v', '--trace', '--json'],
    status: 0,
    prints: /redirected to http:\/\/127/,
    leaves: { 'there.jpg': PICTURE },
  },
  {
    name: 'A redirect to a name that commands the terminal is no URL, and says so harmlessly',
    server: closesAfter(redirect(`http://[${ALL}/`)),
    onTerminal: true,
    args: ['-q'],
    status: 47,
    says: /leads to "http:\/\/\[\\x1b\]0;pwned/,
  },
  {
    name: 'A name that commands the terminal is told harmlessly',
    server: closesAfter(
      typed(SMALL_JPEG, 'image/jpeg', [
        ['Content-Disposition', `attachment; filename*=UTF-8''%1b%5d0%3bx%07.jpg`],
      ]),
    ),
    onTerminal: true,
    args: ['-q', '--json'],
    status: 0,
    prints: /"file":"_\]0;x_\.jpg"/,
    leaves: { '_]0;x_.jpg': SMALL_JPEG },
  },
  {
    name: 'A type that commands the terminal is told harmlessly',
    server: closesAfter(typed('no picture', `image/x-${ALL}`)),
    onTerminal: true,
    args: ['-q'],
    status: 110,
    says: /says "image\/x-\\(u00|x)1b\]0;pwned/,
  },
  {
    name: 'Interim responses that command the terminal are told harmlessly',
    server: at({
      '/cover.jpg': Buffer.concat([
        Buffer.from(`HTTP/1.1 103 ${ALL}\r\nLink: ${ALL}\r\n\r\n`, 'latin1'),
        typed(SMALL_JPEG, 'image/jpeg'),
      ]),
    }),
    onTerminal: true,
    args: ['-q', '-v', '-i', '--json', '--trace'],
    status: 0,
    prints: /"status":103/,
    leaves: { 'cover.jpg': SMALL_JPEG },
  },
  {
    name: 'Trailers that command the terminal are not shown',
    server: closesAfter(
      `${head({
        fields: [
          ['Content-Type', 'text/plain'],
          ['Transfer-Encoding', 'chunked'],
        ],
      })}4\r\ntext\r\n0\r\nX-Evil: ${ALL}\r\n\r\n`,
    ),
    onTerminal: true,
    args: ['-q', '-v', '--trace'],
    status: 0,
    prints: /text/,
  },
  {
    name: 'What is no HTTP and commands the terminal is told harmlessly',
    server: closesAfter(`${ALL}\r\n\r\n`),
    onTerminal: true,
    args: ['-q', '-v'],
    status: 8,
    says: /it begins with "\\x1b"/,
    prints: /^\* connection/m,
  },
  {
    name: 'A text goes to a pipe as it was sent',
    server: closesAfter(typed(Buffer.from(COMMANDS + OTHERS), 'text/plain')),
    status: 0,
    prints: COMMANDS + OTHERS,
  },
  {
    name: 'With -o - a text goes to standard output as it was sent',
    server: closesAfter(typed(Buffer.from(COMMANDS + OTHERS), 'text/plain')),
    args: ['-o', '-'],
    status: 0,
    prints: Buffer.from(COMMANDS + OTHERS),
  },
];
