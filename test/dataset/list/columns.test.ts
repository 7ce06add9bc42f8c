import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { brief, listed, readIn, writtenFile } from './listed.js';

/** One row with these columns, in each format that has columns. */
function tables(columns: readonly (readonly [string, string])[]): [string, string | Uint8Array][] {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const table = (delimiter: string) =>
    [0, 1].map((row) => columns.map((column) => quoted(column[row]!)).join(delimiter)).join('\n');
  // By hand: an object literal has no place for two members of one name.
  const object = `{${columns.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`;
  const columnData = columns.map(([name, value]) => ({ name, data: [value], type: 'STRING' as const }));
  return [
    ['list.csv', table(',')],
    ['list.tsv', table('\t')],
    ['list.json', `[${object}]`],
    ['list.jsonl', object],
    ['list.parquet', new Uint8Array(parquetWriteBuffer({ columnData }))],
  ];
}

const ODD = ['__proto__', 'constructor', 'toString', '', ' ', 'ü 🖼', 'a.b', 'a,"b"\nc', 'NULL', '0'];

describe.each(['csv', 'tsv', 'json', 'jsonl', 'parquet'])('The columns of %s', (format) => {
  const file = (...columns: [string, string][]) => {
    const [name, content] = tables(columns).find(([name]) => name.endsWith(`.${format}`))!;
    return writtenFile(name, content);
  };

  test('may have odd names, and keep them', async () => {
    const source = file(
      ['url', 'http://a.test/'],
      ...ODD.map((name, n): [string, string] => [name, `v${n}`]),
    );
    const { rows, failure } = await listed(source, { captionCol: 'constructor', columns: ODD });
    expect(failure).toBeUndefined();
    expect(rows[0]).toMatchObject({ url: 'http://a.test/', caption: 'v1' });
    expect(Object.entries(rows[0]!.columns)).toEqual(
      // The order is that of JavaScript: what looks like an index comes first.
      expect.arrayContaining(ODD.map((name, n) => [name, `v${n}`])),
    );
    expect(Object.keys(rows[0]!.columns)).toHaveLength(ODD.length);
    expect(Object.getPrototypeOf(rows[0]!.columns)).toBe(Object.prototype);
  });

  test('are found without regard to case, where one alone fits', async () => {
    const source = file(['URL', 'http://a.test/'], [' Text ', 'x'], ['WIDTH', '1']);
    const { rows } = await listed(source, { captionCol: 'text', columns: ['width'] });
    expect(rows.map(brief)).toEqual([['http://a.test/', 'x', { width: '1' }]]);
  });

  test('are found exactly first', async () => {
    const source = file(['URL', 'http://a.test/'], ['url', 'http://b.test/'], ['Url', 'http://c.test/']);
    expect((await listed(source)).rows.map(({ url }) => url)).toEqual(['http://b.test/']);
    expect((await listed(source, { urlCol: 'URL' })).rows.map(({ url }) => url)).toEqual(['http://a.test/']);
    expect((await listed(source, { urlCol: 'uRL' })).failure?.message).toBe(
      `The list ${source} could not be read: it has 3 columns "uRL".`,
    );
  });

  test('that are not there are told of, with those that are', async () => {
    const source = file(['link', 'http://a.test/'], ['text', 'x']);
    expect((await listed(source)).failure).toMatchObject({
      code: 'list-unreadable',
      message: `The list ${source} could not be read: it has no column "url"; it has "link", "text".`,
    });
    for (const options of [{ captionCol: 'alt' }, { columns: ['text', 'alt'] }]) {
      const { rows, failure } = await listed(source, { urlCol: 'link', ...options });
      expect(rows).toEqual([]);
      expect(failure?.message).toMatch(/it has no column "alt"; it has "link", "text"\.$/);
    }
  });

  test('may be one in several places', async () => {
    const source = file(['url', 'http://a.test/']);
    const { rows } = await listed(source, { captionCol: 'url', columns: ['url', 'URL'] });
    expect(rows.map(brief)).toEqual([
      ['http://a.test/', 'http://a.test/', { url: 'http://a.test/', URL: 'http://a.test/' }],
    ]);
  });
});

