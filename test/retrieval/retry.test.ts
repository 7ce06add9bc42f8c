import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_TABLE, type ErrorCode, SluiceError } from '../../src/errors.js';
import { Fields } from '../../src/http/fields.js';
import type { ResponseHead } from '../../src/http/response-reader.js';
import { isInterruption, retryAfterMs, retryDelay } from '../../src/retrieval/retry.js';

const NOW = Date.UTC(2026, 0, 1);
const POLICY = { retries: 8, delayMs: 500 };

function headOf(status: number, retryAfter?: string): ResponseHead {
  const fields = new Fields();
  if (retryAfter !== undefined) fields.append('Retry-After', retryAfter);
  return {
    httpVersion: '1.1',
    status,
    reason: '',
    fields,
    lines: [],
    headerBytes: 0,
    framing: { kind: 'none' },
  };
}

function delayAfter(code: ErrorCode, retry = 1, head?: ResponseHead, random = 0): number | undefined {
  return retryDelay(retry, POLICY, new SluiceError(code, 'It failed.'), head, NOW, random);
}

describe('retryDelay()', () => {
  const transient: ErrorCode[] = [
    'connection-refused',
    'connection-failed',
    'proxy-failed',
    'timeout-resolve',
    'timeout-connect',
    'timeout-tls',
    'timeout-first-byte',
    'timeout-idle',
    'timeout-speed',
    'send-failed',
    'reply-empty',
    'cut-short',
    'connection-reset',
  ];

  test.each(transient)('tries again after %s', (code) => {
    expect(delayAfter(code)).toBe(500);
  });

  const final = (Object.keys(ERROR_TABLE) as ErrorCode[]).filter((code) => !transient.includes(code));
  test.each(final)('does not try again after %s', (code) => {
    expect(delayAfter(code, 1, headOf(404))).toBeUndefined();
  });

  test.each([408, 425, 429, 500, 502, 503, 504])('tries again after status %i', (status) => {
    expect(delayAfter('http-status', 1, headOf(status))).toBe(500);
  });

  test.each([400, 401, 403, 404, 407, 410, 416, 451, 501, 505])(
    'does not try again after status %i',
    (status) => {
      expect(delayAfter('http-status', 1, headOf(status))).toBeUndefined();
    },
  );

  test('tries a name again only where the name server was silent or failed', () => {
    const unresolved = (code: string) => {
      const cause = Object.assign(new Error(code), { code });
      const error = new SluiceError('name-not-resolved', 'It has no address.', { cause });
      return retryDelay(1, POLICY, error, undefined, NOW, 0);
    };
    expect([unresolved('EAI_AGAIN'), unresolved('ENOTFOUND')]).toEqual([500, undefined]);
  });

  test('doubles the delay for each retry, up to 30 s, and gives up after the last', () => {
    const delays = Array.from({ length: 9 }, (_, i) => delayAfter('cut-short', i + 1));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, undefined]);
  });

  test('leaves up to half of the delay to chance', () => {
    const property = fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (random) => {
      const delay = delayAfter('cut-short', 3, undefined, random)!;
      expect(delay).toBeGreaterThan(1000);
      expect(delay).toBeLessThanOrEqual(2000);
    });
    fc.assert(property);
  });

  test('never comes back before the server asks for it, in seconds or as a date', () => {
    expect(delayAfter('http-status', 1, headOf(503, '7'))).toBe(7000);
    expect(delayAfter('http-status', 1, headOf(429, new Date(NOW + 90_000).toUTCString()))).toBe(90_000);
    expect(delayAfter('http-status', 4, headOf(503, '1'))).toBe(4000);
    expect(delayAfter('http-status', 1, headOf(503, new Date(NOW - 5000).toUTCString()))).toBe(500);
  });

  test('does not wait for a server that asks for more than five minutes', () => {
    expect(delayAfter('http-status', 1, headOf(503, '300'))).toBe(300_000);
    expect(delayAfter('http-status', 1, headOf(503, '301'))).toBeUndefined();
  });

  test('takes any Retry-After: the delay is a number within its bounds, or there is none', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.nat().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    const property = fc.property(text, (text) => {
      const after = retryAfterMs(headOf(503, text), NOW);
      expect(after === undefined || (Number.isFinite(after) && after >= 0)).toBe(true);
      const delay = delayAfter('http-status', 1, headOf(503, text));
      expect(delay === undefined || (delay >= 250 && delay <= 300_000)).toBe(true);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('isInterruption()', () => {
  test('is no failure that says the bytes are wrong', () => {
    const wrong: ErrorCode[] = [
      'too-large',
      'not-an-image',
      'image-incomplete',
      'coding-failed',
      'write-failed',
      'reply-malformed',
    ];
    for (const code of wrong) expect(isInterruption(new SluiceError(code, 'It failed.')), code).toBe(false);
    const right: ErrorCode[] = ['cut-short', 'connection-reset', 'timeout-idle', 'timeout-total', 'aborted'];
    for (const code of right) expect(isInterruption(new SluiceError(code, 'It failed.')), code).toBe(true);
  });
});
