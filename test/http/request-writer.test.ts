import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/errors.js';
import type { Field } from '../../src/http/fields.js';
import { type Request, writeRequest } from '../../src/http/request-writer.js';

const GET: Request = { method: 'GET', target: '/', httpVersion: '1.1', fields: [] };

/** Text in which what could begin another line is frequent: also characters whose low byte is CR or LF. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\0',
      ' ',
      '\t',
      ':',
      '\x0b',
      '\x7f',
      '\x85',
      '\u010a',
      '\u560d',
      '\u560a',
      '\u2028',
    ),
    fc.constantFrom('a', 'B', '/', '-', '\xe9', '\ud83d'),
  ),
  maxLength: 8,
});
const token = fc.string({ unit: fc.constantFrom(..."xyzXYZ09-_!#$%&'*+.^`|~"), minLength: 1, maxLength: 10 });

function writeOrError(request: Request): string | SluiceError {
  try {
    return writeRequest(request);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
}

describe('writeRequest', () => {
  it('writes a request line, the fields in their order, and an empty line', () => {
    const fields: Field[] = [
      ['Host', 'example.test'],
      ['X-Empty', ''],
      ['x-name', 'caf\xe9\t1'],
    ];
    expect(writeRequest({ method: 'HEAD', target: '/a?b#c', httpVersion: '1.0', fields })).toBe(
      'HEAD /a?b#c HTTP/1.0\r\nHost: example.test\r\nX-Empty: \r\nx-name: caf\xe9\t1\r\n\r\n',
    );
  });

  it.each(['', '/a b', '/a\r\nX: y', '/a\n', '/a\0', '/\xe9', '/\u560a', '/a\x7f', '\t/'])(
    'refuses the target %j as url-malformed',
    (target) => {
      expect(writeOrError({ ...GET, target })).toMatchObject({ code: 'url-malformed' });
    },
  );

  it.each(['', 'a b', 'a:', 'a\r\nb', 'a\n', '\0', 'caf\xe9', '\u010a', 'a(b)', ' a'])(
    'refuses the field name %j as option-invalid',
    (name) => {
      expect(writeOrError({ ...GET, fields: [[name, 'x']] })).toMatchObject({ code: 'option-invalid' });
    },
  );

  it.each(['a\r\nX: y', '\r', '\n', 'a\0', '\x0b', '\x7f', '\u010d', '\u560a', '\u20ac', '\ud83d\ude00'])(
    'refuses the field value %j as option-invalid',
    (value) => {
      expect(writeOrError({ ...GET, fields: [['X', value]] })).toMatchObject({ code: 'option-invalid' });
    },
  );

  it('writes no line that was not asked for, whatever the target and the fields hold', () => {
    const name = fc.oneof(token, hostile);
    fc.assert(
      fc.property(hostile, fc.array(fc.tuple(name, hostile), { maxLength: 3 }), (target, fields) => {
        const text = writeOrError({ ...GET, target: `/${target}`, fields });
        if (text instanceof SluiceError) {
          expect(['url-malformed', 'option-invalid']).toContain(text.code);
          return;
        }
        const lines = Buffer.from(text, 'latin1').toString('latin1').split('\r\n');
        expect(lines).toEqual([
          `GET /${target} HTTP/1.1`,
          ...fields.map(([n, value]) => `${n}: ${value}`),
          '',
          '',
        ]);
        expect(lines.join('')).not.toMatch(/[\r\n\0]/);
      }),
      { numRuns: 3000 },
    );
  });
});

interface Read {
  method: string | undefined;
  url: string | undefined;
  httpVersion: string;
  rawHeaders: string[];
}

describe("writeRequest and Node's server", () => {
  const server = createServer({ requireHostHeader: false });
  afterAll(() => server.close());

  /** What Node's parser makes of the bytes, as one list: more than one request would be an injection. */
  async function parse(text: string): Promise<Read[]> {
    const read: Read[] = [];
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    server.on('request', (request, response) => {
      const { method, url, httpVersion, rawHeaders } = request;
      read.push({ method, url, httpVersion, rawHeaders });
      response.end();
    });
    server.on('clientError', (error) => {
      throw error;
    });
    server.emit('connection', socket);
    socket.push(Buffer.from(text, 'latin1'));
    await new Promise((resolve) => setImmediate(resolve));
    server.removeAllListeners('request').removeAllListeners('clientError');
    socket.destroy();
    return read;
  }

  it('agree on the method, the target, the version and every field', async () => {
    const visible = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i));
    const latin1 = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).filter((c) =>
      /[\t\x20-\x7e\x80-\xff]/.test(c),
    );
    const request = fc.record<Request>({
      method: fc.constantFrom('GET', 'HEAD'),
      target: fc.string({ unit: fc.constantFrom(...visible), maxLength: 20 }).map((rest) => `/${rest}`),
      httpVersion: fc.constantFrom('1.0', '1.1'),
      fields: fc.array(
        fc.tuple(
          token.map((name) => `X-${name}`),
          fc.string({ unit: fc.constantFrom(...latin1), maxLength: 20 }),
        ),
        { maxLength: 6 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(request, async (one) => {
        const trimmed = one.fields.flatMap(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, '')]);
        expect(await parse(writeRequest(one))).toEqual([
          { method: one.method, url: one.target, httpVersion: one.httpVersion, rawHeaders: trimmed },
        ]);
      }),
      { numRuns: 500 },
    );
  });
});
