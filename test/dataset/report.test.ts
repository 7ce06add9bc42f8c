import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Outcome, Picture } from '../../src/dataset/outcome.js';
import { report } from '../../src/dataset/report/report.js';
import { SMALL_JPEG } from '../support/pictures.js';
import { scratchDirectory } from '../support/scratch.js';
import { madeDataset, recordRun, setTimes } from './support/dataset.js';
import { failureOf, outcomeOf } from './support/outcomes.js';
import { attributeOf, ReportPage } from './support/report-page.js';
import { FORMATS, layoutOf, opened } from './support/shards.js';

const JPEG: Picture = { bytes: SMALL_JPEG, extension: 'jpg' };
const SVG: Picture = {
  bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>'),
  extension: 'svg',
};

async function pageOf(directory: string, sample?: number): Promise<ReportPage> {
  const { path } = await report({ directory, sample });
  expect(path).toBe(join(directory, 'report.html'));
  return new ReportPage(readFileSync(path, 'utf8'));
}

/** Says of a row which host it is of. */
function at(host: string, outcome: Outcome): Outcome {
  const url = `https://${host}/${outcome.row.index}.jpg`;
  return { ...outcome, row: { ...outcome.row, url } };
}

/** 23 rows of three hosts: 12 pictures, of which 5 are the same and one a copy, and 11 failures. */
function known(): Outcome[] {
  const outcomes: Outcome[] = [];
  const put = (host: string, outcome: (index: number) => Outcome) =>
    outcomes.push(at(host, outcome(outcomes.length)));
  for (let i = 0; i < 6; i++) {
    const differs = { bytes: 1000 * 2 ** i, originalWidth: 100 * (i + 1), ms: 10, sha256: `${i}`.repeat(64) };
    put('fast.example', (index) => outcomeOf(index, differs));
  }
  for (let i = 0; i < 5; i++)
    put('slow.example', (index) =>
      outcomeOf(index, { bytes: 500, ms: 1000 * (i + 1), sha256: 'e'.repeat(64), mediaType: 'image/png' }),
    );
  put('fast.example', (index) =>
    outcomeOf(index, { bytes: 500, ms: 0, attempts: 0, sha256: '0'.repeat(64) }),
  );
  for (let i = 0; i < 7; i++) put('gone.example', (index) => failureOf(index, 'name-not-resolved'));
  for (let i = 0; i < 3; i++) put('slow.example', (index) => failureOf(index, 'http-status'));
  put('fast.example', (index) => failureOf(index, 'resize-failed'));
  return outcomes;
}

for (const format of FORMATS) {
  test(`the page's figures are those of the data set (${format})`, async () => {
    const directory = scratchDirectory();
    await madeDataset(directory, layoutOf(format), known(), () => JPEG);
    const page = await pageOf(directory);

    expect(page.text('h1')).toBe('12 of 23 pictures came: 52.2 %.');
    expect(page.totals()).toMatchObject({
      Rows: '23',
      Pictures: '12',
      'Failed to download': '10',
      'Failed to resize': '1',
      'Copies of repeated URLs': '1',
      Attempts: '22',
      Received: '65.5 kB',
      Shards: '3',
    });
    const causes = page.table('causes').slice(1);
    expect(causes.map(([code, phase, rows, share]) => [code, phase, rows, share])).toEqual([
      ['name-not-resolved', 'receive', '7', '63.6 %'],
      ['http-status', 'receive', '3', '27.3 %'],
      ['resize-failed', 'receive', '1', '9.1 %'],
    ]);
    expect(causes[1]![5]).toContain('Statuses: 404: 3');
    expect(page.table('hosts')).toEqual([
      ['Host', 'Rows', 'Came', 'Failed', 'name-not-resolved', 'http-status', 'resize-failed'],
      ['gone.example', '7', '0', '7', '7', '0', '0'],
      ['slow.example', '8', '5', '3', '0', '3', '0'],
      ['fast.example', '8', '7', '1', '0', '0', '1'],
    ]);
    const slowest = page.table('slow').slice(1);
    expect(slowest.map(([host, rows]) => [host, rows])).toEqual([
      ['slow.example', '8'],
      ['gone.example', '7'],
      ['fast.example', '7'],
    ]);
    expect(slowest.map(([, , median, late]) => [median, late])).toEqual([
      ['1.00 s', '5.00 s'],
      ['13 ms', '13 ms'],
      ['10 ms', '13 ms'],
    ]);
    expect(page.says('sizes')).toContain('12 pictures as they came: from 500 B to 32.0 kB');
    expect(sum(page.table('sizes'))).toBe(12);
    expect(page.says('widths')).toContain('from 70 px to 600 px; half have at most');
    expect(sum(page.table('heights'))).toBe(12);
    expect(page.table('types').slice(1)).toEqual([
      ['image/jpeg', '7', '58.3 %'],
      ['image/png', '5', '41.7 %'],
    ]);
    const [placeholder, ...others] = page.table('placeholders').slice(1);
    expect(others).toEqual([]);
    expect(placeholder![1]).toBe('5');
    expect(placeholder![2]).toContain('e'.repeat(64));
    expect(page.pictures('placeholders')).toHaveLength(1);
    expect(page.pictures('sheet')).toHaveLength(11);
    expect(page.table('list')).toContainEqual(['Column of the captions', 'caption']);
    expect(page.table('options')).toContainEqual(['--format', format]);
  });
}

