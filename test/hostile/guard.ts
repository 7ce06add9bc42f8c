/** Spellings of addresses that are not public, with `--public-only`: refused, and no packet sent. */

import { redirect } from '../support/replies.js';
import { closesAfter, HONEST, PICTURE } from './acts.js';
import type { Scenario } from './scenario.js';

const SPELLINGS = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0x7f.0.0x1',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  'localhost',
] as const;

const REFUSED = { status: 113, asked: [] } as const;

export const GUARD: readonly Scenario[] = [
  ...SPELLINGS.map(
    (host): Scenario => ({
      name: `With --public-only ${host} is not connected to`,
      server: closesAfter(HONEST),
      url: `http://${host}:{port}/cover.jpg`,
      args: ['--public-only'],
      ...REFUSED,
      says: /\S/,
    }),
  ),
  {
    name: 'With --public-only a name that stands for loopback is not connected to',
    server: closesAfter(HONEST),
    url: 'http://pictures.test:{port}/cover.jpg',
    args: ['--public-only', '--resolve', 'pictures.test:{port}:127.0.0.1'],
    ...REFUSED,
    says: /\S/,
  },
  {
    name: 'With --public-only what --allow names is connected to',
    server: closesAfter(HONEST),
    args: ['--public-only', '--allow', '127.0.0.1'],
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'With --public-only a redirect to another address than --allow names is refused',
    server: ({ socket, request }) =>
      request().then(() => void socket.end(redirect(`http://127.0.0.2:${socket.localPort}/cover.jpg`))),
    args: ['--public-only', '--allow', '127.0.0.1/32'],
    status: 113,
    says: /\S/,
    asked: [/^GET \/cover\.jpg /],
  },
];
