/** Lengths and chunks that lie. */

import { head } from '../support/replies.js';
import { at, closesAfter, HONEST, PICTURE } from './acts.js';
import type { Scenario } from './scenario.js';

/** A reply of the picture with these lines about its length. */
function framed(...lines: readonly string[]): Buffer {
  const start = ['HTTP/1.1 200 OK', 'Content-Type: image/jpeg', ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(start, 'latin1'), PICTURE]);
}

/** What a Content-Length says that no reader may guess at. */
const NO_LENGTHS: readonly [what: string, value: string][] = [
  ['that is negative', '-1'],
  ['with a sign', '+30000'],
  ['in hexadecimal', '0x7530'],
  ['of two numbers', '30000 30000'],
  ['that is empty', ''],
  ['in a list of two that differ', '30000, 29999'],
  ['in Arabic digits', Buffer.from('\u0663\u0660', 'utf8').toString('latin1')],
  ['of 2^53', '9007199254740992'],
  ['of 2^64', '18446744073709551616'],
  ['of 2^64 and the real one', '18446744073709581616'],
];

/** What follows the header, and what of it is printed before it is refused. */
const NO_CHUNKS: readonly [what: string, chunks: string, printed?: string][] = [
  ['with a size that is negative', '-10\r\n'],
  ['with a size with a prefix', '0x10\r\n'],
  ['with an empty size', '\r\n'],
  ['with white space after a size', '10 \r\n'],
  ['with a size of 2^64', '10000000000000000\r\n'],
  ['with a size that wraps to a small one', 'ffffffff00000005\r\n'],
  ['with a size that a lone LF ends', '10\n'],
  ['with a size that a lone CR ends', '10\rx\r\n'],
  ['with an extension that holds a CR', '10;a=\rb\r\n'],
  ['with more data than its size says', '3\r\nabcdef\r\n0\r\n\r\n', 'abc'],
  ['with less data than its size says', '6\r\nabcd\r\n0\r\n\r\n', 'abcd\r\n'],
  ['with a lone LF after the data', '3\r\nabc\n0\r\n\r\n', 'abc'],
  ['with nothing after the data', '3\r\nabc0\r\n\r\n', 'abc'],
  ['with a trailer that is no field', '3\r\nabc\r\n0\r\nno field\r\n\r\n', 'abc'],
  ['with a trailer with a space before its colon', '3\r\nabc\r\n0\r\nA : b\r\n\r\n', 'abc'],
];

const CHUNKED_TEXT = head({
  fields: [
    ['Content-Type', 'text/plain'],
    ['Transfer-Encoding', 'chunked'],
  ],
});

