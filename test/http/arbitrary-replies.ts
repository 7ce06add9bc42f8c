import fc from 'fast-check';

/** A reply as bytes, and where it is cut into receives. */
export interface Reply {
  readonly method: 'GET' | 'HEAD';
  readonly bytes: Buffer;
  /** Ascending indices within the reply. */
  readonly cuts: readonly number[];
}

/** Mostly one of `usual`; one time in `rarity` one of `odd`. */
function mostly<T>(usual: readonly T[], odd: readonly T[], rarity = 24): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: rarity - 1, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
}

const CHARACTERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
const latin1 = (maxLength: number) => fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength });
const lineEnd = mostly(['\r\n'], ['\n', '\r\r\n', '\r', '\n\r'], 100);
const lines = (texts: fc.Arbitrary<string>[]) =>
  fc.tuple(...texts.flatMap((text) => [text, lineEnd])).map((parts) => parts.join(''));

const statusLine = fc
  .tuple(
    mostly(
      ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'],
      ['HTTP/1.2', 'HTTP/1.9', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.10', 'http/1.1'],
    ),
    mostly([' '], ['  ', '\t', ''], 100),
    mostly(
      ['200', '200', '200', '206', '301', '404', '500', '205', '999'],
      ['204', '304', '099', '000', '20', '2000', '2x0', '101', '-20'],
      8,
    ),
    mostly(
      [' OK', ' Not Found', ' ', '', '  two  ', ' \xc3\xa9', ' a\tb\x01'],
      [' O\0K', ' O\rK', ' OK\r\rX-After: cr', 'OK', '\tOK'],
    ),
  )
  .map((parts) => parts.join(''));

const fieldLine = mostly(
  [
    'Server: nginx',
    'Content-Type: image/jpeg',
    'X-Empty:',
    'X-Tight:value',
    'X-Wide: \t value  with \t',
    'x-upper: \xff\xfe',
    'Set-Cookie: a=b; Path=/',
    'Connection: close',
    'Connection: keep-alive',
    'Keep-Alive: timeout=5',
    'Trailer: X-Last',
    'Content-Encoding: gzip',
  ],
  [
    'X-Folded: one\r\n two',
    'X-Folded:\r\n\t two\r\n ',
    ' X-Space: first',
    'X-Space : before the colon',
    'X-Tab\t: before the colon',
    'X-Control: a\x01b',
    'X-Delete: \x7f',
    'X-Nul: a\0b',
    'X-Cr: a\rb',
    'no colon',
    ': no name',
    'X(Paren): a',
    'X-\xe9: a',
    'Upgrade: h2c',
    'Connection: upgrade',
    'Content-Length: 4',
    'Transfer-Encoding: chunked',
  ],
  30,
);
const fieldLines = fc
  .array(fieldLine, { maxLength: 4 })
  .chain((texts) => lines(texts.map((text) => fc.constant(text))));

const interim = fc
  .tuple(
    mostly(['HTTP/1.1 '], ['HTTP/1.0 ', 'HTTP/1.3 ']),
    mostly(
      ['100 Continue', '102 Processing', '103 Early Hints', '199'],
      ['101 Switching Protocols', '100\0'],
    ),
    fieldLine,
    fc.boolean(),
    lineEnd,
  )
  .map(([version, rest, field, bare, end]) => `${version}${rest}${end}${bare ? '' : field + end}${end}`);

const lengthField = (length: number) =>
  mostly(
    [`Content-Length: ${length}`, `content-length:${length}`, `Content-Length: 00${length} `],
    [
      `Content-Length: ${length}\r\nContent-Length: ${length}`,
      `Content-Length: ${length}, ${length}`,
      `Content-Length: ${length}\r\nContent-Length: ${length + 1}`,
      `Content-Length: ${length},`,
      `Content-Length: ${length + 1}`,
      `Content-Length: ${Math.max(0, length - 1)}`,
      `Content-Length: ${length}\t`,
      `Content-Length: +${length}`,
      `Content-Length: -${length}`,
      `Content-Length: ${length} ${length}`,
      `Content-Length: 0x${length}`,
      `Content-Length:`,
      `Content-Length: 9007199254740992`,
      `Content-Length: 99999999999999999999999`,
      `Content-Length : ${length}`,
      `Transfer-Encoding: identity\r\nContent-Length: ${length}`,
      `Transfer-Encoding: chunked\r\nContent-Length: ${length}`,
      `Content-Length: ${length}\r\nTransfer-Encoding:`,
    ],
    8,
  );

const chunkedField = mostly(
  ['Transfer-Encoding: chunked', 'transfer-encoding:Chunked'],
  [
    'Transfer-Encoding: chunked\t',
    'Transfer-Encoding: identity',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: chunked, gzip',
    'Transfer-Encoding: gzip',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
    'Transfer-Encoding: , chunked',
    'Transfer-Encoding: chunked,',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: chunked;q=1',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: \x0bchunked',
    'Transfer-Encoding: chunked\r\nContent-Length: 3',
  ],
  12,
);

const chunk = latin1(12)
  .filter((data) => data !== '')
  .chain((data) => {
    const size = data.length.toString(16);
    return fc
      .tuple(
        mostly(
          [size, size.toUpperCase(), `000${size}`],
          [
            ` ${size}`,
            `${size} `,
            `0x${size}`,
            `+${size}`,
            `-${size}`,
            '',
            'zz',
            (data.length + 1).toString(16),
            (data.length - 1).toString(16),
            '10000000000000',
            'fffffffffffffffff',
            `${size}\0`,
          ],
          30,
        ),
        mostly(
          ['', '', ';name', ';name=value', ';a="b c";d'],
          [' ;name', '; name = value', ';', ';@', ';a b', ';a="b', ';\x01', ';a=\x80', ';a\rb'],
        ),
        lineEnd,
        lineEnd,
      )
      .map(([first, extension, end, after]) => first + extension + end + data + after);
  });

const trailerLine = mostly(
  ['X-Last: value', 'x-empty:', 'X-Wide: \t a b '],
  [
    'X-Folded: one\r\n two',
    'X-Space : a',
    'Content-Length: 4',
    'Transfer-Encoding: chunked',
    'X-Control: \x02',
    'none',
  ],
  16,
);
const chunkedBody = fc
  .tuple(
    fc.array(chunk, { maxLength: 4 }).map((chunks) => chunks.join('')),
    mostly(['0', '000', '0;last'], ['', '-0', '0 ', '00;=']),
    fc.array(trailerLine, { maxLength: 2 }).chain((texts) => lines(texts.map((text) => fc.constant(text)))),
    lineEnd,
    lineEnd,
  )
  .map(([chunks, last, trailers, end, empty]) => chunks + last + end + trailers + empty);

const framedBody = fc.oneof(
  latin1(24).chain((body) => lengthField(body.length).map((field) => ({ field, body }))),
  fc.tuple(chunkedField, chunkedBody).map(([field, body]) => ({ field, body })),
  fc
    .tuple(fc.constantFrom('Connection: close', 'Server: nginx'), latin1(24))
    .map(([field, body]) => ({ field, body })),
);

const message = fc
  .tuple(statusLine, lineEnd, fieldLines, framedBody, lineEnd, fieldLines, lineEnd)
  .map(([status, end, before, { field, body }, fieldEnd, after, empty]) =>
    [status, end, before, field, fieldEnd, after, empty, body].join(''),
  );

const before = fc.oneof(
  { weight: 30, arbitrary: fc.constant('') },
  { weight: 10, arbitrary: fc.array(interim, { maxLength: 2 }).map((all) => all.join('')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\r\n', '\n', ' ', 'SSH-2.0-x\r\n', '\x15\x03', '<html>', '\xef\xbb\xbf'),
  },
);
const after = mostly([''], ['\r\n', 'excess', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '\n'], 12);

/** Mutations of the finished text: `at` and `to` are fractions of its length. */
type Mutation = (text: string, at: number, to: number) => string;
const NASTY = ['\0', '\r', '\n', '\r\n', ' ', '\t', ':', ';', ',', '0', '9', 'f', '\x01', '\x80', '"'];
const mutation = fc.oneof(
  { weight: 70, arbitrary: fc.constant<Mutation>((text) => text) },
  { weight: 10, arbitrary: fc.constant<Mutation>((text, at) => text.slice(0, at)) },
  { weight: 3, arbitrary: fc.constant<Mutation>((text, at) => text.slice(0, at) + text.slice(at + 1)) },
  { weight: 4, arbitrary: fc.constant<Mutation>((text, at, to) => text.slice(0, at) + text.slice(to)) },
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(...NASTY)
      .map<Mutation>((nasty) => (text, at) => text.slice(0, at) + nasty + text.slice(at)),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(...NASTY)
      .map<Mutation>((nasty) => (text, at) => text.slice(0, at) + nasty + text.slice(at + 1)),
  },
);

const fraction = fc.integer({ min: 0, max: 9999 }).map((n) => n / 10_000);

/** Replies good and bad: every part is mostly what servers send, and now and then what they should not. */
export const anyReply: fc.Arbitrary<Reply> = fc
  .record({
    method: mostly<'GET' | 'HEAD'>(['GET'], ['HEAD'], 10),
    text: fc.tuple(before, message, after).map((parts) => parts.join('')),
    mutation,
    at: fraction,
    to: fraction,
    cuts: fc.array(fraction, { maxLength: 3 }),
  })
  .map(({ method, text, mutation, at, to, cuts }) => {
    const place = (f: number) => Math.floor(f * text.length);
    const bytes = Buffer.from(mutation(text, place(at), place(to)), 'latin1');
    const indices = new Set(cuts.map((f) => Math.floor(f * bytes.length)));
    return { method, bytes, cuts: [...indices].filter((i) => i > 0).sort((a, b) => a - b) };
  });
