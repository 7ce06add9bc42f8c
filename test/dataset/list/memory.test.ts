/** The peak memory of a process (VmHWM of proc(5), in MiB) that reads a list much larger than that. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { scratchDirectory } from '../../support/scratch.js';
import { listProcess } from './list-process.js';

const ROWS = 1_000_000;

/** Of which Node itself takes 40 to 50 MiB (measured: 65 to 90 MiB in all, with Node 20). */
const PEAK_MIB = 130;

/** A page of each column, decoded, and what V8 lets gather of them (measured: 150 to 160 MiB). */
const PARQUET_PEAK_MIB = 240;

/** Written slower than all the others; as one row group, which decoded at once takes 340 MiB. */
const PARQUET_ROWS = 500_000;

const READ = `
import { readFileSync } from 'node:fs';
const [, file, options] = process.argv;
const list = await openList([file], JSON.parse(options));
let rows = 0, problems = 0, last;
for await (const batch of list.rows()) {
  for (const row of batch) if (row.problem !== undefined) problems++;
  rows += batch.length;
  last = batch.at(-1);
}
const peak = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]) / 1024;
console.log(JSON.stringify({ rows, problems, last, peak }));
`;

const url = (n: number) => `http://images.test/photos/${n}/a-picture-of-a-thing-${n * 7}.jpg`;
const caption = (n: number) => (n % 3 === 0 ? `a "quoted" thing, the ${n}th` : `thing ${n}`);
const csvLine = (n: number) => `${url(n)},"${caption(n).replaceAll('"', '""')}",${n}\n`;
const jsonLine = (n: number) => `${JSON.stringify({ url: url(n), caption: caption(n), n })}\n`;

/** Writes `ROWS` lines into `path`, packed in members where its name says so. */
function write(path: string, line: (n: number) => string, before = '', after = ''): void {
  const file = openSync(path, 'w');
  const packed = path.endsWith('.gz');
  const put = (text: string) => writeSync(file, packed ? gzipSync(text, { level: 1 }) : Buffer.from(text));
  put(before);
  for (let n = 0; n < ROWS; ) {
    let block = '';
    for (const end = n + 5000; n < end; n++) block += line(n);
    put(block);
  }
  put(after);
  closeSync(file);
}

function writeParquet(path: string): void {
  const numbers = Array.from({ length: PARQUET_ROWS }, (_, n) => n);
  parquetWriteFile({
    filename: path,
    rowGroupSize: PARQUET_ROWS,
    codec: 'UNCOMPRESSED',
    statistics: false,
    columnData: [
      { name: 'url', data: numbers.map(url), type: 'STRING', encoding: 'PLAIN' },
      { name: 'caption', data: numbers.map(caption), type: 'STRING', encoding: 'PLAIN' },
      { name: 'n', data: numbers, type: 'INT32' },
    ],
  });
}

const withColumns = { captionCol: 'caption', columns: ['n'] };

test.each<[string, number, (path: string) => void, object, number]>([
  ['list.txt', ROWS, (path) => write(path, (n) => `${url(n)}\n`), {}, PEAK_MIB],
  ['list.csv', ROWS, (path) => write(path, csvLine, 'url,caption,n\n'), withColumns, PEAK_MIB],
  ['list.csv.gz', ROWS, (path) => write(path, csvLine, 'url,caption,n\n'), withColumns, PEAK_MIB],
  ['list.jsonl', ROWS, (path) => write(path, jsonLine), withColumns, PEAK_MIB],
  [
    'list.json',
    ROWS,
    (path) => write(path, (n) => jsonLine(n) + (n < ROWS - 1 ? ',' : ''), '[', ']'),
    withColumns,
    PEAK_MIB,
  ],
  ['list.parquet', PARQUET_ROWS, writeParquet, withColumns, PARQUET_PEAK_MIB],
])(
  '%s of %i rows is never whole in memory',
  { timeout: 120_000 },
  async (name, count, make, options, limit) => {
    const file = join(scratchDirectory(), name);
    make(file);
    const { ended } = await listProcess(READ, file, JSON.stringify(options));
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { rows, problems, last, peak } = JSON.parse(stdout);
    expect({ rows, problems }).toEqual({ rows: count, problems: 0 });
    expect(last).toMatchObject({ index: count - 1, url: url(count - 1) });
    expect(peak).toBeLessThan(limit);
  },
);