test('the rate is that of the shards, each spread over its time', async () => {
  const directory = scratchDirectory();
  await madeDataset(directory, layoutOf('webdataset'), known(), () => JPEG);
  // Ten rows in the first 30 s, then ten in 30 s and three at once at the end of a minute.
  const counts = (count: number, successes: number) => ({
    count,
    successes,
    failed_to_download: count - successes,
    failed_to_resize: 0,
  });
  setTimes(directory, 0, 1000, 1030, counts(10, 10));
  setTimes(directory, 1, 1030, 1060, counts(10, 2));
  setTimes(directory, 2, 1060, 1060, counts(3, 0));
  const bins = (await pageOf(directory)).table('rate').slice(1);
  expect(bins).toHaveLength(60);
  expect(bins[0]).toEqual(['1970-01-01 00:16:40 UTC', '0.33', '0']);
  expect(bins[29]).toEqual(['1970-01-01 00:17:09 UTC', '0.33', '0']);
  expect(bins[30]).toEqual(['1970-01-01 00:17:10 UTC', '0.07', '0.27']);
  expect(bins[59]).toEqual(['1970-01-01 00:17:39 UTC', '0.07', '3.27']);
});

test('the sample is of the size that is asked for, the same at each call, and SVG is not rendered', async () => {
  const directory = scratchDirectory();
  const outcomes = Array.from({ length: 40 }, (_, index) => outcomeOf(index, { sha256: String(index) }));
  await madeDataset(directory, layoutOf('webdataset'), outcomes, (index) => (index % 2 === 0 ? JPEG : SVG));
  const all = await pageOf(directory, 100);
  expect(all.pictures('sheet').map(({ alt }) => alt)).toEqual(
    Array.from({ length: 20 }, (_, i) => `The picture of key 00000${i * 2}`.replace(/0*(\d{6})$/, '$1')),
  );
  expect(all.pictures('sheet').every(({ src }) => src.startsWith('data:image/webp;base64,'))).toBe(true);
  expect(all.says('sheet').match(/SVG can't be decoded here/g)).toHaveLength(20);
  const some = (await pageOf(directory, 7)).html;
  expect(some.match(/<figure>/g)).toHaveLength(7);
  expect(withoutTime((await pageOf(directory, 7)).html)).toBe(withoutTime(some));
  expect((await pageOf(directory, 0)).says('sheet')).toBe('No sample was asked for.');
});

test('whatever the network or the list says is text, in every place', async () => {
  const evil = `"'><img src=x onerror=alert(1)><script>alert(2)</script></style></title><!--\u202e\u0000&lt;`;
  const directory = scratchDirectory();
  const layout = layoutOf('files', { columns: [{ name: evil }] });
  const row = (index: number) => ({
    index,
    url: `https://user:secret@host.example/${index}${evil}`,
    caption: evil,
    columns: { [evil]: evil },
  });
  const failed = { errorMessage: evil, code: evil as Outcome['code'], phase: evil as Outcome['phase'] };
  const outcomes = Array.from({ length: 8 }, (_, index) =>
    index % 2 === 0
      ? outcomeOf(index, { row: row(index), mediaType: evil, address: evil, sha256: evil })
      : { ...failureOf(index), ...failed, row: index === 1 ? row(index) : { ...row(index), url: evil } },
  );
  await madeDataset(directory, layout, outcomes, () => SVG);
  const page = await pageOf(directory);

  expect(page.html).not.toContain('secret');
  expect(page.html).not.toContain('\u202e');
  expect(page.html).not.toContain('\u0000');
  const tags = new Set(page.elements.map(({ tagName }) => tagName));
  expect(
    [...tags].filter((tag) => /^(a|base|link|iframe|object|embed|form|foreignObject)$/i.test(tag)),
  ).toEqual([]);
  expect(page.elements.filter(({ tagName }) => tagName === 'script')).toHaveLength(1);
  expect(page.elements.filter(({ tagName }) => tagName === 'style')).toHaveLength(1);
  const names = page.elements.flatMap(({ attrs }) => attrs.map(({ name }) => name));
  expect(names.filter((name) => /^(on.*|style|href|srcset|action)$/.test(name))).toEqual([]);
  for (const element of page.elements) expect(attributeOf(element, 'src') ?? 'data:').toMatch(/^data:/);
  expect(page.table('causes')[1]![0]).toContain('<img src=x onerror=alert(1)><script>alert(2)</script>');
  expect(page.table('causes')[1]![5]).toContain('</style></title><!--\\u202e\\u0000&lt;');
  const policy = page.elements.find(
    (element) => attributeOf(element, 'http-equiv') === 'Content-Security-Policy',
  );
  expect(attributeOf(policy!, 'content')).toMatch(
    /^default-src 'none'; img-src data:; style-src 'sha256-[^ ]+; script-src 'sha256-/,
  );
});

test('a data set without a finished shard, and one in progress, say so', async () => {
  const directory = scratchDirectory();
  const layout = layoutOf('webdataset');
  await recordRun(directory, layout, false);
  const empty = await pageOf(directory);
  expect(empty.text('h1')).toBe('There is nothing to tell yet: no shard is finished.');
  expect(empty.html).toContain('The run is not finished: this page tells of its finished shards only.');

  await madeDataset(directory, layout, known().slice(0, 10), () => JPEG);
  rmSync(join(directory, '.sluice'), { recursive: true });
  await recordRun(directory, layout, false);
  const writer = await opened(directory, 10, layout, 1);
  await writer.store(failureOf(10), undefined);
  await writer.abandon();
  const begun = await pageOf(directory);
  expect(begun.totals()).toMatchObject({ Rows: '10', Shards: '1' });
  expect(begun.html).toContain('finished shards only. 1 other shard is begun.');
});

test('where nothing failed, or all did, the sections say so', async () => {
  const directory = scratchDirectory();
  await madeDataset(directory, layoutOf('parquet'), [outcomeOf(0)], () => JPEG);
  const good = await pageOf(directory);
  expect(good.says('causes')).toBe('Nothing failed.');
  expect(good.says('placeholders')).toBe('No two URLs gave the same bytes.');
  const other = scratchDirectory();
  await madeDataset(other, layoutOf('parquet'), [failureOf(0)], () => JPEG);
  const bad = await pageOf(other);
  expect(bad.says('sizes')).toBe('No picture came.');
  expect(bad.says('sheet')).toBe('No picture came.');
});

test('where one cause dominates, a sentence says what to try, as the run itself does', async () => {
  const directory = scratchDirectory();
  const rows = Array.from({ length: 12 }, (_, index) => failureOf(index, 'name-not-resolved'));
  await madeDataset(directory, layoutOf('parquet'), [...rows, failureOf(12, 'http-status')], () => JPEG);
  const page = await pageOf(directory);
  expect(page.says('causes')).toMatch(/ 92 % of the failures are name-not-resolved: .*--dns-servers\.$/);
});

test('what is no data set, or a damaged one, is refused in one sentence', async () => {
  const directory = scratchDirectory();
  const refusal = async () => await report({ directory }).catch((error: unknown) => error);
  expect(await refusal()).toMatchObject({
    code: 'option-invalid',
    message: `${JSON.stringify(directory)} is no data set that sluice pull made: it has no .sluice/run.json.`,
  });
  await madeDataset(directory, layoutOf('webdataset'), known(), () => JPEG);
  const output = join(directory, 'no', 'page.html');
  await expect(report({ directory, output })).rejects.toMatchObject({ code: 'write-failed', exitCode: 23 });
  writeFileSync(join(directory, '00001.parquet'), 'PAR1 nothing PAR1');
  expect(await refusal()).toMatchObject({
    code: 'option-invalid',
    message: expect.stringMatching(/00001\.parquet" can't be read.*\.$/),
  });
  rmSync(join(directory, '00001.parquet'));
  expect(await refusal()).toMatchObject({
    code: 'option-invalid',
    message: expect.stringContaining('00001.parquet'),
  });
  for (const record of [
    'null',
    '{"version":1}',
    '{"version":1,"options":{"--format":"files","--shard-size":10}}',
    '[',
  ]) {
    writeFileSync(join(directory, '.sluice', 'run.json'), record);
    expect(await refusal()).toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/run|laid out/),
    });
  }
});

function sum(table: readonly string[][]): number {
  return table.slice(1).reduce((all, [, count]) => all + Number(count), 0);
}

function withoutTime(html: string): string {
  return html.replace(/<p class="foot">.*<\/p>/, '');
}
