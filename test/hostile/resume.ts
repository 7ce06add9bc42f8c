/** Servers that lie when they are asked to go on where an attempt ended, and the files that stay between two runs. */

import { gzipSync } from 'node:zlib';
import { jpegOf } from '../support/pictures.js';
import { head } from '../support/replies.js';
import { closesAfter, HONEST, inTurn, PICTURE } from './acts.js';
import type { Scenario } from './scenario.js';

type Fields = readonly (readonly [string, string])[];

const STRONG: Fields = [['ETag', '"v1"']];
/** Of another version. */
const OTHER = jpegOf(31_000);
const ARGS = ['--retry', '3', '--retry-delay', '0.05'];
/** So much comes before it is cut. */
const CAME = 10_000;

function reply(status: string, body: Buffer, fields: Fields): Buffer {
  const start = head({ status, fields: [['Content-Type', 'image/jpeg'], ...fields] });
  return Buffer.concat([Buffer.from(start, 'latin1'), body]);
}

/** The first `came` bytes of `body`, which was announced whole. */
function cut(body: Buffer, came: number, fields: Fields): Buffer {
  return reply('200 OK', body.subarray(0, came), [['Content-Length', String(body.length)], ...fields]);
}

function whole(body: Buffer, fields: Fields = []): Buffer {
  return cut(body, body.length, fields);
}

/** 206 with `body`, which is said to be `range`. */
function part(body: Buffer, range: string, fields: Fields = STRONG): Buffer {
  return reply('206 Partial Content', body, [
    ['Content-Range', range],
    ['Content-Length', String(body.length)],
    ...fields,
  ]);
}

const REST = PICTURE.subarray(CAME);
const GOES_ON = /^GET \/cover\.jpg (?=.*\nRange: bytes=10000-\r\n)(?=.*\nIf-Range: "v1"\r\n)/is;
const FROM_THE_START = /^(?!.*\n(range|if-range):)GET \/cover\.jpg /is;

/** A second answer that does not fit what came: the whole is asked for again. */
const MISFITS: readonly [what: string, answer: Buffer][] = [
  ['with another start', part(PICTURE, 'bytes 0-29999/30000')],
  ['with a start beyond what came', part(PICTURE.subarray(CAME + 1), 'bytes 10001-29999/30000')],
  ['with another total', part(REST, 'bytes 10000-29999/30001')],
  ['with an end beyond its total', part(REST, 'bytes 10000-39999/30000')],
  ['with an end before its start', part(REST, 'bytes 10000-9999/30000')],
  ['with another validator', part(REST, 'bytes 10000-29999/30000', [['ETag', '"v2"']])],
  [
    'with a length that its range does not have',
    part(Buffer.concat([REST, REST]), 'bytes 10000-29999/30000'),
  ],
  ['without a range', reply('206 Partial Content', REST, [['Content-Length', '20000'], ...STRONG])],
  ['with a range of nonsense', part(REST, 'bytes ten thousand-/30000')],
  ['with a range of another unit', part(REST, 'lines 10000-29999/30000')],
  ['with numbers beyond 2^53', part(REST, 'bytes 10000-9007199254740993/9007199254740994')],
  [
    'with several ranges',
    reply('206 Partial Content', Buffer.from('--x\r\n\r\n--x--\r\n'), [
      ['Content-Type', 'multipart/byteranges; boundary=x'],
      ['Content-Length', '14'],
    ]),
  ],
  [
    'in another coding',
    part(gzipSync(REST), `bytes 10000-29999/30000`, [...STRONG, ['Content-Encoding', 'gzip']]),
  ],
];

const RESUMED = { args: ARGS, status: 0, leaves: { 'cover.jpg': PICTURE } } as const;
const LONG_AGO: Fields = [
  ['Date', 'Mon, 07 Nov 1994 08:49:37 GMT'],
  ['Last-Modified', 'Sun, 06 Nov 1994 08:49:37 GMT'],
];
const JUST_NOW: Fields = [
  ['Date', 'Sun, 06 Nov 1994 08:49:37 GMT'],
  ['Last-Modified', 'Sun, 06 Nov 1994 08:49:00 GMT'],
];
const LARGE = jpegOf(3_000_000);
const LARGE_CAME = 2_000_000;

