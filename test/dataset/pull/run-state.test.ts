import { mkdirSync, writeFileSync } from 'node:fs';
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

async function taken(directory: string, list = LIST, options = OPTIONS): Promise<RunState> {
  const state = await RunState.begin(directory, list, options);
  await state.release();
  return state;
}

describe('RunState', () => {
  test('knows what came of the run when it is taken up again, and that it is no longer so', async () => {
    const directory = join(scratchDirectory(), 'new/out');
    const first = await RunState.begin(directory, LIST, OPTIONS);
    expect(first.result).toBeNull();
    first.result = { shards: 1, summary: SUMMARY };
    await first.release();
    expect((await taken(directory)).result).toEqual({ shards: 1, summary: SUMMARY });
    (await taken(directory)).result = null;
    expect((await taken(directory)).result).toBeNull();
  });

  test('has one digest for the same list and options, and another for any others', async () => {
    const values = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    const digestOf = async (options: DatasetOptions) =>
      (await taken(scratchDirectory(), LIST, options)).digest;
    const dictionary = fc.dictionary(fc.string(), values);
    await fc.assert(
      fc.asyncProperty(dictionary, dictionary, async (one, two) => {
        const digest = await digestOf(one);
        expect(await digestOf({ ...one })).toBe(digest);
        if (JSON.stringify(one) !== JSON.stringify(two)) expect(await digestOf(two)).not.toBe(digest);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses any other options with their names and values, and another list', async () => {
    const directory = scratchDirectory();
    await taken(directory);
    await fc.assert(
      fc.asyncProperty(
        fc.integer().filter((size) => size !== 10),
        async (size) => {
          await expect(taken(directory, LIST, { ...OPTIONS, '--shard-size': size })).rejects.toThrow(
            `--shard-size is ${size}, was 10`,
          );
        },
      ),
    );
    await expect(taken(directory, LIST, { ...OPTIONS, '--resize': 32 })).rejects.toThrow(
      '--resize is 32, was null',
    );
    await expect(taken(directory, { ...LIST, urlCol: 'link' })).rejects.toThrow('is "link", was "url"');
    expect((await taken(directory)).result).toBeNull();
  });

  test('lets one run at a time in: of this process, or another that lives', async () => {
    const directory = scratchDirectory();
    const first = await RunState.begin(directory, LIST, OPTIONS);
    await expect(RunState.begin(directory, LIST, OPTIONS)).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining(`is being written by process ${process.pid}: `),
    });
    await first.release();
    const lock = join(directory, '.sluice/lock');
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, boot: bootId() }));
    await expect(RunState.begin(directory, LIST, OPTIONS)).rejects.toThrow(`process ${process.ppid}`);
  });

  test.each(['{', '{"version":2}', 'null', ''])('refuses %j in the place of its record', async (text) => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, '.sluice'));
    writeFileSync(join(directory, '.sluice/run.json'), text);
    await expect(taken(directory)).rejects.toThrow('is no record of a run of this version.');
  });

  test('knows standard input once it was read, and refuses another one then', async () => {
    const directory = scratchDirectory();
    const stdin = (size: number | null, sha256: string | null): ListIdentity => ({
      ...LIST,
      files: [{ name: '-', format: 'txt', size, modifiedMs: null, sha256 }],
    });
    const first = await RunState.begin(directory, stdin(null, null), OPTIONS);
    expect(first.isListKnown).toBe(false);
    first.confirm(stdin(9, 'aa'));
    first.result = { shards: 1, summary: SUMMARY };
    await first.release();
    const second = await RunState.begin(directory, stdin(null, null), OPTIONS);
    second.confirm(stdin(9, 'aa'));
    expect(() => second.confirm(stdin(9, 'bb'))).toThrow('other bytes');
    await second.release();
  });
});
