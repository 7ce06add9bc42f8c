import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { disband } from '../../../src/dataset/queue/disband.js';
import { handOver, setAside, takeUp } from '../../../src/dataset/queue/half-done.js';
import { publish } from '../../../src/dataset/queue/publication.js';
import { RunFolder } from '../../../src/dataset/queue/run-folder.js';
import { shardPaths } from '../../../src/dataset/shard/layout.js';
import { scratchDirectory } from '../../support/scratch.js';

const HALF = ['00000.journal', '00000.tar.part'];
const LAYOUT = { format: 'webdataset', shardSize: 10, captions: false, columns: [], digest: 'd' } as const;

function runFolder(): RunFolder {
  const folder = new RunFolder(scratchDirectory());
  folder.found();
  return folder;
}

/** Files that say under which lease they were made. */
function made(folder: RunFolder, token: string, names: readonly string[] = HALF): void {
  mkdirSync(folder.workOf(token), { recursive: true });
  for (const name of names) writeFileSync(join(folder.workOf(token), name), token);
}

function textsIn(path: string): Record<string, string> {
  const names = readdirSync(path).filter((name) => name !== '.sluice');
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'utf8')]));
}

describe('What is half done', () => {
  test('is taken up by the next lease, by one of them only', async () => {
    const folder = runFolder();
    made(folder, 'one');
    await handOver(folder, 0, 'one');
    const taken = await Promise.all([takeUp(folder, 0, 'two'), takeUp(folder, 0, 'three')]);
    expect(taken.sort()).toEqual(['half', 'new']);
    const found = ['two', 'three'].map((token) => textsIn(folder.workOf(token)));
    expect(found).toContainEqual({});
    expect(found).toContainEqual({ '00000.journal': 'one', '00000.tar.part': 'one' });
  });

  test('is handed over by one only, and nothing is left of the other', async () => {
    const folder = runFolder();
    made(folder, 'one');
    made(folder, 'two');
    await handOver(folder, 0, 'one');
    await handOver(folder, 0, 'two');
    await handOver(folder, 0, 'fenced off');
    expect(Object.values(textsIn(folder.halfOf(0)))).toEqual(['one', 'one']);
    expect(readdirSync(join(folder.root, 'work'))).toEqual([]);
  });

  test('by one machine alone is left to a crew, though it was killed when it did so', async () => {
    const folder = runFolder();
    const paths = shardPaths(folder.directory, 0, LAYOUT);
    for (const name of HALF) writeFileSync(join(folder.directory, name), 'alone');
    mkdirSync(`${folder.halfOf(0)}.new`);
    await setAside(folder, 0, paths);
    expect(readdirSync(folder.directory)).toEqual(['.sluice']);
    expect(await takeUp(folder, 0, 'one')).toBe('half');
    expect(Object.keys(textsIn(folder.workOf('one')))).toEqual(HALF);
  });
});

describe('disband()', () => {
  test('brings what was published and what is half done into the data set, and nobody can begin or publish any more', async () => {
    const folder = runFolder();
    made(folder, 'half');
    await handOver(folder, 0, 'half');
    made(folder, 'done', ['00001.tar', '00001_stats.json']);
    renameSync(folder.workOf('done'), folder.publishedOf(1));
    made(folder, 'late', ['00002.tar', '00002_stats.json']);
    const { crewId } = folder.found();
    await disband(folder.directory);
    expect(await publish(folder, 2, 'late')).toBe(false);
    expect(await takeUp(folder, 3, 'next')).toBeUndefined();
    expect(folder.has(crewId)).toBe(false);
    expect(textsIn(folder.directory)).toEqual({
      '00000.journal': 'half',
      '00000.tar.part': 'half',
      '00001.tar': 'done',
      '00001_stats.json': 'done',
    });
    expect(readdirSync(join(folder.directory, '.sluice'))).toEqual(['directory-id']);
  });

  test('goes on where it was killed, and leaves alone what was finished since', async () => {
    const folder = runFolder();
    made(folder, 'half');
    await handOver(folder, 0, 'half');
    renameSync(folder.root, `${folder.root}.gone`);
    writeFileSync(join(folder.directory, '00000_stats.json'), 'finished');
    folder.found();
    await disband(folder.directory);
    expect(textsIn(folder.directory)).toEqual({ '00000_stats.json': 'finished' });
    expect(existsSync(`${folder.root}.gone`)).toBe(false);
  });
});
