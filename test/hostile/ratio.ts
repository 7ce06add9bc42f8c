/** Bombs that no option was set against: `--max-ratio` has a default. */

import { gzipSync } from 'node:zlib';
import { typed } from '../support/replies.js';
import { closesAfter, PICTURE, stallsAfter } from './acts.js';
import { brotliBomb, gzipBomb, nestedGzipBomb } from './bombs.js';
import type { Scenario } from './scenario.js';

function coded(bytes: Buffer, coding: string, contentType = 'application/octet-stream'): Buffer {
  return typed(bytes, contentType, [['Content-Encoding', coding]]);
}

const REFUSED = { status: 63, says: /above the limit of 100 for one/ } as const;
const EIGHT_MIB = Buffer.alloc(8 * 1024 * 1024);

export const RATIO: readonly Scenario[] = [
  {
    name: 'A gzip bomb of 1 GB ends by its ratio',
    server: stallsAfter(coded(gzipBomb(), 'gzip')),
    ...REFUSED,
  },
  {
    name: 'A gzip bomb behind a whole picture ends by its ratio',
    server: stallsAfter(coded(gzipBomb(PICTURE), 'gzip', 'image/jpeg')),
    ...REFUSED,
  },
  {
    name: 'A gzip bomb of 100 GB in two layers ends by its ratio',
    server: stallsAfter(coded(nestedGzipBomb(), 'gzip, gzip')),
    ...REFUSED,
  },
  {
    name: 'A Brotli bomb of 1 GB ends by its ratio',
    server: async (peer, index) => stallsAfter(coded(await brotliBomb(), 'br'))(peer, index),
    ...REFUSED,
  },
  {
    name: 'A gzip bomb ends by another ratio that is asked for',
    server: stallsAfter(coded(gzipBomb(), 'gzip')),
    args: ['--max-ratio', '1000'],
    status: 63,
    says: /above the limit of 1000 for one/,
  },
  {
    name: 'Below 16 MiB a ratio says nothing: 8 MiB of zeros are whole',
    server: closesAfter(coded(gzipSync(EIGHT_MIB), 'gzip')),
    status: 0,
    leaves: { 'cover.jpg': EIGHT_MIB },
  },
];