/** Transfer-Encoding that two readers read differently. */
const NO_CODINGS: readonly [what: string, ...lines: string[]][] = [
  ['Transfer-Encoding beside Content-Length', 'Transfer-Encoding: chunked', 'Content-Length: 30000'],
  ['Content-Length beside Transfer-Encoding', 'Content-Length: 30000', 'Transfer-Encoding: chunked'],
  ['chunked twice', 'Transfer-Encoding: chunked, chunked'],
  ['chunked in two fields', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['gzip as a transfer coding', 'Transfer-Encoding: gzip, chunked'],
  ['a transfer coding that looks like chunked', 'Transfer-Encoding: xchunked'],
  ['chunked after a vertical tab', 'Transfer-Encoding: \x0bchunked'],
  ['a space before the colon of Transfer-Encoding', 'Transfer-Encoding : chunked', 'Content-Length: 30000'],
  ['a NUL in Transfer-Encoding', 'Transfer-Encoding: chunk\0ed'],
];

/** What a cache or proxy would be made to keep for another URL. */
const SMUGGLED = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nsmuggled';

export const FRAMING: readonly Scenario[] = [
  ...NO_LENGTHS.map(
    ([what, value]): Scenario => ({
      name: `A Content-Length ${what} is refused`,
      server: closesAfter(framed(`Content-Length: ${value}`)),
      status: 8,
      says: /not valid HTTP\/1\.x: at byte \d+, .*Content-Length/,
    }),
  ),
  {
    name: 'Two Content-Lengths that differ are refused',
    server: closesAfter(framed('Content-Length: 30000', 'Content-Length: 10')),
    status: 8,
    says: /Content-Length is both "30000" and "10"/,
  },
  {
    name: 'Two Content-Lengths that agree are one',
    server: closesAfter(framed('Content-Length: 30000', 'Content-Length: 030000')),
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A Content-Length above what comes is cut short',
    server: closesAfter(framed('Content-Length: 30001')),
    status: 18,
    says: /after 30000 bytes of the body, of 30001/,
  },
  {
    name: 'A Content-Length below what comes cuts the picture: it is incomplete',
    server: closesAfter(framed('Content-Length: 29999')),
    status: 111,
    says: /the JPEG ends at byte 29999/,
  },
  {
    name: 'A Content-Length below what comes ends a text: what follows is not part of it',
    server: closesAfter(
      `${head({
        fields: [
          ['Content-Type', 'text/plain'],
          ['Content-Length', '4'],
        ],
      })}textmore`,
    ),
    status: 0,
    prints: 'text',
  },
  {
    name: 'A Content-Length of 8 petabytes sets nothing aside',
    server: closesAfter(framed('Content-Length: 9007199254740991')),
    status: 18,
    says: /after 30000 bytes of the body, of 9007199254740991/,
  },
  {
    name: 'A Content-Length above --max-size is refused before the body',
    server: closesAfter(framed('Content-Length: 9007199254740991')),
    args: ['--max-size', '1G'],
    status: 63,
    says: /announces 9007199254740991 bytes or more, above the limit of 1073741824/,
  },
  ...NO_CHUNKS.map(
    ([what, chunks, printed = '']): Scenario => ({
      name: `A chunk ${what} is refused`,
      server: closesAfter(CHUNKED_TEXT + chunks),
      status: 8,
      says: /not valid HTTP\/1\.x: at byte \d+, /,
      prints: printed,
    }),
  ),
  {
    name: 'A last chunk of many zeros is the last chunk',
    server: closesAfter(`${CHUNKED_TEXT}4\r\ntext\r\n00000000000000000\r\n\r\n`),
    status: 0,
    prints: 'text',
  },
  ...NO_CODINGS.map(
    ([what, ...lines]): Scenario => ({
      name: `A reply with ${what} is refused`,
      server: closesAfter(framed(...lines)),
      status: 8,
      says: /not valid HTTP\/1\.x: at byte \d+, /,
    }),
  ),
  {
    name: 'Chunks in HTTP/1.0 are read, and the connection is trusted no further',
    server: at({
      '/a': `${CHUNKED_TEXT.replace('HTTP/1.1', 'HTTP/1.0')}1\r\na\r\n0\r\n\r\n${SMUGGLED}`,
      '/b': 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nb',
    }),
    url: ['{origin}/a', '{origin}/b'],
    status: 0,
    prints: 'ab',
  },
  {
    name: 'A second response behind the first is not the answer to the next request',
    server: at({
      '/cover.jpg': Buffer.concat([HONEST, Buffer.from(SMUGGLED)]),
      '/b': 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nb',
    }),
    url: ['{origin}/cover.jpg', '{origin}/b'],
    status: 0,
    prints: 'b',
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A body of 204 is not the answer to the next request',
    server: at({
      '/a': `HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\n${SMUGGLED}`,
      '/b': 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nb',
    }),
    url: ['{origin}/a', '{origin}/b'],
    status: 0,
    prints: 'b',
  },
  {
    name: 'A body of a redirect is not the answer to the next request',
    server: at({
      '/cover.jpg': `HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`,
      '/there': 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nb',
    }),
    status: 0,
    prints: 'b',
  },
];
