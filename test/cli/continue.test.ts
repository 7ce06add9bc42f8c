/** `-C` takes up what an interrupted run left: killed at any moment, it never shows a false file, and at last gives the very bytes. */

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { jpegOf } from '../support/pictures.js';
import { askedRange, part, rangeServer } from '../support/range-server.js';
import { rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get, startGet, until } from './support/command.js';
import { sendWithGaps } from './support/pacing.js';
import { jsonLines, ONE_SENTENCE } from './support/printed.js';

const PICTURE = jpegOf(400_000);
const LARGE = jpegOf(3_000_000);
const KILLS = 50;

/** Numbers that look like chance and are the same at every run. */
function* chances(): Generator<number> {
  for (let x = 1; ; ) {
    x = (x * 48_271) % 2_147_483_647;
    yield x / 2_147_483_647;
  }
}

/** Answers ranges, in pieces of `size` with a gap of 1 ms between them. */
function pacedServer(body: Buffer, size: number) {
  return rawServer(async ({ socket, request }) => {
    for (let asked = await request(); asked !== undefined; asked = await request()) {
      const from = askedRange(asked)?.from ?? 0;
      const fields = [
        ['ETag', '"one"'],
        ['Content-Type', 'image/jpeg'],
      ] as const;
      const bytes = from > 0 ? part(body, from, fields) : typed(body, 'image/jpeg', [['ETag', '"one"']]);
      await sendWithGaps(socket, bytes, size, 1);
    }
  });
}

describe('get -C', () => {
  test('goes on where a run was cut short, and says before that it can', async () => {
    const folder = scratchDirectory();
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [250_000][n] });
    const args = ['-C', server.url('/cover.jpg'), '-o', 'stuff.jpg', '--json'];
    const first = await get(args, { cwd: folder });
    expect(first.status).toBe(18);
    expect(first.stderr).toMatch(ONE_SENTENCE);
    expect(first.stderr).toContain('; 250000 bytes are kept in "stuff.jpg.part", and -C goes on from there.');
    expect(jsonLines<Receipt>(first.stdout)[0]).toMatchObject({
      part: 'stuff.jpg.part',
      file: null,
    });
    const second = await get(args, { cwd: folder });
    expect([second.status, second.stderr]).toEqual([0, '']);
    expect(jsonLines<Receipt>(second.stdout)[0]).toMatchObject({ resumedFrom: 250_000, status: 206 });
    expect(readdirSync(folder)).toEqual(['stuff.jpg']);
    expect(readFileSync(join(folder, 'stuff.jpg')).equals(PICTURE)).toBe(true);
  });

  test('finds by the URL what was left under a name that sluice chose, and puts it over no other file', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'cover.jpg'), 'another');
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [250_000][n] });
    const args = ['-C', server.url('/cover.jpg')];
    expect((await get(args, { cwd: folder })).status).toBe(18);
    expect(readdirSync(folder).sort()).toEqual(['cover.1.jpg.part', 'cover.1.jpg.part.json', 'cover.jpg']);
    expect((await get(args, { cwd: folder })).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['cover.1.jpg', 'cover.jpg']);
    expect(readFileSync(join(folder, 'cover.1.jpg')).equals(PICTURE)).toBe(true);
    expect(readFileSync(join(folder, 'cover.jpg'), 'latin1')).toBe('another');
  });

  test('goes on after kill -9 of a run without -C', async () => {
    const folder = scratchDirectory();
    const server = await pacedServer(LARGE, 16_384);
    const file = join(folder, 'cover.jpg');
    const running = startGet([server.url('/cover.jpg')], { cwd: folder });
    await until(() => existsSync(`${file}.part`) && statSync(`${file}.part`).size > 500_000);
    running.kill('SIGKILL');
    await running.ended;
    expect(existsSync(file)).toBe(false);
    const { status, stdout } = await get(['-C', server.url('/cover.jpg'), '-d', '.', '--json'], {
      cwd: folder,
    });
    expect(status).toBe(0);
    expect(jsonLines<Receipt>(stdout)[0]!.resumedFrom).toBeGreaterThan(500_000);
    expect(readFileSync(file).equals(LARGE)).toBe(true);
    expect(readdirSync(folder)).toEqual(['cover.jpg']);
  });

  test('without -C, what came is kept from 1 MiB on when a run is interrupted, and nothing below', async () => {
    const folder = scratchDirectory();
    const cuts = [1_000_000, 1_100_000];
    const server = await rangeServer({ body: LARGE, cutAfter: (n) => cuts[n] });
    const below = await get([server.url(), '-o', 'cover.jpg'], { cwd: folder });
    expect([below.status, readdirSync(folder)]).toEqual([18, []]);
    const above = await get([server.url(), '-o', 'cover.jpg'], { cwd: folder });
    expect(above.stderr).toContain('1100000 bytes are kept in "cover.jpg.part"');
    expect(readdirSync(folder).sort()).toEqual(['cover.jpg.part', 'cover.jpg.part.json']);
    const again = await get([server.url(), '-o', 'cover.jpg'], { cwd: folder });
    expect([again.status, readdirSync(folder)]).toEqual([0, ['cover.jpg']]);
    expect(readFileSync(join(folder, 'cover.jpg')).equals(LARGE)).toBe(true);
  });

  test('is done when the part is the whole already: killed before it got its name', async () => {
    const folder = scratchDirectory();
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => [399_999][n] });
    const args = ['-C', server.url('/cover.jpg'), '-o', 'cover.jpg', '--json'];
    expect((await get(args, { cwd: folder })).status).toBe(18);
    const part = join(folder, 'cover.jpg.part');
    writeFileSync(part, PICTURE.subarray(399_999), { flag: 'a' });
    const { status, stdout } = await get(args, { cwd: folder });
    expect(status).toBe(0);
    expect(jsonLines<Receipt>(stdout)[0]).toMatchObject({ status: 416, resumedFrom: 400_000, width: 70 });
    expect(readFileSync(join(folder, 'cover.jpg')).equals(PICTURE)).toBe(true);
  });

  test('does not believe a part that was put in the place of ours, nor a record that is none', async () => {
    const folder = scratchDirectory();
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => (n % 2 === 0 ? 250_000 : undefined) });
    const args = ['-C', server.url('/cover.jpg'), '-o', 'cover.jpg', '--json'];
    const part = join(folder, 'cover.jpg.part');
    const spoilings: (() => void)[] = [
      () => {
        writeFileSync(`${part}.new`, 'x'.repeat(250_000));
        // Another inode under the same name.
        renameSync(`${part}.new`, part);
      },
      () => writeFileSync(`${part}.json`, '{"url":'),
      () => writeFileSync(`${part}.json`, '{"url":1,"validator":"x"}'),
      () =>
        writeFileSync(
          `${part}.json`,
          readFileSync(`${part}.json`, 'utf8').replace(/"boot":"/, '"boot":"another '),
        ),
    ];
    for (const spoil of spoilings) {
      expect((await get(args, { cwd: folder })).status).toBe(18);
      spoil();
      const { status, stdout } = await get(args, { cwd: folder });
      expect(status).toBe(0);
      expect(jsonLines<Receipt>(stdout)[0]).toMatchObject({ resumedFrom: 0 });
      expect(readFileSync(join(folder, 'cover.jpg')).equals(PICTURE)).toBe(true);
      expect(readdirSync(folder)).toEqual(['cover.jpg']);
    }
  });

  test(`killed ${KILLS} times at any moment: never a false FILE; then the exact bytes`, {
    timeout: 60_000,
  }, async () => {
    const folder = scratchDirectory();
    const file = join(folder, 'cover.jpg');
    const server = await pacedServer(PICTURE, 2048);
    const chance = chances();
    let kills = 0;
    while (kills < KILLS) {
      const running = startGet(['-C', server.url('/cover.jpg'), '-o', 'cover.jpg'], { cwd: folder });
      // It takes about 50 ms until the first byte, and the picture takes a quarter of a second or more.
      await Promise.race([running.ended, sleep(20 + 150 * chance.next().value!)]);
      if (running.child.exitCode === null) running.kill('SIGKILL');
      const { signal } = await running.ended;
      if (signal === 'SIGKILL') kills++;
      if (existsSync(file)) {
        expect(readFileSync(file).equals(PICTURE)).toBe(true);
        rmSync(file);
      } else expect(readdirSync(folder).every((name) => name.startsWith('cover.jpg.part'))).toBe(true);
    }
    const { status } = await get(['-C', server.url('/cover.jpg'), '-o', 'cover.jpg'], { cwd: folder });
    expect(status).toBe(0);
    expect(readFileSync(file).equals(PICTURE)).toBe(true);
    expect(readdirSync(folder)).toEqual(['cover.jpg']);
  });
});

