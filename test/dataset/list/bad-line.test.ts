import { describe, expect, test } from 'vitest';
import { MAX_LINE } from '../../../src/dataset/list/lines.js';
import { brief, listed, readIn, writtenFile } from './listed.js';

type TextFormat = Parameters<typeof readIn>[1];

const GOOD: Readonly<Record<TextFormat, string>> = {
  txt: 'http://a.test/good',
  csv: 'http://a.test/good,fine',
  tsv: 'http://a.test/good\tfine',
  json: '{"url":"http://a.test/good","caption":"fine"}',
  jsonl: '{"url":"http://a.test/good","caption":"fine"}',
};

/** A list with `bad` as its second row of three, and the place of that row. */
function around(format: TextFormat, bad: Buffer): { text: Buffer; place: string } {
  const header = { txt: '', csv: 'url,caption\n', tsv: 'url\tcaption\n', json: '[', jsonl: '' }[format];
  const between = format === 'json' ? ',' : '\n';
  const end = format === 'json' ? ']' : '\n';
  const good = GOOD[format];
  const text = [header, good, between, bad, between, good, end].map((part) => Buffer.from(part));
  const place = { txt: 'line 2', csv: 'line 3', tsv: 'line 3', json: 'element 2', jsonl: 'line 2' }[format];
  return { text: Buffer.concat(text), place };
}

const long = 'x'.repeat(MAX_LINE + 1);

const BAD: [TextFormat, string, string | Buffer, string, string?][] = [
  ['txt', 'a NUL', 'http://a.test/\0x', 'a NUL in it', 'http://a.test/\0x'],
  ['txt', 'a NUL alone', '\0', 'a NUL in it', '\0'],
  ['txt', 'no UTF-8', Buffer.from('http://a.test/\xff', 'latin1'), 'not valid UTF-8', 'http://a.test/\ufffd'],
  ['txt', 'more than 64 KiB', long, 'longer than 65536 bytes'],
  ['txt', 'more than 64 KiB of few characters', '🖼'.repeat(MAX_LINE / 4 + 1), 'longer than 65536 bytes'],
  ['csv', 'a field too few', 'http://a.test/x', '1 field where the header has 2', 'http://a.test/x'],
  ['csv', 'a field too many', ' http://a.test/x ,y,z', '3 fields where the header has 2', 'http://a.test/x'],
  ['csv', 'text behind a closing quote', 'http://a.test/x,"y" z', 'something follows a closing quote'],
  ['csv', 'an empty URL', ' ,y', 'the URL is empty'],
  ['csv', 'a quoted empty URL', '"",y', 'the URL is empty'],
  ['csv', 'a NUL', 'http://a.test/x,\0', 'a NUL in it'],
  ['csv', 'no UTF-8', Buffer.from('http://a.test/x,\xc3(', 'latin1'), 'not valid UTF-8'],
  ['csv', 'more than 64 KiB', `http://a.test/x,${long}`, 'longer than 65536 bytes'],
  ['tsv', 'a field too few', 'http://a.test/x, y', '1 field where the header has 2', 'http://a.test/x, y'],
  ['tsv', 'text behind a closing quote', '"http://a.test/x"y\tz', 'something follows a closing quote'],
  ['jsonl', 'no JSON', '{"url": "http://a.test/x"', 'not valid JSON'],
  ['jsonl', 'NaN', '{"url": "http://a.test/x", "caption": NaN}', 'not valid JSON'],
  ['jsonl', 'an array', '["http://a.test/x"]', 'neither an object nor a string'],
  ['jsonl', 'null', 'null', 'neither an object nor a string'],
  ['jsonl', 'no URL', '{"caption": "x"}', 'there is no URL'],
  ['jsonl', 'a URL of null', '{"url": null}', 'there is no URL'],
  ['jsonl', 'a URL that is a number', '{"url": 17}', 'the URL is a number'],
  ['jsonl', 'a URL that is an object', '{"url": {"url": "http://a.test/x"}}', 'the URL is no string'],
  ['jsonl', 'an empty URL', '{"url": " "}', 'the URL is empty'],
  ['jsonl', 'a NUL in the URL', '{"url": "http://a.test/\\u0000"}', 'a NUL in the URL', 'http://a.test/\0'],
  ['jsonl', 'no UTF-8', Buffer.from('{"url":"http://a.test/\xe9"}', 'latin1'), 'not valid UTF-8'],
  ['jsonl', 'more than 64 KiB', `{"url": "http://a.test/", "x": "${long}"}`, 'longer than 65536 bytes'],
  ['json', 'NaN', '{"url": "http://a.test/x", "caption": NaN}', 'not valid JSON'],
  ['json', 'two objects without a comma', '{"url": "a"} {"url": "b"}', 'not valid JSON'],
  ['json', 'line ends and no JSON', '{"url":\n "x",\n "caption":\n NaN\n }', 'not valid JSON'],
  ['json', 'nothing', ' ', 'not valid JSON'],
  ['json', 'an array', '[1, [2, "]"]]', 'neither an object nor a string'],
  ['json', 'an array closed as an object', '{"url": "a", "x": [1}}', 'not valid JSON'],
  ['json', 'a number', '17', 'neither an object nor a string'],
  ['json', 'no UTF-8', Buffer.from('{"url":"http://a.test/\xe9"}', 'latin1'), 'not valid UTF-8'],
  ['json', 'a NUL', '{"url":"http://a.test/\0"}', 'a NUL in it'],
  ['json', 'more than 64 KiB', `{"url": "http://a.test/", "x": "${long}"}`, 'longer than 65536 bytes'],
];