export const RESUME: readonly Scenario[] = [
  {
    name: 'A picture that is cut twice is gone on with, and is the whole one byte for byte',
    server: inTurn(
      closesAfter(cut(PICTURE, CAME, STRONG)),
      closesAfter(part(REST, 'bytes 10000-29999/30000').subarray(0, -5_000)),
      closesAfter(part(PICTURE.subarray(-5_000), 'bytes 25000-29999/30000')),
    ),
    ...RESUMED,
    asked: [FROM_THE_START, GOES_ON, /\nRange: bytes=25000-\r\n/i],
  },
  ...MISFITS.map(
    ([what, answer]): Scenario => ({
      name: `A 206 ${what} does not fit: the whole is asked for again`,
      server: inTurn(
        closesAfter(cut(PICTURE, CAME, STRONG)),
        closesAfter(answer),
        closesAfter(whole(PICTURE, STRONG)),
      ),
      ...RESUMED,
      asked: [FROM_THE_START, GOES_ON, FROM_THE_START],
    }),
  ),
  {
    name: 'A 200 in place of a 206 is the whole of another version',
    server: inTurn(closesAfter(cut(PICTURE, CAME, STRONG)), closesAfter(whole(OTHER, [['ETag', '"v2"']]))),
    args: ARGS,
    status: 0,
    leaves: { 'cover.jpg': OTHER },
    asked: [FROM_THE_START, GOES_ON],
  },
  {
    name: 'A 416 at the full size says that all had come',
    server: inTurn(
      closesAfter(
        Buffer.concat([
          reply('200 OK', Buffer.from('7530\r\n'), [['Transfer-Encoding', 'chunked'], ...STRONG]),
          PICTURE,
          Buffer.from('\r\n'),
        ]),
      ),
      closesAfter(
        reply('416 Range Not Satisfiable', Buffer.alloc(0), [
          ['Content-Range', 'bytes */30000'],
          ['Content-Length', '0'],
        ]),
      ),
    ),
    ...RESUMED,
    asked: [FROM_THE_START, /\nRange: bytes=30000-\r\n/i],
  },
  {
    name: 'A 416 at another size is asked for the whole again',
    server: inTurn(
      closesAfter(cut(PICTURE, CAME, STRONG)),
      closesAfter(
        reply('416 Range Not Satisfiable', Buffer.alloc(0), [
          ['Content-Range', 'bytes */5000'],
          ['Content-Length', '0'],
        ]),
      ),
      closesAfter(whole(PICTURE, STRONG)),
    ),
    ...RESUMED,
    asked: [FROM_THE_START, GOES_ON, FROM_THE_START],
  },
  {
    name: 'A weak validator is no promise of the same bytes: it starts over',
    server: inTurn(closesAfter(cut(PICTURE, CAME, [['ETag', 'W/"v1"']])), closesAfter(whole(PICTURE))),
    ...RESUMED,
    asked: [FROM_THE_START, FROM_THE_START],
  },
  {
    name: 'A date of change long before the answer is a strong validator',
    server: inTurn(
      closesAfter(cut(PICTURE, CAME, LONG_AGO)),
      closesAfter(part(REST, 'bytes 10000-29999/30000', LONG_AGO)),
    ),
    ...RESUMED,
    asked: [
      FROM_THE_START,
      /(?=.*\nRange: bytes=10000-\r\n)(?=.*\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n)/is,
    ],
  },
  {
    name: 'A date of change just before the answer is none: it starts over',
    server: inTurn(closesAfter(cut(PICTURE, CAME, JUST_NOW)), closesAfter(whole(PICTURE))),
    ...RESUMED,
    asked: [FROM_THE_START, FROM_THE_START],
  },
  {
    name: 'A validator that would write a line of the request is not sent on',
    server: inTurn(closesAfter(cut(PICTURE, CAME, [['ETag', '"v1\x0b\x1b"']])), closesAfter(whole(PICTURE))),
    ...RESUMED,
  },
  {
    name: 'A large part that can be gone on with stays, and the sentence says how',
    server: closesAfter(cut(LARGE, LARGE_CAME, STRONG)),
    status: 18,
    says: /-C/,
    leaves: { 'cover.jpg.part': LARGE.subarray(0, LARGE_CAME), 'cover.jpg.part.json': /"v1/ },
  },
  {
    name: 'A large part that can never be gone on with does not stay',
    server: closesAfter(cut(LARGE, LARGE_CAME, [['ETag', 'W/"v1"']])),
    status: 18,
    says: /of the body, of 3000000/,
  },
  {
    name: 'A small part does not stay',
    server: closesAfter(cut(PICTURE, CAME, STRONG)),
    status: 18,
    says: /of the body, of 30000/,
  },
  ...(
    [
      ['without a record', {}],
      ['with a record of nonsense', { 'cover.jpg.part.json': '{"url":' }],
      ['with an empty record', { 'cover.jpg.part.json': '{}' }],
      [
        'with a record of other types',
        { 'cover.jpg.part.json': '{"url":{},"validator":[1],"etag":{},"bytes":-1}' },
      ],
    ] as const
  ).map(
    ([what, record]): Scenario => ({
      name: `With -C a part ${what} is not gone on with`,
      server: closesAfter(HONEST),
      args: ['-C', '-o', 'cover.jpg'],
      before: { 'cover.jpg.part': 'of another body', ...record },
      removes: ['cover.jpg.part', ...Object.keys(record)],
      status: 0,
      leaves: { 'cover.jpg': PICTURE },
      asked: [FROM_THE_START],
    }),
  ),
  {
    name: 'With -C a link in the place of the part is replaced, not followed',
    server: closesAfter(whole(PICTURE, STRONG)),
    args: ['-C', '-o', 'cover.jpg'],
    before: { 'cover.jpg.part': { link: '../outside/precious' } },
    removes: ['cover.jpg.part'],
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'With -C a link in the place of the record is replaced, not followed',
    server: closesAfter(whole(PICTURE, STRONG)),
    args: ['-C', '-o', 'cover.jpg'],
    before: { 'cover.jpg.part.json': { link: '../outside/precious' } },
    removes: ['cover.jpg.part.json'],
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A part of a body that nobody asked for is not the whole of it',
    server: closesAfter(part(PICTURE, 'bytes 100-30099/40000')),
    status: 8,
    says: /sent a part \(status 206\)/,
  },
];
