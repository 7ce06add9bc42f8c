import { readFileSync } from 'node:fs';
import type { Lookup } from '../../src/index.js';
import { addressFor, originOfTurn, type Work } from './origins.js';
import { inLoops, ON_LOOPBACK, readWork } from './work.js';

const work = readWork<Work>();
const { retrieve }: typeof import('../../src/index.js') = await import(work.module);

const ca = readFileSync(work.ca, 'utf8');
const lookup: Lookup = async (host) => [{ address: addressFor(host), family: 4 }];
const path = `${work.path}?sluice`;

await inLoops(work.connections, work.origins * work.times, async (turn) => {
  await retrieve(originOfTurn(turn, work) + path, { ...ON_LOOPBACK, to: 'bytes', ca, lookup });
});
