import { describe, expect, test } from 'vitest';
import { type AttemptVerdict, verdictOf } from '../../../src/dataset/schedule/attempt-verdict.js';
import { ERROR_TABLE, type ErrorCode, SluiceError } from '../../../src/errors.js';
import type { Field } from '../../../src/http/fields.js';
import { failureOf } from '../../support/failure.js';
import { rawServer } from '../../support/raw-server.js';
import { retrieve } from '../../support/unguarded.js';

const POLICY = { retries: 2, delayMs: 500 };

/** The verdict on a first attempt that failed with a response of this status. */
async function onStatus(status: number, fields: readonly Field[] = []): Promise<AttemptVerdict> {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const reply = `HTTP/1.1 ${status} Said\r\nContent-Length: 0\r\n${lines}\r\n`;
  const server = await rawServer(async (peer) => {
    await peer.request();
    peer.socket.end(reply);
  });
  return verdictOf(await failureOf(retrieve(server.url())), 1, POLICY, 0, 0);
}

function onCode(code: ErrorCode, cause?: unknown): AttemptVerdict {
  return verdictOf(new SluiceError(code, 'It failed.', { cause }), 1, POLICY, 0, 0);
}

function causeOf(code: string): Error {
  return Object.assign(new Error('It failed.'), { code });
}

describe('verdictOf()', () => {
  test('of a success is an answer, and the row is done with', () => {
    expect(verdictOf(undefined, 1, POLICY)).toEqual({ kind: 'answered', pauseMs: 0, retryMs: undefined });
  });

  test.each([
    [404, 'answered', undefined],
    [403, 'answered', undefined],
    [500, 'answered', 500],
    [429, 'overloaded', 500],
    [503, 'overloaded', 500],
  ] as const)('of status %s is %s', async (status, kind, retryMs) => {
    expect(await onStatus(status)).toEqual({ kind, pauseMs: 0, retryMs });
  });

  test('has the pause that the server asks for, and no retry before it', async () => {
    expect(await onStatus(429, [['Retry-After', '7']])).toEqual({
      kind: 'overloaded',
      pauseMs: 7_000,
      retryMs: 7_000,
    });
    expect(await onStatus(404, [['retry-after', '7']])).toEqual({
      kind: 'answered',
      pauseMs: 7_000,
      retryMs: undefined,
    });
  });

  test('has a longer pause than anybody waits, and then no retry', async () => {
    const verdict = await onStatus(503, [['Retry-After', '3600']]);
    expect(verdict).toEqual({ kind: 'overloaded', pauseMs: 3_600_000, retryMs: undefined });
  });

  test.each([
    ['name-not-resolved', 'ENOTFOUND', 'unresolved'],
    ['name-not-resolved', 'EAI_AGAIN', 'lookup-failed'],
    ['name-not-resolved', 'ESERVFAIL', 'lookup-failed'],
    ['timeout-resolve', undefined, 'lookup-failed'],
    ['connection-refused', 'ECONNREFUSED', 'unreachable'],
    ['timeout-connect', undefined, 'silent'],
    ['timeout-first-byte', undefined, 'silent'],
    ['timeout-total', undefined, 'silent'],
    ['timeout-idle', undefined, 'stalled'],
    ['connection-reset', 'ECONNRESET', 'broken'],
    ['not-an-image', undefined, 'answered'],
    ['too-large', undefined, 'answered'],
    ['write-failed', 'ENOSPC', 'unasked'],
    ['aborted', undefined, 'unasked'],
  ] as const)('of %s by %s is %s', (code, system, kind) => {
    expect(onCode(code, system === undefined ? undefined : causeOf(system)).kind).toBe(kind);
  });

  test('tells a total that ran out before any response from one that ran out in the body', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf';
    const server = await rawServer(async (peer) => {
      await peer.request();
      peer.socket.write(head);
    });
    const failure = await failureOf(retrieve(server.url(), { timeouts: { total: 100 } }));
    expect([failure.code, verdictOf(failure, 1, POLICY).kind]).toEqual(['timeout-total', 'stalled']);
  });

  test('lets each attempt be the last that the policy says', () => {
    const error = new SluiceError('connection-reset', 'It failed.');
    const retries = [1, 2, 3].map((attempt) => verdictOf(error, attempt, POLICY, 0, 0).retryMs);
    expect(retries).toEqual([500, 1_000, undefined]);
  });

  test('is there for every code', () => {
    for (const code of Object.keys(ERROR_TABLE) as ErrorCode[])
      expect(onCode(code).kind).toBeTypeOf('string');
  });
});
