import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListIdentity } from '../../../src/dataset/list/identity.js';
import { type DatasetOptions, RunState } from '../../../src/dataset/pull/run-state.js';
import { bootId } from '../../../src/save/part-record.js';
import { scratchDirectory } from '../../support/scratch.js';

const LIST: ListIdentity = {
  files: [{ name: 'urls.txt', format: 'txt', size: 10, modifiedMs: 1000, sha256: null }],
  urlCol: 'url',
  captionCol: null,
  columns: [],
};
const OPTIONS: DatasetOptions = { '--format': 'webdataset', '--shard-size': 10 };
const SUMMARY = {
  count: 3,
  successes: 2,
  failedToDownload: 1,
  failedToResize: 0,
  codes: { aborted: 1 },
  began: 1,
  ended: 2,
};

function taken(directory: string, list = LIST, options = OPTIONS): RunState {
  const state = new RunState(directory, list, options);
  state.release();
  return state;
}

describe('RunState', () => {
  test('knows what came of the run when it is taken up again, and that it is no longer so', () => {
    const directory = join(scratchDirectory(), 'new/out');
    const first = new RunState(directory, LIST, OPTIONS);
    expect(first.result).toBeNull();
    first.result = { shards: 1, summary: SUMMARY };
    first.release();
    expect(taken(directory).result).toEqual({ shards: 1, summary: SUMMARY });
    taken(directory).result = null;
    expect(taken(directory).result).toBeNull();
  });

  test('has one digest for the same list and options, and another for any others', () => {
    const values = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), values), fc.dictionary(fc.string(), values), (one, two) => {
        const [a, b, c] = [one, { ...one }, two].map(
          (options) => taken(scratchDirectory(), LIST, options).digest,
        );
        expect(a).toBe(b);
        if (JSON.stringify(one) !== JSON.stringify(two)) expect(a).not.toBe(c);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses any other options with their names and values, and another list', () => {
    const directory = scratchDirectory();
    taken(directory);
    fc.assert(
      fc.property(
        fc.integer().filter((size) => size !== 10),
        (size) => {
          expect(() => taken(directory, LIST, { ...OPTIONS, '--shard-size': size })).toThrow(
            `--shard-size is ${size}, was 10`,
          );
        },
      ),
    );
    expect(() => taken(directory, LIST, { ...OPTIONS, '--resize': 32 })).toThrow('--resize is 32, was null');
    expect(() => taken(directory, { ...LIST, urlCol: 'link' })).toThrow('is "link", was "url"');
    expect(taken(directory).result).toBeNull();
  });

  test('lets one run at a time in: of this process, or another that lives', () => {
    const directory = scratchDirectory();
    const first = new RunState(directory, LIST, OPTIONS);
    expect(() => new RunState(directory, LIST, OPTIONS)).toThrow(
      `is being written by process ${process.pid}`,
    );
    first.release();
    const lock = join(directory, '.sluice/lock');
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, boot: bootId() }));
    expect(() => new RunState(directory, LIST, OPTIONS)).toThrow(`process ${process.ppid}`);
  });

  test.each([
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, boot: bootId() })],
    ['a start of the system that is over', JSON.stringify({ pid: process.ppid, boot: 'another' })],
    ['a process that was killed before it could say who it is', ''],
  ])('takes over the lock of %s', (_, lock) => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, '.sluice'));
    writeFileSync(join(directory, '.sluice/lock'), lock);
    const state = new RunState(directory, LIST, OPTIONS);
    expect(readFileSync(join(directory, '.sluice/lock'), 'utf8')).toContain(`${process.pid}`);
    state.release();
  });

  test.each(['{', '{"version":2}', 'null', ''])('refuses %j in the place of its record', (text) => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, '.sluice'));
    writeFileSync(join(directory, '.sluice/run.json'), text);
    expect(() => taken(directory)).toThrow('is no record of a run of this version.');
  });

  test('knows standard input once it was read, and refuses another one then', () => {
    const directory = scratchDirectory();
    const stdin = (size: number | null, sha256: string | null): ListIdentity => ({
      ...LIST,
      files: [{ name: '-', format: 'txt', size, modifiedMs: null, sha256 }],
    });
    const first = new RunState(directory, stdin(null, null), OPTIONS);
    expect(first.isListKnown).toBe(false);
    first.confirm(stdin(9, 'aa'));
    first.result = { shards: 1, summary: SUMMARY };
    first.release();
    const second = new RunState(directory, stdin(null, null), OPTIONS);
    second.confirm(stdin(9, 'aa'));
    expect(() => second.confirm(stdin(9, 'bb'))).toThrow('other bytes');
    second.release();
  });
});
