import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TraceEvent } from '../../src/flow/trace.js';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { jpegOf } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { redirect, reply, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get } from './support/command.js';
import { jsonLines, ONE_SENTENCE } from './support/printed.js';

const COUNT = expect.toSatisfy((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a count');
const MS = expect.toSatisfy((value) => Number.isFinite(value) && Number(value) >= 0, 'milliseconds');
const RECEIVES = { count: COUNT, min: COUNT, max: COUNT, full: COUNT };
const TIMING = { resolve: MS, connect: MS, tls: MS, firstByte: MS, total: MS };
const FLOW = {
  limit: expect.stringMatching(/^(receiver|sender|unknown)$/),
  pausedMs: MS,
  waitingMs: MS,
  receivingMs: MS,
  kernelQueueMax: expect.toSatisfy((value) => value === null || Number.isSafeInteger(value), 'bytes or null'),
  evidence: expect.stringMatching(/^[A-Z].*\.$/),
};

const JPEG = jpegOf(40_000);
const FIELDS: [string, string][] = [
  ['X-Twice', 'one'],
  ['x-twice', 'two'],
  ['Content-Length', '40000'],
];

test('get --json prints the receipt: every field of a retrieval that succeeded', async () => {
  const folder = scratchDirectory();
  const answer = typed(JPEG, 'image/jpeg', FIELDS.slice(0, 2));
  const server = await rawServer(
    answering((request) => (request.startsWith('GET /moved ') ? redirect('/cover.jpg') : answer)),
  );
  const from = server.url('/moved');
  const { status, stdout, stderr } = await get([from, '--json', '--recv-size', '5120'], { cwd: folder });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.toString().split('\n')).toHaveLength(2);
  const [receipt] = jsonLines<Receipt>(stdout);
  expect(receipt).toEqual({
    url: from,
    finalUrl: server.url('/cover.jpg'),
    status: 200,
    httpVersion: '1.1',
    headerBytes: answer.indexOf('\r\n\r\n'),
    fields: [['Content-Type', 'image/jpeg'], ...FIELDS],
    contentType: 'image/jpeg',
    mediaType: 'image/jpeg',
    width: 70,
    height: 46,
    wireBytes: answer.length,
    bodyBytes: 40_000,
    sha256: createHash('sha256').update(JPEG).digest('hex'),
    file: 'cover.jpg',
    hops: 1,
    attempts: 1,
    resumedFrom: 0,
    address: '127.0.0.1',
    proxy: null,
    receives: RECEIVES,
    timing: TIMING,
    flow: FLOW,
  });
  const { receives, timing, flow } = receipt!;
  expect(receives.count).toBeGreaterThanOrEqual(answer.length / 5120);
  expect(receives.full).toBeLessThanOrEqual(receives.count);
  expect(receives.min).toBeLessThanOrEqual(receives.max);
  expect(receives.max).toBeLessThanOrEqual(5120);
  expect(flow.pausedMs + flow.waitingMs + flow.receivingMs).toBeLessThanOrEqual(timing.total);
});

test('get --json prints the receipt of a failure too: what was learnt, and the error', async () => {
  const server = await rawServer(answering(reply('gone', { status: '410 Gone' })));
  const { status, stdout, stderr } = await get([server.url('/cover.jpg'), '--json']);
  expect(status).toBe(22);
  expect(stderr).toMatch(ONE_SENTENCE);
  const message = stderr.slice('sluice: '.length, -1);
  expect(jsonLines<Receipt>(stdout)).toEqual([
    expect.objectContaining({
      url: server.url('/cover.jpg'),
      status: 410,
      fields: [['Content-Length', '4']],
      contentType: null,
      mediaType: null,
      sha256: null,
      file: null,
      error: { code: 'http-status', phase: 'receive', exitCode: 22, message },
      receives: RECEIVES,
      timing: TIMING,
      flow: FLOW,
    }),
  ]);
});

test('get --json prints the receipt of a retrieval that never reached a server', async () => {
  const { status, stdout } = await get(['http://no..such/', '--json']);
  expect(status).toBe(6);
  expect(jsonLines<Receipt>(stdout)).toEqual([
    expect.objectContaining({
      url: 'http://no..such/',
      status: null,
      httpVersion: null,
      address: null,
      attempts: 0,
      resumedFrom: 0,
      wireBytes: 0,
      error: expect.objectContaining({ code: 'name-not-resolved', phase: 'resolve', exitCode: 6 }),
      receives: { count: 0, min: 0, max: 0, full: 0 },
    }),
  ]);
});

test('get --json --trace prints each event as a line of JSON, and the receipt last', async () => {
  const folder = scratchDirectory();
  const server = await rawServer(answering(typed(JPEG, 'image/jpeg')));
  const args = [server.url('/cover.jpg'), '--json', '--trace', '--recv-size', '5120', '--delay', '0.002'];
  const { status, stdout, stderr } = await get(args, { cwd: folder });
  expect([status, stderr]).toEqual([0, '']);
  const lines = jsonLines<TraceEvent | Receipt>(stdout);
  const receipt = lines.pop() as Receipt;
  const events = lines as TraceEvent[];
  expect(receipt).toMatchObject({ status: 200, bodyBytes: 40_000, file: 'cover.jpg' });
  const types = events.map(({ type }) => type);
  // The rest depends on when the kernel's queue was looked at.
  for (const type of ['dimensions', 'stop', 'resume'] as const) expect(types).toContain(type);
  expect(types.slice(0, 3)).toEqual(['resolved', 'connected', 'request']);
  expect(types.filter((type) => type === 'head')).toHaveLength(1);
  expect(types.at(-1)).toBe('end');
  const receives = events.flatMap((event) => (event.type === 'receive' ? [event] : []));
  expect(receives).toHaveLength(receipt.receives.count);
  expect(receives.reduce((sum, { length }) => sum + length, 0)).toBe(receipt.wireBytes);
  const times = events.map(({ at }) => at);
  expect(times.every((at) => at >= 0 && at <= receipt.timing.total)).toBe(true);
});

test('get --json saves a text as well: standard output is the receipt alone', async () => {
  const folder = scratchDirectory();
  const server = await rawServer(answering(typed('a text', 'text/plain')));
  const { status, stdout } = await get([server.url('/romeo.txt'), '--json', '-d', 'texts'], { cwd: folder });
  expect(status).toBe(0);
  const file = join('texts', 'romeo.txt');
  expect(jsonLines<Receipt>(stdout)).toEqual([
    expect.objectContaining({ file, mediaType: null, width: null }),
  ]);
});
