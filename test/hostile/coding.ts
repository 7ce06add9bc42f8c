/** Content codings that blow up, break, or are none. */

import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { head, typed } from '../support/replies.js';
import { closesAfter, HTTP_200, PICTURE, poursAfter, stallsAfter } from './acts.js';
import { brotliBomb, GZIP_HEADER, gzipBlock, gzipBomb, nestedGzipBomb } from './bombs.js';
import type { Scenario } from './scenario.js';

function coded(bytes: Buffer, coding: string, contentType = 'image/jpeg'): Buffer {
  return typed(bytes, contentType, [['Content-Encoding', coding]]);
}

const GZIPPED = gzipSync(PICTURE);
const DAMAGED = Buffer.from(GZIPPED);
DAMAGED.fill(0xff, 1000, 1010);
const WRONG_CHECKSUM = Buffer.from(GZIPPED);
WRONG_CHECKSUM.writeUInt32LE(1, WRONG_CHECKSUM.length - 8);

/** Decoding is given up at the limit. */
const LIMITED = {
  args: ['--max-size', '10M'],
  status: 63,
  says: /above the limit of 10485760/,
} as const;

export const CODINGS: readonly Scenario[] = [
  {
    name: 'A gzip bomb of 1 GB ends at --max-size',
    server: stallsAfter(coded(gzipBomb(), 'gzip', 'application/octet-stream')),
    ...LIMITED,
  },
  {
    name: 'A gzip bomb behind a whole picture ends at --max-size',
    server: stallsAfter(coded(gzipBomb(PICTURE), 'gzip')),
    ...LIMITED,
  },
  {
    name: 'A gzip bomb that says it is a picture ends at its first bytes',
    server: stallsAfter(coded(gzipBomb(), 'gzip')),
    status: 110,
    says: /begins with 00 00 00 00/,
  },
  {
    name: 'A gzip bomb of 100 GB in two layers ends at --max-size',
    server: stallsAfter(coded(nestedGzipBomb(), 'gzip, gzip', 'application/octet-stream')),
    ...LIMITED,
  },
  {
    name: 'A Brotli bomb of 1 GB ends at --max-size',
    server: async (peer, index) =>
      stallsAfter(coded(await brotliBomb(), 'br', 'application/octet-stream'))(peer, index),
    ...LIMITED,
  },
  {
    name: 'A gzip body without end ends at --max-size',
    server: poursAfter(
      Buffer.concat([Buffer.from(head({ fields: [['Content-Encoding', 'gzip']] })), GZIP_HEADER]),
      gzipBlock(),
    ),
    ...LIMITED,
  },
  {
    name: 'Three layers of coding are not undone',
    server: closesAfter(coded(gzipSync(gzipSync(GZIPPED)), 'gzip, gzip, gzip')),
    status: 61,
    says: /3 content codings, more than the 2/,
  },
  {
    name: 'Layers of coding by the thousand are not undone',
    server: closesAfter(coded(GZIPPED, Array(3000).fill('gzip').join(', '))),
    status: 61,
    says: /3000 content codings, more than the 2/,
  },
  {
    name: 'Two layers of coding are undone in the order of the field',
    server: closesAfter(coded(brotliCompressSync(GZIPPED), 'gzip, br')),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A coding that nobody knows is not undone',
    server: closesAfter(coded(PICTURE, 'x-\x1b[31m')),
    status: 61,
    says: /"x-\\x1b\[31m" is not known/,
  },
  {
    name: 'A coding that is only said is a failure',
    server: closesAfter(coded(PICTURE, 'gzip')),
    status: 61,
    says: /gzip could not be undone: incorrect header check/,
  },
  {
    name: 'A damaged gzip body is a failure',
    server: closesAfter(coded(DAMAGED, 'gzip')),
    status: 61,
    says: /gzip could not be undone/,
  },
  {
    name: 'A gzip body with a wrong checksum is a failure, though every byte came',
    server: closesAfter(coded(WRONG_CHECKSUM, 'gzip')),
    status: 61,
    says: /gzip could not be undone: incorrect data check/,
  },
  {
    name: 'What follows a gzip body is not part of it',
    server: closesAfter(coded(Buffer.concat([GZIPPED, Buffer.alloc(1000)]), 'gzip')),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A deflate body without its zlib header is undone, as some servers send it',
    server: closesAfter(coded(deflateRawSync(PICTURE), 'deflate')),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'The coding identity is none',
    server: closesAfter(coded(PICTURE, 'identity, IDENTITY')),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'An empty body with a coding is no picture',
    server: closesAfter(coded(Buffer.alloc(0), 'gzip')),
    status: 110,
    says: /the body is empty/,
  },
  {
    name: 'A coded body above --max-size on the wire only is judged by what it holds',
    server: closesAfter(coded(GZIPPED, 'gzip')),
    args: ['--max-size', '29999'],
    status: 63,
    says: /above the limit of 29999/,
  },
  {
    name: 'A body of one-byte chunks in gzip is undone',
    server: closesAfter(
      Buffer.concat([
        Buffer.from(
          `${HTTP_200}Content-Type: image/jpeg\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`,
        ),
        ...Array.from(GZIPPED, (byte) => Buffer.from([0x31, 13, 10, byte, 13, 10])),
        Buffer.from('0\r\n\r\n'),
      ]),
    ),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
];
