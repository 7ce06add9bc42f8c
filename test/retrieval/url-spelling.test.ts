import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { originOf } from '../../src/connection/origin.js';
import { SluiceError } from '../../src/errors.js';
import { Fields } from '../../src/http/fields.js';
import type { ResponseHead } from '../../src/http/response-reader.js';
import { maskUserinfo, withoutUserinfo } from '../../src/retrieval/credentials.js';
import { redirectTarget } from '../../src/retrieval/redirect.js';
import { parseUrl, requestText, userFields } from '../../src/retrieval/request.js';

const RUNS = { numRuns: 3000 };
const SECRET = 'hunter2';
const LATIN_1 = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** What URLs are made of, in any order, and anything between. */
const spelling = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['http:', 'https:', 'HTTP:', 'file:', 'javascript:', 'data:', 'ftp:', '//', '/', '\\', '\\\\'],
        ...[
          '127.0.0.1',
          '2130706433',
          '0x7f.1',
          '0177.0.0.1',
          '[::1]',
          '[::ffff:127.0.0.1]',
          '[fe80::1%25lo]',
        ],
        ...['h', 'h.test', 'xn--a', '\u0131', '%68', '.', '..', '%2e', '%2f', '%00', '%0d%0a', '%zz'],
        ...[':', ':80', ':0', ':65536', ':-1', '@', `me:${SECRET}@`, `:${SECRET}@`, '?', '#', '&', ';', '='],
        ...[' ', '\t', '\r\n', '\0', 'HTTP/1.1', 'Host: evil', '\u202e', '\u3002', '\uff0f', '\ud800'],
      ),
      fc.string({ unit: fc.constantFrom(...LATIN_1), maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** What `work` throws, which may only be a `SluiceError` of one of these codes; undefined where it gives something. */
function failureOf(work: () => unknown, ...codes: readonly string[]): SluiceError | undefined {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SluiceError) || !codes.includes(error.code)) throw error;
    return error;
  }
  return undefined;
}

function redirectTo(location: string): ResponseHead {
  const fields = new Fields();
  fields.append('Location', location);
  return {
    httpVersion: '1.1',
    status: 302,
    reason: 'Found',
    fields,
    lines: [],
    headerBytes: 0,
    framing: { kind: 'none' },
  };
}

/** Expects that a request for `url` is one request, for the host that is connected to. */
function expectOneRequest(url: URL): void {
  const origin = originOf(url);
  const [first, host, ...others] = requestText(url, origin, [], '1.1').split('\r\n');
  expect(first).toMatch(/^GET \/[\x21-\x7e]* HTTP\/1\.1$/);
  const port = url.port === '' ? '' : `:${url.port}`;
  expect(host).toBe(`Host: ${url.hostname}${port}`);
  expect(others.map((line) => line.split(':')[0])).toEqual([
    'User-Agent',
    'Accept',
    'Accept-Encoding',
    '',
    '',
  ]);
}

describe('A URL, however it is spelled,', () => {
  test('is refused, or asked for by one request to the host that is connected to', () => {
    const property = fc.property(spelling, (text) => {
      let url: URL | undefined;
      const refused = failureOf(
        () => {
          const parsed = parseUrl(text);
          originOf(parsed);
          url = parsed;
        },
        'url-malformed',
        'scheme-unsupported',
      );
      if (refused === undefined) expectOneRequest(url!);
    });
    fc.assert(property, RUNS);
  });

  test('tells no password where it is refused or shown', () => {
    const property = fc.property(fc.constantFrom('http', 'https'), spelling, (scheme, rest) => {
      const text = `${scheme}://me:${SECRET}@${rest}`;
      expect(maskUserinfo(text).startsWith(`${scheme}://***@`)).toBe(true);
      const refused = failureOf(() => {
        const url = parseUrl(text);
        const shown = new URL(withoutUserinfo(url));
        expect([shown.username, shown.password]).toEqual(['', '']);
        userFields(url, { fields: undefined, user: undefined });
      }, 'url-malformed');
      expect(refused?.message ?? '').not.toMatch(/^"https?:\/\/me:/);
    });
    fc.assert(property, RUNS);
  });
});

describe('A Location, whatever it holds,', () => {
  test('is refused, or leads to http or https by one request, and inherits no password from elsewhere', () => {
    const from = new URL('http://first.test/a/b.jpg#part');
    const property = fc.property(spelling, (text) => {
      const location = Buffer.from(text).toString('latin1');
      let to: URL | undefined;
      const refused = failureOf(
        () => {
          to = redirectTarget(from, redirectTo(location));
        },
        'redirect-refused',
        'scheme-unsupported',
      );
      if (refused !== undefined) {
        expect(refused.message).toMatch(
          /^The redirect from http:\/\/first\.test\/a\/b\.jpg#part leads to [\x20-\x7e]{1,220}\.$/,
        );
        return;
      }
      expect(to!.protocol).toMatch(/^https?:$/);
      expectOneRequest(to!);
    });
    fc.assert(property, RUNS);
  });
});