describe('A bad line is a row with its problem, and the rows around it are as they are:', () => {
  test.each(BAD)('%s, %s', async (format, _, bad, problem, url = '') => {
    const { text, place } = around(format, Buffer.from(bad));
    const options = format === 'txt' ? {} : { captionCol: 'caption' };
    const { rows, failure } = await listed(writtenFile(`l.${format}`, text), options);
    expect(failure).toBeUndefined();
    const caption = format === 'txt' ? null : 'fine';
    expect(rows).toEqual([
      { index: 0, url: 'http://a.test/good', caption, columns: {} },
      { index: 1, url, caption: null, columns: {}, problem: expect.stringContaining(problem) },
      { index: 2, url: 'http://a.test/good', caption, columns: {} },
    ]);
    expect(rows[1]?.problem).toMatch(new RegExp(`^l\\.${format}, ${place}: [^\n]{1,150}$`));
  });

  test.each(['txt', 'csv', 'jsonl', 'json'] as const)(
    '%s, 10 MiB in one, in pieces of any size',
    (format) => {
      const { text } = around(format, Buffer.alloc(10 * 1024 * 1024, 'x'));
      for (const size of [7777, 65536, text.length]) {
        const { rows } = readIn(size, format, text);
        expect(rows.map(({ problem }) => problem)).toEqual([
          undefined,
          expect.stringContaining('longer than 65536 bytes'),
          undefined,
        ]);
      }
    },
  );

  test('a line, a record or an element of 64 KiB is none', () => {
    const room = (frame: string) => 'x'.repeat(MAX_LINE - frame.length);
    for (const [format, before, after] of [
      ['txt', '', ''],
      ['csv', 'http://a.test/,"', '"'],
      ['jsonl', '{"url":"', '"}'],
      ['json', '{"url":"', '"}'],
    ] as const) {
      const line = `${before}${room(before + after)}${after}`;
      for (const size of [1000, 65536, 200_000]) {
        const { rows } = readIn(size, format, around(format, Buffer.from(line)).text);
        expect(rows.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
      }
    }
  });
});

describe('A quote that is not closed', () => {
  const csv = (...lines: string[]) =>
    readIn(100, 'csv', `url,caption\n${lines.join('\n')}\n`, { captionCol: 'caption' }).rows.map(brief);

  test('costs its line, not the lines after it, where another quote shows it', () => {
    expect(csv('http://a.test/1,"open', 'http://a.test/2,"closed"', 'http://a.test/3,x')).toEqual([
      ['', null, {}, 'list, line 2: something follows a closing quote'],
      ['http://a.test/2', 'closed', {}],
      ['http://a.test/3', 'x', {}],
    ]);
  });

  test('costs its line at the end of the file', () => {
    expect(
      csv('http://a.test/1,x', 'http://a.test/2,"open', 'http://a.test/3,y', 'http://a.test/4,z'),
    ).toEqual([
      ['http://a.test/1', 'x', {}],
      ['', null, {}, 'list, line 3: a quote is not closed'],
      ['http://a.test/3', 'y', {}],
      ['http://a.test/4', 'z', {}],
    ]);
  });

  test('costs its line where 64 KiB have gone by', () => {
    const good = Array.from({ length: 5000 }, (_, n) => `http://a.test/${n},x`);
    const rows = csv('http://a.test/,"open', ...good);
    expect(rows).toHaveLength(5001);
    expect(rows[0]).toEqual(['', null, {}, 'list, line 2: a quote is not closed']);
    expect(rows.slice(1)).toEqual(good.map((line) => [line.slice(0, -2), 'x', {}]));
  });

  test('costs its line before one that is bad itself', () => {
    expect(csv('http://a.test/1,"open', 'http://a.test/\0', 'http://a.test/3,x')).toEqual([
      ['', null, {}, 'list, line 2: a quote is not closed'],
      ['', null, {}, 'list, line 3: a NUL in it'],
      ['http://a.test/3', 'x', {}],
    ]);
  });

  test('costs little time, however many there are', () => {
    const blank = '\n'.repeat(60_000);
    expect(csv(...new Array<string>(20).fill(`http://a.test/,"open${blank}`))).toHaveLength(20);
  });
});

test('A quote within a field that does not begin with one is a character like any other', () => {
  const text = 'url,caption\nhttp://a.test/"x",5" disk ""no\n"a ""b""",\n';
  const { rows } = readIn(100, 'csv', text, { captionCol: 'caption' });
  expect(rows.map(brief)).toEqual([
    ['http://a.test/"x"', '5" disk ""no', {}],
    ['a "b"', '', {}],
  ]);
});

test('A value that is nested too deeply to be written is a bad row', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const { rows } = readIn(
    65536,
    'jsonl',
    `{"url":"http://a.test/","x":1}\n{"url":"http://b.test/","x":${deep}}\n`,
    {
      columns: ['x'],
    },
  );
  expect(rows.map(brief)).toEqual([
    ['http://a.test/', null, { x: 1 }],
    ['http://b.test/', null, {}, 'list, line 2: a value is nested too deeply'],
  ]);
});