describe('10,000 columns', () => {
  const names = Array.from({ length: 10_000 }, (_, n) => n.toString(36));
  // A line has at most 64 KiB.
  const jsonl = names
    .map((name, n) => ({ name, n }))
    .filter(({ n }) => n % 100 === 0)
    .map(({ n }) => Object.fromEntries([['url', ''], ...names.slice(n, n + 100).map((name) => [name, 'x'])]));
  const columnData = ['url', ...names].map((name) => ({ name, data: ['x'], type: 'STRING' as const }));
  const wide: [string, string | Uint8Array][] = [
    ['list.csv', `url,${names.join()}\n${'x,'.repeat(10_000)}x`],
    ['list.tsv', `url\t${names.join('\t')}\n${'x\t'.repeat(10_000)}x`],
    ['list.jsonl', `"first"\n${jsonl.map((row) => JSON.stringify(row)).join('\n')}`],
    ['list.parquet', new Uint8Array(parquetWriteBuffer({ columnData, statistics: false }))],
  ];

  test.each(wide)('of %s are told of by 20', async (name, content) => {
    const { failure } = await listed(writtenFile(name, content), { urlCol: 'link' });
    expect(failure?.message).toMatch(
      /it has no column "link"; it has ("[^"]+", ){19}"[^"]+" and 9981 more\.$/,
    );
    expect(failure?.message.length).toBeLessThan(400);
  });

  test.each(wide)('of %s can all be kept', async (name, content) => {
    const { rows, failure } = await listed(writtenFile(name, content), { columns: names });
    expect(failure).toBeUndefined();
    expect(Object.keys(rows.at(-1)!.columns)).toHaveLength(name === 'list.jsonl' ? 0 : 10_000);
  });
});

describe('A list of URLs alone', () => {
  test.each([
    ['list.txt', 'http://a.test/'],
    ['list.json', '["http://a.test/"]'],
    ['list.jsonl', '"http://a.test/"'],
  ])('%s has no other column', async (name, content) => {
    const file = writtenFile(name, content);
    expect((await listed(file, { urlCol: 'link' })).rows).toHaveLength(1);
    for (const options of [{ captionCol: 'alt' }, { columns: ['alt'] }]) {
      expect((await listed(file, options)).failure?.message).toBe(
        `The list ${file} could not be read: it is a list of URLs alone, without a column "alt"; if it is in another format, say so with --input-format.`,
      );
    }
  });
});

describe('The columns of a JSON list', () => {
  const rowsOf = (objects: object[], options: object) =>
    readIn(1000, 'jsonl', objects.map((row) => JSON.stringify(row)).join('\n'), options);

  test('are those of its first 1000 rows together: one that is left out of a row is null', () => {
    const objects: object[] = Array.from({ length: 1500 }, (_, n) => ({ url: `${n}` }));
    objects[999] = { url: '999', alt: 'here' };
    const { rows, failure } = rowsOf(objects, { captionCol: 'alt', columns: ['Alt'] });
    expect(failure).toBeUndefined();
    expect(rows.map(({ caption }) => caption)).toEqual(objects.map((_, n) => (n === 999 ? 'here' : null)));
    expect(rows[999]?.columns).toEqual({ Alt: 'here' });
    expect(rows[1499]?.columns).toEqual({ Alt: null });
  });

  test('that are not there in as many are not there', () => {
    const objects: object[] = Array.from({ length: 1001 }, (_, n) => ({ url: `${n}` }));
    objects[1000] = { url: '1000', alt: 'too late' };
    const { rows, failure } = rowsOf(objects, { captionCol: 'alt' });
    expect(rows).toEqual([]);
    expect(failure).toMatch(/it has no column "alt"; it has "url"\.$/);
  });

  test('are its own, not those that every object has', () => {
    expect(rowsOf([{ url: 'x' }], { captionCol: 'constructor' }).failure).toMatch(/no column "constructor"/);
    const { rows } = rowsOf([{ url: 'x', toString: 'own' }, { url: 'y' }], { columns: ['toString'] });
    expect(rows.map(({ columns }) => columns)).toEqual([{ toString: 'own' }, { toString: null }]);
  });

  test('hold what JSON has: texts, numbers, booleans, null, and the rest as JSON text', () => {
    const { rows } = rowsOf([{ url: 'x', a: 1.5, b: true, c: null, d: { e: [1, 'f'] }, g: [], h: 'text' }], {
      captionCol: 'd',
      columns: ['a', 'b', 'c', 'd', 'g', 'h'],
    });
    expect(rows.map(brief)).toEqual([
      ['x', '{"e":[1,"f"]}', { a: 1.5, b: true, c: null, d: '{"e":[1,"f"]}', g: '[]', h: 'text' }],
    ]);
  });
});
