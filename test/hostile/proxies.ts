/** Proxies that are up to no good. */

import { closesAfter, greets, HONEST, PICTURE, poursAfter, SHORT, stallsAfter } from './acts.js';
import type { Scenario } from './scenario.js';

const PROXY = ['--proxy', 'http://127.0.0.1:{port}'];
const PLAIN = { url: 'http://pictures.test/cover.jpg', args: PROXY } as const;
const SECURE = { url: 'https://me:secret@pictures.test/cover.jpg', args: PROXY } as const;
/** The tunnel is asked for without the user's credentials for the origin. */
const TUNNEL = /^(?!.*\nauthorization:)CONNECT pictures\.test:443 /is;

export const PROXIES: readonly Scenario[] = [
  {
    name: 'An honest proxy is asked in absolute form',
    server: closesAfter(HONEST),
    ...PLAIN,
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
    asked: [/^GET http:\/\/pictures\.test\/cover\.jpg /],
  },
  {
    name: 'A proxy that wants authentication gives an error status',
    server: closesAfter('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
    ...PLAIN,
    status: 22,
    says: /407/,
  },
  {
    name: 'A proxy that is none is no HTTP',
    server: greets('SSH-2.0-OpenSSH_9.2p1\r\n'),
    ...PLAIN,
    status: 8,
    says: /not valid HTTP/,
  },
  {
    name: 'A proxy that sends garbage right behind its answer makes no tunnel',
    server: closesAfter('HTTP/1.1 200 Established\r\n\r\ngarbage, not TLS'),
    ...SECURE,
    status: 56,
    says: /did not open a tunnel to pictures\.test:443: it sent more/,
    asked: [TUNNEL],
  },
  {
    name: 'A proxy that never makes the tunnel is late',
    server: stallsAfter(''),
    ...SECURE,
    args: [...PROXY, '--connect-timeout', SHORT],
    status: 28,
    says: /0\.7 s/,
  },
  {
    name: 'A proxy whose answer to CONNECT has no end is refused',
    server: poursAfter('HTTP/1.1 200 Established\r\n', 'A: b\r\n'),
    ...SECURE,
    status: 56,
    says: /did not open a tunnel to pictures\.test:443: the reply is not valid HTTP/,
  },
];
