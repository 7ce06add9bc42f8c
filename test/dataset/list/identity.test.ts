import { appendFileSync, cpSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { differencesOf, type ListIdentity } from '../../../src/dataset/list/identity.js';
import { listIdentity } from '../../../src/dataset/list/list.js';
import { scratchDirectory } from '../../support/scratch.js';
import { written } from './listed.js';

describe('The identity of a list', () => {
  test('is plain JSON: names, formats, sizes and times of the files, and the columns', async () => {
    const [a, b] = written({ 'a.csv': 'url\n', 'b.jsonl': '' });
    utimesSync(a!, 1000.5, 1000.5);
    utimesSync(b!, 2000, 2000);
    const identity = await listIdentity([dirname(a!)], { captionCol: 'alt', columns: ['w'] });
    expect(identity).toEqual({
      files: [
        { name: 'a.csv', format: 'csv', size: 4, modifiedMs: 1_000_500, sha256: null },
        { name: 'b.jsonl', format: 'jsonl', size: 0, modifiedMs: 2_000_000, sha256: null },
      ],
      urlCol: 'url',
      captionCol: 'alt',
      columns: ['w'],
    });
    expect(JSON.parse(JSON.stringify(identity))).toEqual(identity);
  });

  test('is the same for the same files, named otherwise or moved', async () => {
    const [a, b] = written({ 'a.csv': 'url\n', 'b.txt': 'x' });
    const moved = join(scratchDirectory(), 'moved');
    // Copying keeps whole seconds for sure.
    for (const file of [a!, b!]) utimesSync(file, 1000, 1000);
    cpSync(dirname(a!), moved, { recursive: true, preserveTimestamps: true });
    const was = await listIdentity([dirname(a!)]);
    expect(differencesOf(was, await listIdentity([a!, b!]))).toEqual([]);
    expect(differencesOf(was, await listIdentity([moved], { urlCol: 'url', columns: [] }))).toEqual([]);
  });

  test('says in words what differs', async () => {
    const [a, b] = written({ 'a.txt': 'http://a.test/\n', 'b.txt': 'x' });
    const was = await listIdentity([a!]);
    const differences = async (sources: string[], options = {}) =>
      differencesOf(was, await listIdentity(sources, options));
    expect(await differences([b!])).toEqual(['b.txt stands where a.txt was']);
    expect(await differences([a!, b!])).toEqual(['the number of its files is 2, was 1']);
    expect(await differences([a!], { inputFormat: 'csv' })).toEqual(['a.txt is read as csv, was as txt']);
    expect(await differences([a!], { urlCol: 'link', captionCol: 'alt', columns: ['w', 'h'] })).toEqual([
      'the column of the URLs is "link", was "url"',
      'the column of the captions is "alt", was none',
      'the list of the columns to keep is "w", "h", was none',
    ]);
    utimesSync(a!, 1000, 1000);
    const { modifiedMs } = was.files[0]!;
    expect(await differences([a!])).toEqual([
      `a.txt was written 1970-01-01T00:16:40.000Z, then ${new Date(modifiedMs!).toISOString()}`,
    ]);
    appendFileSync(a!, 'y');
    expect(await differences([a!])).toEqual(['a.txt has 16 bytes, had 15']);
  });

  test('of standard input is what was read, once it was read to its end', async () => {
    const unread = await listIdentity(['-']);
    expect(unread.files).toEqual([
      { name: 'standard input', format: 'txt', size: null, modifiedMs: null, sha256: null },
    ]);
    const read = (size: number, sha256: string): ListIdentity => ({
      ...unread,
      files: [{ ...unread.files[0]!, size, sha256 }],
    });
    expect(differencesOf(read(3, 'a'), read(3, 'a'))).toEqual([]);
    expect(differencesOf(read(3, 'a'), unread)).toEqual([]);
    expect(differencesOf(unread, read(3, 'a'))).toEqual([]);
    expect(differencesOf(read(3, 'a'), read(4, 'b'))).toEqual(['standard input has 4 bytes, had 3']);
    expect(differencesOf(read(3, 'a'), read(3, 'b'))).toEqual([
      'standard input has the same size, but other bytes',
    ]);
  });
});