describe('get --retry', () => {
  test('goes on by itself, and says nothing of it but with -v', async () => {
    const folder = scratchDirectory();
    const cuts = [100_000, 50_000];
    const server = await rangeServer({ body: PICTURE, cutAfter: (n) => cuts[n % 3] });
    const args = [server.url('/cover.jpg'), '--retry', '2', '--retry-delay', '0.01'];
    const quiet = await get([...args, '-o', 'a.jpg'], { cwd: folder });
    expect([quiet.status, quiet.stderr]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'a.jpg')).equals(PICTURE)).toBe(true);
    const verbose = await get([...args, '-o', 'b.jpg', '-v'], { cwd: folder });
    expect(verbose.stderr).toMatch(
      /^\* The server closed after 100000 .* Retry 1 goes on behind byte 100000 in 0\.0 s\.$/m,
    );
    expect(readFileSync(join(folder, 'b.jpg')).equals(PICTURE)).toBe(true);
  });

  test('a text that was copied to standard output already goes on there, or fails as it was cut', async () => {
    const text = Buffer.from('0123456789\n'.repeat(1000));
    const strong = await rangeServer({ body: text, contentType: 'text/plain', cutAfter: (n) => [5000][n] });
    const args = ['--retry', '2', '--retry-delay', '0.01'];
    const whole = await get([strong.url('/a.txt'), ...args]);
    expect([whole.status, whole.stdout.equals(text)]).toEqual([0, true]);
    const weak = await rangeServer({
      body: text,
      contentType: 'text/plain',
      etag: 'W/"a"',
      cutAfter: () => 5000,
    });
    const cut = await get([weak.url('/a.txt'), ...args]);
    expect([cut.status, cut.stdout.equals(text.subarray(0, 5000))]).toEqual([18, true]);
  });
});
