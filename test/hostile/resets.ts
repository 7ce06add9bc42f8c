/** Connections that are reset, in each phase. */

import { chunked, head } from '../support/replies.js';
import { closesAfter, HONEST, inTurn, PICTURE, resetsAfter } from './acts.js';
import type { Scenario } from './scenario.js';

const HEAD_BYTES = HONEST.length - PICTURE.length;
const CHUNKS = chunked([PICTURE], [['Content-Type', 'image/jpeg']]);
const CLOSE_DELIMITED = Buffer.from(head({ fields: [['Content-Type', 'image/jpeg']] }));

export const RESETS: readonly Scenario[] = [
  {
    name: 'A reset in place of a reply is a receive error',
    server: resetsAfter(''),
    status: 56,
    says: /reset the connection after 0 bytes/,
  },
  {
    name: 'A reset in the header is a receive error',
    server: resetsAfter(HONEST.subarray(0, 30)),
    status: 56,
    says: /reset the connection after 30 bytes/,
  },
  {
    name: 'A reset before the body is a receive error',
    server: resetsAfter(HONEST.subarray(0, HEAD_BYTES)),
    status: 56,
    says: /reset the connection after \d\d bytes/,
  },
  {
    name: 'A reset in the body is a receive error',
    server: resetsAfter(HONEST.subarray(0, 15_000)),
    status: 56,
    says: /reset the connection after 15000 bytes/,
  },
  {
    name: 'A reset in a chunked body is a receive error',
    server: resetsAfter(CHUNKS.subarray(0, 15_000)),
    status: 56,
    says: /reset the connection after 15000 bytes/,
  },
  {
    name: 'A reset before the last chunk is a receive error, though the picture is whole',
    server: resetsAfter(CHUNKS.subarray(0, -5)),
    status: 56,
    says: /reset the connection/,
  },
  {
    name: 'A reset ends no body that the connection delimits, though the picture is whole',
    server: resetsAfter(Buffer.concat([CLOSE_DELIMITED, PICTURE])),
    status: 56,
    says: /reset the connection/,
  },
  {
    name: 'A reset ends no text that the connection delimits: it is printed, and the status says that it is not whole',
    server: resetsAfter(`${head({ fields: [['Content-Type', 'text/plain']] })}half a te`),
    status: 56,
    says: /reset the connection/,
    prints: 'half a te',
  },
  {
    name: 'A reset after the last byte changes nothing',
    server: resetsAfter(HONEST),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A reset after the header of a redirect does not keep from following it',
    server: inTurn(
      resetsAfter('HTTP/1.1 307 Temporary\r\nLocation: /there.jpg\r\nContent-Length: 1000\r\n\r\n'),
      closesAfter(HONEST),
    ),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
  },
  {
    name: 'A reset after the header of an error status is still that error status',
    server: resetsAfter('HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\n'),
    status: 22,
    says: /status 503 "Busy"/,
  },
];
