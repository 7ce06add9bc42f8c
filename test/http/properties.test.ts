import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Field } from '../../src/http/fields.js';
import type { Framing } from '../../src/http/framing.js';
import { anyReply } from './arbitrary-replies.js';
import { cutAt, cutEvery, replay, type Told, type ToldHead } from './replay.js';

const RUNS = { numRuns: 400 };

const charactersOf = (ranges: [from: number, to: number][]) =>
  fc.constantFrom(
    ...ranges.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i)),
    ),
  );
const latin1 = (maxLength: number) => fc.string({ unit: charactersOf([[0, 255]]), maxLength });
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

const FRAMING_FIELDS = ['content-length', 'transfer-encoding', 'connection'];
const name = fc
  .string({ unit: fc.constantFrom(..."abcXYZ019!#$%&'*+-.^_`|~"), minLength: 1, maxLength: 12 })
  .filter((text) => !FRAMING_FIELDS.includes(text.toLowerCase()));
const value = fc
  .string({
    unit: charactersOf([
      [0x09, 0x09],
      [0x20, 0x7e],
      [0x80, 0xff],
    ]),
    maxLength: 20,
  })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const fields = fc.array(fc.tuple(name, value), { maxLength: 5 });
const reason = fc.string({ unit: charactersOf([[0x20, 0x7e]]), maxLength: 12 });

/** A head's text up to its empty line, and what must be told of it. */
function headOf(status: number, reasonText: string, list: Field[], framing: Framing): [string, ToldHead] {
  const lines = [`HTTP/1.1 ${status} ${reasonText}`, ...list.map(([n, v]) => `${n}: ${v}`)].join('\r\n');
  return [
    `${lines}\r\n\r\n`,
    { httpVersion: '1.1', status, reason: reasonText, framing, headerBytes: lines.length, fields: list },
  ];
}

interface Valid {
  readonly bytes: Buffer;
  readonly told: Told;
}

const body = fc.oneof(
  fc.record({ kind: fc.constant('length' as const), pieces: fc.array(latin1(40), { maxLength: 1 }) }),
  fc.record({ kind: fc.constant('close' as const), pieces: fc.array(latin1(40), { maxLength: 1 }) }),
  fc.record({ kind: fc.constant('chunked' as const), pieces: fc.array(latin1(40), { maxLength: 5 }) }),
);
const validReply: fc.Arbitrary<Valid> = fc
  .record({
    interims: fc.array(fc.record({ status: fc.constantFrom(100, 102, 103, 199), fields }), { maxLength: 3 }),
    status: fc.integer({ min: 200, max: 999 }).filter((n) => n !== 204 && n !== 304),
    reason,
    before: fields,
    after: fields,
    trailers: fields,
    body,
  })
  .map((parts) => {
    const { kind } = parts.body;
    const pieces = parts.body.pieces.filter((piece) => piece !== '');
    const text = pieces.join('');
    const own: Record<typeof kind, Field[]> = {
      length: [['Content-Length', String(text.length)]],
      chunked: [['Transfer-Encoding', 'chunked']],
      close: [],
    };
    const framing: Framing = kind === 'length' ? { kind, length: text.length } : { kind };
    const interims = parts.interims.map((one) => headOf(one.status, '', one.fields, { kind: 'none' }));
    const [head, toldHead] = headOf(
      parts.status,
      parts.reason,
      [...parts.before, ...own[kind], ...parts.after],
      framing,
    );
    const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
    const trailers = parts.trailers.map(([n, v]) => `${n}:${v}\r\n`).join('');
    const wire = kind === 'chunked' ? `${chunks}0\r\n${trailers}\r\n` : text;
    return {
      bytes: Buffer.from([...interims.map(([start]) => start), head, wire].join(''), 'latin1'),
      told: {
        interims: interims.map(([, told]) => told),
        head: toldHead,
        body: text,
        trailers: kind === 'chunked' ? parts.trailers : [],
        reusable: kind !== 'close',
        excess: 0,
        error: undefined,
      },
    };
  });

