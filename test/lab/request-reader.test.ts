import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HEAD_BYTES, type Request, RequestReader, RequestRefused } from '../../src/lab/request-reader.js';

function read(...chunks: string[]): Request | undefined {
  const reader = new RequestReader();
  for (const chunk of chunks) reader.push(Buffer.from(chunk, 'latin1'));
  return reader.next();
}

function statusFor(text: string): number | undefined {
  try {
    read(text);
    return undefined;
  } catch (error) {
    if (error instanceof RequestRefused) return error.status;
    throw error;
  }
}

describe('RequestReader', () => {
  it('next() gives method, path, version and fields', () => {
    const request = read('GET /a%20b?x=1 HTTP/1.0\r\nUser-Agent:  me \r\n\r\n');
    expect(request).toMatchObject({ method: 'GET', path: '/a%20b', httpVersion: '1.0' });
    expect(request?.fields.toArray()).toEqual([['User-Agent', 'me']]);
  });

  it.each([
    ['empty lines come before it', '\r\n\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n', '/a'],
    ['lone LFs end its lines', 'GET /a HTTP/1.1\nHost: h\n\n', '/a'],
    ['its target is a whole URL', 'GET http://h:80/a?b HTTP/1.1\r\nHost: h\r\n\r\n', '/a'],
    ['its target is a URL without a path', 'GET http://h HTTP/1.1\r\nHost: h\r\n\r\n', '/'],
    ['it announces a body of no bytes', 'GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n', '/a'],
    ['its minor version is higher than ours', 'HEAD /a HTTP/1.2\r\nHost: h\r\n\r\n', '/a'],
  ])('next() takes a request though %s', (_, text, path) => {
    expect(read(text)?.path).toBe(path);
  });

  it.each([
    [400, 'an HTTP/0.9 request line', 'GET /\r\n\r\n'],
    [400, 'two spaces in the request line', 'GET  / HTTP/1.1\r\nHost: h\r\n\r\n'],
    [400, 'a method that is no token', 'G{T / HTTP/1.1\r\nHost: h\r\n\r\n'],
    [400, 'a target that is no path', 'GET a HTTP/1.1\r\nHost: h\r\n\r\n'],
    [400, 'no Host in HTTP/1.1', 'GET / HTTP/1.1\r\n\r\n'],
    [400, 'two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    [400, 'a field line without a colon', 'GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n'],
    [400, 'white space before the colon', 'GET / HTTP/1.1\r\nHost : h\r\n\r\n'],
    [400, 'NUL in a value', 'GET / HTTP/1.1\r\nHost: h\0\r\n\r\n'],
    [400, 'a lone CR in a value', 'GET / HTTP/1.1\r\nHost: h\rx\r\n\r\n'],
    [400, 'a body by length', 'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc'],
    [400, 'a body by chunks', 'GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [501, 'a method other than GET and HEAD', 'POST / HTTP/1.1\r\nHost: h\r\n\r\n'],
    [505, 'HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [431, 'a head without end', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(MAX_HEAD_BYTES)}`],
  ])('next() refuses with %d %s', (status, _, text) => {
    expect(statusFor(text)).toBe(status);
  });

  it('next() takes a head of exactly the limit and refuses one byte more', () => {
    const head = (bytes: number) => {
      const rest = 'GET / HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n';
      return rest.replace('X: ', `X: ${'x'.repeat(bytes - rest.length)}`);
    };
    expect(read(head(MAX_HEAD_BYTES))?.path).toBe('/');
    expect(statusFor(head(MAX_HEAD_BYTES + 1))).toBe(431);
  });

  it('next() gives the same requests, in order, however their bytes are split', () => {
    const text =
      '\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\nHEAD /b HTTP/1.0\nX: y\n\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n';
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 })), (cuts) => {
        const reader = new RequestReader();
        const paths: string[] = [];
        const ends = [...cuts.sort((a, b) => a - b), text.length];
        let from = 0;
        for (const end of ends) {
          reader.push(Buffer.from(text.slice(from, end), 'latin1'));
          from = end;
          for (let request = reader.next(); request !== undefined; request = reader.next())
            paths.push(request.path);
        }
        expect(paths).toEqual(['/a', '/b', '/c']);
      }),
    );
  });
});
