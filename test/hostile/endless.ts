/** Bodies without end. */

import { head } from '../support/replies.js';
import { HTTP_200, PICTURE, poursAfter } from './acts.js';
import type { Scenario } from './scenario.js';

const CHUNKED = `${HTTP_200}Content-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n`;
const BINARY_CHUNKED = CHUNKED.replace('image/jpeg', 'application/octet-stream');

function of(contentType: string, ...start: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(head({ fields: [['Content-Type', contentType]] })), ...start]);
}

const LIMITED = {
  args: ['--max-size', '5M'],
  status: 63,
  says: /above the limit of 5242880/,
} as const;

const PNG_START = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55', 'hex');
/** A chunk of PNG that says nothing and is passed over, with a checksum that nobody asks for. */
const PNG_CHUNK = Buffer.from('0000000074455874ffffffff', 'hex');

export const ENDLESS: readonly Scenario[] = [
  {
    name: 'A body without end ends at --max-size',
    server: poursAfter(of('application/octet-stream'), 'x'),
    ...LIMITED,
  },
  {
    name: 'A body without end ends by the total clock',
    server: poursAfter(of('application/octet-stream'), 'x'),
    args: ['--timeout', '1', '-o', '/dev/null'],
    status: 28,
    says: /not complete after 1 s/,
  },
  {
    name: 'A body without end behind a whole picture ends at --max-size',
    server: poursAfter(of('image/jpeg', PICTURE), '\0'),
    ...LIMITED,
  },
  {
    name: 'Chunks without end end at --max-size',
    server: poursAfter(BINARY_CHUNKED, `10000\r\n${'x'.repeat(65_536)}\r\n`),
    ...LIMITED,
  },
  {
    name: 'Chunks of one byte without end end at --max-size',
    server: poursAfter(BINARY_CHUNKED, '1\r\nx\r\n'),
    args: ['--max-size', '256k'],
    status: 63,
    says: /above the limit of 262144/,
  },
  {
    name: 'A chunk extension without end is refused at its limit',
    server: poursAfter(`${CHUNKED}10;`, 'x'),
    status: 8,
    says: /a chunk-size line is longer than 4096 bytes/,
  },
  {
    name: 'Chunk extensions without end are refused at their sum',
    server: poursAfter(BINARY_CHUNKED, `1;${'x'.repeat(1000)}\r\nx\r\n`),
    status: 8,
    says: /chunk extensions are longer than 65536 bytes/,
  },
  {
    name: 'Zeros of a chunk size without end are refused at their limit',
    server: poursAfter(CHUNKED, '0'),
    status: 8,
    says: /a chunk-size line is longer than 4096 bytes/,
  },
  {
    name: 'A trailer without end is refused at its limit',
    server: poursAfter(`${CHUNKED}0\r\nA: `, 'x'),
    status: 8,
    says: /a line is longer than 32768 bytes/,
  },
  {
    name: 'Trailers without end are refused at their number',
    server: poursAfter(`${CHUNKED}0\r\n`, 'A: b\r\n'),
    status: 8,
    says: /more than 512 field lines/,
  },
  {
    name: 'White space without end that says it is a picture is none',
    server: poursAfter(of('image/svg+xml'), ' '),
    status: 110,
    says: /not an image/,
  },
  {
    name: 'An XML comment without end that says it is a picture is none',
    server: poursAfter(of('image/svg+xml', Buffer.from('<?xml version="1.0"?><!--')), 'x'),
    status: 110,
    says: /not an image/,
  },
  {
    name: 'A GIF of a comment without end ends at --max-size',
    server: poursAfter(of('image/gif', Buffer.from('GIF89a\x01\0\x01\0\0\0\0!\xfe', 'latin1')), '\x01x'),
    ...LIMITED,
  },
  {
    name: 'A PNG of empty chunks without end ends at --max-size',
    server: poursAfter(of('image/png', PNG_START), PNG_CHUNK),
    ...LIMITED,
  },
  {
    name: 'A JPEG of empty segments without end ends at --max-size',
    server: poursAfter(of('image/jpeg', Buffer.from('ffd8', 'hex')), Buffer.from('fffe0002', 'hex')),
    ...LIMITED,
  },
  {
    name: 'An SVG of elements without end ends at --max-size',
    server: poursAfter(
      of('image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">')),
      '<g a="b"/>',
    ),
    ...LIMITED,
  },
  {
    name: 'An SVG of elements in elements without end is bounded in memory',
    server: poursAfter(of('image/svg+xml', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">')), '<g>'),
    ...LIMITED,
  },
  {
    name: 'A text without end to standard output ends at --max-size',
    server: poursAfter(of('text/plain'), 'all work and no play\n'),
    args: ['--max-size', '1k'],
    status: 63,
    says: /above the limit of 1024/,
    prints: /^(all work and no play\n)*(all work .*)?$/,
  },
];