describe('ResponseReader', () => {
  it('tells of a valid reply what was written', () => {
    fc.assert(
      fc.property(validReply, fc.integer({ min: 1, max: 50 }), (valid, size) => {
        expect(replay('GET', cutEvery(valid.bytes, size), true)).toEqual(valid.told);
      }),
      RUNS,
    );
  });

  it('tells the same of any reply at any split', () => {
    fc.assert(
      fc.property(anyReply, fc.boolean(), fc.integer({ min: 1, max: 9 }), (reply, closes, size) => {
        const whole = replay(reply.method, [reply.bytes], closes);
        expect(replay(reply.method, cutAt(reply.bytes, reply.cuts), closes)).toEqual(whole);
        expect(replay(reply.method, cutEvery(reply.bytes, size), closes)).toEqual(whole);
      }),
      { numRuns: 1500 },
    );
  });

  it('is either complete or fails with one of three codes once the server has closed', () => {
    const garbage = fc
      .tuple(
        fc.constantFrom(
          '',
          'HTTP/1.1 ',
          'HTTP/1.1 200 OK\r\n',
          'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n',
        ),
        bytes,
      )
      .map(([start, rest]) => Buffer.concat([Buffer.from(start), rest]));
    fc.assert(
      fc.property(
        fc.oneof(
          garbage,
          anyReply.map((reply) => reply.bytes),
        ),
        (reply) => {
          const told = replay('GET', [reply], true);
          expect(told.error === undefined).toBe(told.trailers !== undefined);
          if (told.error !== undefined) {
            expect(['reply-malformed', 'cut-short', 'reply-empty']).toContain(told.error.code);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('says where and what in a malformed reply, in printable ASCII of a few words', () => {
    fc.assert(
      fc.property(anyReply, (reply) => {
        const { error } = replay('GET', [reply.bytes], true);
        if (error?.code !== 'reply-malformed') return;
        const match = /^The reply is not valid HTTP\/1\.x: at byte (\d+), [\x20-\x7e]{10,220}\.$/.exec(
          error.message,
        );
        expect(match, error.message).not.toBeNull();
        expect(Number(match?.[1])).toBeLessThanOrEqual(reply.bytes.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads a head whose lines end with LF like one whose lines end with CR LF', () => {
    fc.assert(
      fc.property(fields, reason, latin1(20), fc.integer({ min: 1, max: 20 }), (list, why, text, size) => {
        const [head, told] = headOf(200, why, [...list, ['Content-Length', String(text.length)]], {
          kind: 'length',
          length: text.length,
        });
        const reply = Buffer.from(head.replaceAll('\r\n', '\n') + text, 'latin1');
        const { fields: toldFields, reason: toldReason } = told;
        expect(replay('GET', cutEvery(reply, size), false)).toMatchObject({
          head: { fields: toldFields, reason: toldReason, headerBytes: told.headerBytes - list.length - 1 },
          body: text,
          trailers: [],
          error: undefined,
        });
      }),
      RUNS,
    );
  });

  it('reads a folded value like one on a single line, a space in place of each fold', () => {
    const word = fc.string({ unit: charactersOf([[0x21, 0x7e]]), minLength: 1, maxLength: 6 });
    const fold = fc.constantFrom('\r\n ', '\r\n\t', ' \t\r\n  ', '\n ');
    fc.assert(
      fc.property(fc.array(fc.tuple(fold, word), { maxLength: 5 }), word, (rest, first) => {
        const folded = first + rest.map(([gap, text]) => gap + text).join('');
        const { head } = replay('HEAD', [Buffer.from(`HTTP/1.1 200 OK\r\nA: ${folded}\r\n\r\n`)], false);
        expect(head?.fields).toEqual([['A', [first, ...rest.map(([, text]) => text)].join(' ')]]);
      }),
      RUNS,
    );
  });
});
