/** Servers that stand still, or that come forward a byte at a time. */

import { gzipSync } from 'node:zlib';
import { chunked, head, typed } from '../support/replies.js';
import { closesAfter, dripsAfter, greets, HONEST, inTurn, PICTURE, SHORT, stallsAfter } from './acts.js';
import type { Scenario } from './scenario.js';

const CHUNKS = chunked([PICTURE], [['Content-Type', 'image/jpeg']]);
const CHUNKED_HEAD = CHUNKS.subarray(0, CHUNKS.indexOf('\r\n\r\n') + 4);
const JPEG_HEAD = head({ fields: [['Content-Type', 'image/jpeg']] });
const LONG_HEAD = head({
  fields: [
    ['Content-Type', 'image/jpeg'],
    ['Content-Length', '1000000'],
  ],
});
const IDLE = ['--idle-timeout', SHORT];
const TOTAL = ['--timeout', SHORT];

export const STALLS: readonly Scenario[] = [
  {
    name: 'A server that never begins its TLS handshake is late',
    server: () => undefined,
    url: 'https://127.0.0.1:{port}/cover.jpg',
    args: ['--connect-timeout', SHORT],
    status: 28,
    says: /TLS handshake with 127\.0\.0\.1:\d+ took longer than 0\.7 s/,
  },
  {
    name: 'A server that begins its TLS handshake and drips on is late',
    server: async (peer) => {
      peer.socket.once('data', () => void peer.socket.write(Buffer.from([22, 3, 3, 0x3f, 0xff])));
      const timer = setInterval(() => peer.socket.write(Buffer.from([2])), 20);
      peer.socket.once('close', () => clearInterval(timer));
    },
    url: 'https://127.0.0.1:{port}/cover.jpg',
    args: ['--connect-timeout', SHORT],
    status: 28,
    says: /TLS handshake .* took longer than 0\.7 s/,
  },
  {
    name: 'A server that is silent after the request ends by the total clock',
    server: stallsAfter(''),
    args: TOTAL,
    status: 28,
    says: /not complete after 0\.7 s/,
  },
  {
    name: 'A server that stops in its header ends by the total clock',
    server: stallsAfter(HONEST.subarray(0, 30)),
    args: TOTAL,
    status: 28,
    says: /not complete after 0\.7 s/,
  },
  {
    name: 'A server that drips its header for ever ends by the total clock',
    server: dripsAfter('HTTP/1.1 200 OK\r\nX-Slow: ', 'x'),
    args: TOTAL,
    status: 28,
    says: /not complete after 0\.7 s/,
  },
  {
    name: 'A server that drips interim responses ends by the total clock',
    server: dripsAfter('', 'HTTP/1.1 102 Wait\r\n\r\n', 100),
    args: TOTAL,
    status: 28,
    says: /not complete after 0\.7 s/,
  },
  {
    name: 'A server that stops before the body is idle',
    server: stallsAfter(HONEST.subarray(0, HONEST.length - PICTURE.length)),
    args: IDLE,
    status: 28,
    says: /sent nothing for 0\.7 s while we asked, after 0 of 30000 bytes of the body/,
  },
  {
    name: 'A server that stops in the body is idle',
    server: stallsAfter(HONEST.subarray(0, 15_000)),
    args: IDLE,
    status: 28,
    says: /sent nothing for 0\.7 s while we asked, after 14\d{3} of 30000 bytes/,
  },
  {
    name: 'A server that stops before the last byte is idle',
    server: stallsAfter(HONEST.subarray(0, -1)),
    args: IDLE,
    status: 28,
    says: /after 29999 of 30000 bytes/,
  },
  {
    name: 'A server that stops in the size of a chunk is idle',
    server: stallsAfter(Buffer.concat([CHUNKED_HEAD, Buffer.from('75')])),
    args: IDLE,
    status: 28,
    says: /sent nothing for 0\.7 s while we asked, after 0 bytes/,
  },
  {
    name: 'A server that stops before the last chunk is idle, though the picture is whole',
    server: stallsAfter(CHUNKS.subarray(0, -5)),
    args: IDLE,
    status: 28,
    says: /after 30000 bytes/,
  },
  {
    name: 'A server that stops in the trailers is idle',
    server: stallsAfter(CHUNKS.subarray(0, -2)),
    args: IDLE,
    status: 28,
    says: /sent nothing for 0\.7 s/,
  },
  {
    name: 'A server that stops in a gzip body is idle',
    server: stallsAfter(
      typed(gzipSync(PICTURE), 'image/jpeg', [['Content-Encoding', 'gzip']]).subarray(0, 300),
    ),
    args: IDLE,
    status: 28,
    says: /sent nothing for 0\.7 s/,
  },
  {
    name: 'A server that never closes does not end the body that its close delimits',
    server: stallsAfter(Buffer.concat([Buffer.from(JPEG_HEAD), PICTURE])),
    args: IDLE,
    status: 28,
    says: /sent nothing for 0\.7 s while we asked, after 30000 bytes/,
  },
  {
    name: 'A server that drips its body for ever ends by the total clock',
    server: dripsAfter(LONG_HEAD + PICTURE.subarray(0, 100).toString('latin1'), 'x'),
    args: TOTAL,
    status: 28,
    says: /not complete after 0\.7 s/,
  },
  {
    name: 'A server that drips the extension of a chunk ends by the total clock',
    server: dripsAfter(Buffer.concat([CHUNKED_HEAD, Buffer.from('10;')]), 'x'),
    args: TOTAL,
    status: 28,
    says: /not complete after 0\.7 s/,
  },
  {
    name: 'A server that keeps the connection open after a whole body is not waited for',
    server: stallsAfter(HONEST),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A redirect whose body never comes is followed',
    server: inTurn(
      stallsAfter('HTTP/1.1 302 Found\r\nLocation: /there.jpg\r\nContent-Length: 1000\r\n\r\n'),
      closesAfter(HONEST),
    ),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
  },
  {
    name: 'A redirect whose body drips for ever is followed',
    server: inTurn(
      dripsAfter('HTTP/1.1 302 Found\r\nLocation: /there.jpg\r\n\r\n', 'x'),
      closesAfter(HONEST),
    ),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
  },
  {
    name: 'An error status whose body never comes is told at once',
    server: stallsAfter('HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\n'),
    status: 22,
    says: /status 404/,
  },
  {
    name: 'An answer that comes before the question is an answer',
    server: greets(HONEST),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
];
