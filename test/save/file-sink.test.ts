import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/errors.js';
import { FileSink, isSpecial } from '../../src/save/file-sink.js';
import { errorOf } from '../support/failure.js';
import { scratchDirectory } from '../support/scratch.js';

/** What the call throws. */
function thrown(call: () => unknown): SluiceError {
  try {
    call();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('FileSink.at()', () => {
  test('is FILE.part until commit, and FILE after it', async () => {
    const directory = scratchDirectory();
    const path = join(directory, 'cover.jpg');
    const sink = FileSink.at(path);
    sink.write(Buffer.from('one '));
    expect(readdirSync(directory)).toEqual(['cover.jpg.part']);
    sink.write(Buffer.from('two'));
    expect(readFileSync(sink.stored, 'latin1')).toBe('one two');
    expect(sink.file).toBeUndefined();
    await sink.commit();
    expect(readdirSync(directory)).toEqual(['cover.jpg']);
    expect(readFileSync(path, 'latin1')).toBe('one two');
    expect(sink.file).toBe(path);
  });

  test('leaves an older FILE as it was until commit, and after abort', async () => {
    const path = join(scratchDirectory(), 'cover.jpg');
    writeFileSync(path, 'older');
    const aborted = FileSink.at(path);
    aborted.write(Buffer.from('half'));
    aborted.abort();
    expect(readFileSync(path, 'latin1')).toBe('older');
    expect(existsSync(`${path}.part`)).toBe(false);
    const sink = FileSink.at(path);
    sink.write(Buffer.from('newer'));
    expect(readFileSync(path, 'latin1')).toBe('older');
    await sink.commit();
    expect(readFileSync(path, 'latin1')).toBe('newer');
  });

  test('replaces a FILE.part that a killed run left, and never follows a link of that name', async () => {
    const directory = scratchDirectory();
    const path = join(directory, 'cover.jpg');
    writeFileSync(`${path}.part`, 'left by a killed run, and longer');
    const sink = FileSink.at(path);
    sink.write(Buffer.from('new'));
    await sink.commit();
    expect(readFileSync(path, 'latin1')).toBe('new');

    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${path}.part`);
    const other = FileSink.at(path);
    other.write(Buffer.from('newer'));
    await other.commit();
    expect(readFileSync(victim, 'latin1')).toBe('precious');
    expect(readFileSync(path, 'latin1')).toBe('newer');
    expect(lstatSync(path).isSymbolicLink()).toBe(false);
  });

  test('keeps a symbolic link and replaces the file that it leads to', async () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'real'));
    const target = join(directory, 'real', 'target.jpg');
    const link = join(directory, 'link.jpg');
    writeFileSync(target, 'older');
    symlinkSync(target, link);
    const sink = FileSink.at(link);
    sink.write(Buffer.from('newer'));
    expect(readFileSync(link, 'latin1')).toBe('older');
    await sink.commit();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'latin1')).toBe('newer');
    expect(sink.file).toBe(link);
  });

  test.each([
    ['a directory', (directory: string) => directory, /it is a directory/],
    ['a missing directory', (directory: string) => join(directory, 'no', 'cover.jpg'), /does not exist/],
    ['a path through a file', (directory: string) => join(directory, 'file', 'x'), /no directory/],
    ['a name that is too long', (directory: string) => join(directory, 'x'.repeat(300)), /too long/],
    ['a place where nobody may create files', () => '/proc/self/cover.jpg', /could not be written/],
    ['a name with NUL', (directory: string) => join(directory, 'a\0b'), /could not be written/],
  ])('throws write-failed for %s', (_, pathIn, says) => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'file'), '');
    const error = thrown(() => FileSink.at(pathIn(directory)));
    expect(error).toMatchObject({ code: 'write-failed', exitCode: 23, phase: 'save' });
    expect(error.message).toMatch(says);
    expect(error.publicMessage).not.toContain(directory);
    expect(readdirSync(directory)).toEqual(['file']);
  });

  test('commit throws when FILE.part was replaced by another run, and touches neither its file nor FILE', async () => {
    const directory = scratchDirectory();
    const path = join(directory, 'cover.jpg');
    const first = FileSink.at(path);
    first.write(Buffer.from('half of the fir'));
    const second = FileSink.at(path);
    second.write(Buffer.from('all of the second'));
    expect((await errorOf(first.commit())).message).toMatch(/vanished or was replaced/);
    first.abort();
    expect(readdirSync(directory)).toEqual(['cover.jpg.part']);
    await second.commit();
    expect(readFileSync(path, 'latin1')).toBe('all of the second');
  });

  test('commit throws when FILE.part is gone', async () => {
    const path = join(scratchDirectory(), 'cover.jpg');
    const sink = FileSink.at(path);
    unlinkSync(`${path}.part`);
    expect(await errorOf(sink.commit())).toMatchObject({ code: 'write-failed' });
    sink.abort();
    expect(existsSync(path)).toBe(false);
  });

  test('commit throws when FILE has become a directory, and leaves no FILE.part', async () => {
    const directory = scratchDirectory();
    const path = join(directory, 'cover.jpg');
    const sink = FileSink.at(path);
    mkdirSync(path);
    expect(await errorOf(sink.commit())).toMatchObject({ code: 'write-failed' });
    sink.abort();
    expect(readdirSync(directory)).toEqual(['cover.jpg']);
    rmdirSync(path);
  });

  test('abort after commit changes nothing', async () => {
    const path = join(scratchDirectory(), 'cover.jpg');
    const sink = FileSink.at(path);
    await sink.commit();
    sink.abort();
    expect(existsSync(path)).toBe(true);
  });
});

describe('FileSink.newIn()', () => {
  test('numbers the name until it is free', async () => {
    const directory = scratchDirectory();
    for (let i = 0; i < 3; i++) {
      const sink = FileSink.newIn(directory, 'cover.jpg');
      sink.write(Buffer.from(String(i)));
      await sink.commit();
    }
    expect(readdirSync(directory).sort()).toEqual(['cover.1.jpg', 'cover.2.jpg', 'cover.jpg']);
    expect(readFileSync(join(directory, 'cover.1.jpg'), 'latin1')).toBe('1');
  });

  test('gives each of two that write at once a file of its own', async () => {
    const directory = scratchDirectory();
    const first = FileSink.newIn(directory, 'cover.jpg');
    const second = FileSink.newIn(directory, 'cover.jpg');
    first.write(Buffer.from('first'));
    second.write(Buffer.from('second'));
    await second.commit();
    await first.commit();
    expect(readFileSync(String(first.file), 'latin1')).toBe('first');
    expect(readFileSync(String(second.file), 'latin1')).toBe('second');
    expect(readdirSync(directory)).toHaveLength(2);
  });

  test('never replaces a file that appears meanwhile, nor a dangling link', async () => {
    const directory = scratchDirectory();
    const sink = FileSink.newIn(directory, 'cover.jpg');
    sink.write(Buffer.from('ours'));
    writeFileSync(join(directory, 'cover.jpg'), 'theirs');
    symlinkSync('/nowhere', join(directory, 'cover.1.jpg'));
    await sink.commit();
    expect(sink.file).toBe(join(directory, 'cover.2.jpg'));
    expect(readFileSync(join(directory, 'cover.jpg'), 'latin1')).toBe('theirs');
    expect(readdirSync(directory).sort()).toEqual(['cover.1.jpg', 'cover.2.jpg', 'cover.jpg']);
  });

  test('throws write-failed for a directory that is not there or is none', () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'file'), '');
    for (const at of [join(directory, 'no'), join(directory, 'file'), '/proc/self']) {
      expect(thrown(() => FileSink.newIn(at, 'cover.jpg'))).toMatchObject({ code: 'write-failed' });
    }
    expect(thrown(() => FileSink.newIn(directory, 'x'.repeat(300)))).toMatchObject({ code: 'write-failed' });
  });

  test('abort leaves the directory as it was', () => {
    const directory = scratchDirectory();
    const sink = FileSink.newIn(directory, 'cover.jpg');
    sink.write(Buffer.from('half'));
    sink.abort();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('isSpecial()', () => {
  test('is true for devices, also behind a link, and false for files, directories and nothing', () => {
    const directory = scratchDirectory();
    const link = join(directory, 'null');
    symlinkSync('/dev/null', link);
    expect(isSpecial('/dev/null')).toBe(true);
    expect(isSpecial(link)).toBe(true);
    writeFileSync(join(directory, 'file'), '');
    expect(isSpecial(join(directory, 'file'))).toBe(false);
    expect(isSpecial(directory)).toBe(false);
    expect(isSpecial(join(directory, 'none'))).toBe(false);
  });

  test('throws write-failed for a link to itself and for a name that is too long', () => {
    const loop = join(scratchDirectory(), 'loop');
    symlinkSync(loop, loop);
    expect(thrown(() => isSpecial(loop))).toMatchObject({ code: 'write-failed' });
    expect(thrown(() => isSpecial('x'.repeat(300)))).toMatchObject({ code: 'write-failed' });
  });
});
