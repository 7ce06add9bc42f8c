/** Replies that end too soon, at every place where it makes a difference. */

import { brotliCompressSync, gzipSync } from 'node:zlib';
import { chunked, head, typed } from '../support/replies.js';
import { closesAfter, HONEST, inTurn, PICTURE } from './acts.js';
import type { Scenario } from './scenario.js';

const HEAD_BYTES = HONEST.length - PICTURE.length;

/** Where in the honest reply it is cut: after so many bytes. */
const IN_THE_HEAD: readonly [where: string, bytes: number][] = [
  ['in the first word', 2],
  ['before the status', 'HTTP/1.1 '.length],
  ['in the status', 'HTTP/1.1 20'.length],
  ['before the end of the status line', 'HTTP/1.1 200 OK'.length],
  ['between the CR and the LF of the status line', 'HTTP/1.1 200 OK\r'.length],
  ['after the status line', 'HTTP/1.1 200 OK\r\n'.length],
  ['in the name of a field', 'HTTP/1.1 200 OK\r\nConte'.length],
  ['in the value of a field', 'HTTP/1.1 200 OK\r\nContent-Type: ima'.length],
  ['before the blank line', HEAD_BYTES - 2],
  ['in the blank line', HEAD_BYTES - 1],
];

const IN_THE_BODY: readonly [where: string, bytes: number][] = [
  ['before its first byte', 0],
  ['after its first byte', 1],
  ['in its middle', 15_000],
  ['before its last byte', PICTURE.length - 1],
];

const TRAILER = 'X-Digest: 1\r\n';
const PIECES = [PICTURE.subarray(0, 16), PICTURE.subarray(16)];
const PLAIN_CHUNKS = chunked(PIECES, [['Content-Type', 'image/jpeg']]);
const CHUNKS = Buffer.concat([PLAIN_CHUNKS.subarray(0, -2), Buffer.from(`${TRAILER}\r\n`)]);
const CHUNKED_HEAD_BYTES = head({
  fields: [
    ['Content-Type', 'image/jpeg'],
    ['Transfer-Encoding', 'chunked'],
  ],
}).length;
const END_BYTES = '0\r\n'.length + TRAILER.length + 2;

const IN_THE_CHUNKS: readonly [where: string, bytes: number][] = [
  ['before the first size', CHUNKED_HEAD_BYTES],
  ['in a size', CHUNKED_HEAD_BYTES + 1],
  ['before the CR of a size', CHUNKED_HEAD_BYTES + 2],
  ['between the CR and the LF of a size', CHUNKED_HEAD_BYTES + 3],
  ['after a size', CHUNKED_HEAD_BYTES + 4],
  ['in the data', CHUNKED_HEAD_BYTES + 10],
  ['after the data', CHUNKED_HEAD_BYTES + 20],
  ['between the CR and the LF after the data', CHUNKED_HEAD_BYTES + 21],
  ['between two chunks', CHUNKED_HEAD_BYTES + 22],
  ['before the last chunk', CHUNKS.length - END_BYTES],
  ['in the last chunk', CHUNKS.length - END_BYTES + 1],
  ['before the trailers', CHUNKS.length - END_BYTES + 3],
  ['in the trailers', CHUNKS.length - END_BYTES + 8],
  ['before the blank line', CHUNKS.length - 2],
  ['before its last byte', CHUNKS.length - 1],
];

const CLOSE_DELIMITED = head({ fields: [['Content-Type', 'image/jpeg']] });
const GZIPPED = gzipSync(PICTURE);

/** A reply of cut coded data, framed as if that were all. */
function coded(bytes: Buffer, coding: string): Buffer {
  return typed(bytes, 'image/jpeg', [['Content-Encoding', coding]]);
}

export const TRUNCATIONS: readonly Scenario[] = [
  {
    name: 'A server that closes without a word gives an empty reply',
    server: closesAfter(''),
    status: 52,
    says: /closed the connection without a reply/,
  },
  {
    name: 'A server that closes before it was asked gives an empty reply',
    server: ({ socket }) => void socket.end(),
    status: 52,
    says: /closed the connection without a reply/,
  },
  ...IN_THE_HEAD.map(
    ([where, bytes]): Scenario => ({
      name: `A header that is cut ${where} is cut short`,
      server: closesAfter(HONEST.subarray(0, bytes)),
      status: 18,
      says: new RegExp(`after ${bytes} bytes, before the end of the header`),
    }),
  ),
  ...IN_THE_BODY.map(
    ([where, bytes]): Scenario => ({
      name: `A body that is cut ${where} is cut short`,
      server: closesAfter(HONEST.subarray(0, HEAD_BYTES + bytes)),
      status: 18,
      says: new RegExp(`after ${bytes} bytes of the body, of 30000`),
    }),
  ),
  {
    name: 'Chunks with trailers that are not cut are whole',
    server: closesAfter(CHUNKS),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  ...IN_THE_CHUNKS.map(
    ([where, bytes]): Scenario => ({
      name: `A chunked body that is cut ${where} is cut short`,
      server: closesAfter(CHUNKS.subarray(0, bytes)),
      status: 18,
      says: /bytes of a chunked body: /,
    }),
  ),
  {
    name: 'A picture of HTTP/1.0 that ends with the connection is whole',
    server: closesAfter(Buffer.concat([Buffer.from(CLOSE_DELIMITED), PICTURE])),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A picture that ends with the connection, but not its own, is incomplete',
    server: closesAfter(Buffer.concat([Buffer.from(CLOSE_DELIMITED), PICTURE.subarray(0, -1)])),
    status: 111,
    says: /the JPEG ends at byte 29999/,
  },
  {
    name: 'A picture that is cut in its signature is incomplete',
    server: closesAfter(Buffer.concat([Buffer.from(CLOSE_DELIMITED), PICTURE.subarray(0, 2)])),
    status: 111,
    says: /before it is clear which image it is/,
  },
  {
    name: 'A gzip body that is cut in its middle fails, though its length is right',
    server: closesAfter(coded(GZIPPED.subarray(0, GZIPPED.length >> 1), 'gzip')),
    status: 61,
    says: /gzip could not be undone/,
  },
  {
    name: 'A gzip body that is cut in its checksum fails',
    server: closesAfter(coded(GZIPPED.subarray(0, -6), 'gzip')),
    status: 61,
    says: /gzip could not be undone/,
  },
  {
    name: 'A Brotli body that lacks its last byte fails',
    server: closesAfter(coded(brotliCompressSync(PICTURE).subarray(0, -1), 'br')),
    status: 61,
    says: /br could not be undone/,
  },
  {
    name: 'A redirect that is cut in its header leads nowhere',
    server: closesAfter('HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n'),
    status: 18,
    says: /before the end of the header/,
    asked: [/^GET \/cover\.jpg /],
  },
  {
    name: 'A redirect whose body is cut leads on: nobody wanted the body',
    server: inTurn(
      closesAfter('HTTP/1.1 302 Found\r\nLocation: /there.jpg\r\nContent-Length: 1000\r\n\r\nMoved'),
      closesAfter(HONEST),
    ),
    status: 0,
    leaves: { 'there.jpg': PICTURE },
  },
];
