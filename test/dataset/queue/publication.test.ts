import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completePublication, fence, publish } from '../../../src/dataset/queue/publication.js';
import { RunFolder } from '../../../src/dataset/queue/run-folder.js';
import { scratchDirectory } from '../../support/scratch.js';

const NAMES = ['00000', '00000.parquet', '00000.tar', '00000_stats.json'];

/** A shard made under the lease `token`, with a folder and files that say whose they are. */
function made(folder: RunFolder, token: string): void {
  const at = folder.workOf(token);
  mkdirSync(join(at, '00000'), { recursive: true });
  for (const name of ['00000/a.jpg', ...NAMES.slice(1)]) writeFileSync(join(at, name), token);
}

function whose(folder: RunFolder): string[] {
  const names = ['00000/a.jpg', ...NAMES.slice(1)];
  return names.map((name) => readFileSync(join(folder.directory, name), 'utf8'));
}

function folders(...tokens: string[]): RunFolder {
  const folder = new RunFolder(scratchDirectory());
  folder.found();
  for (const token of tokens) made(folder, token);
  return folder;
}

const visible = ({ directory }: RunFolder) => readdirSync(directory).filter((name) => name !== '.sluice');

describe('publish()', () => {
  test('puts the shard into the data set', async () => {
    const folder = folders('one');
    expect(await publish(folder, 0, 'one')).toBe(true);
    expect(visible(folder)).toEqual(NAMES);
    expect(existsSync(folder.workOf('one'))).toBe(false);
  });

  test('a lease that was fenced off publishes nothing, neither before nor after the one that came after it', async () => {
    const folder = folders('late', 'new');
    await fence(folder, ['late', 'never-begun']);
    expect(await publish(folder, 0, 'late')).toBe(false);
    expect(visible(folder)).toEqual([]);
    expect(await publish(folder, 0, 'new')).toBe(true);
    expect(await publish(folder, 0, 'late')).toBe(false);
    expect(whose(folder)).toEqual(['new', 'new', 'new', 'new']);
  });

  test('one that nobody fenced off publishes nothing where another has, be it long ago', async () => {
    const folder = folders('first', 'second');
    expect(await publish(folder, 0, 'first')).toBe(true);
    expect(await publish(folder, 0, 'second')).toBe(false);
    expect(whose(folder)).toEqual(['first', 'first', 'first', 'first']);
    expect(existsSync(folder.workOf('second'))).toBe(false);
  });

  test('is told to have done it when it is called again, as a rename over a network may be', async () => {
    const folder = folders('one');
    expect([await publish(folder, 0, 'one'), await publish(folder, 0, 'one')]).toEqual([true, true]);
  });

  test('of two at once one publishes, and the data set is all its own', async () => {
    for (let round = 0; round < 20; round++) {
      const folder = folders('one', 'two');
      const published = await Promise.all([
        fence(folder, ['one']),
        publish(folder, 0, 'one'),
        publish(folder, 0, 'two'),
      ]);
      const [owner, ...others] = new Set(whose(folder));
      expect(others).toEqual([]);
      expect(published.slice(1)).toEqual([owner === 'one', owner === 'two']);
    }
  });
});

describe('completePublication()', () => {
  test.each(NAMES)('goes on where a publisher was killed, %s moved last', async (last) => {
    const folder = folders('one');
    const published = folder.publishedOf(0);
    renameSync(folder.workOf('one'), published);
    for (const name of NAMES.slice(0, NAMES.indexOf(last) + 1))
      renameSync(join(published, name), join(folder.directory, name));
    await Promise.all([completePublication(folder, 0), completePublication(folder, 0)]);
    expect(whose(folder)).toEqual(['one', 'one', 'one', 'one']);
  });
});
