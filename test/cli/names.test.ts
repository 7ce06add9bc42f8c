import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { jpegOf, picture, SMALL_JPEG } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get, startGet, until } from './support/command.js';
import { send } from './support/pacing.js';
import { jsonLines } from './support/printed.js';

const PNG = picture('png-rgb-70x46.png');

/** A server of small JPEGs; the Content-Disposition of `/d/N` is the Nth of `dispositions`. */
function namingServer(dispositions: readonly string[] = []) {
  return rawServer(
    answering((request) => {
      const n = /^GET \/d\/(\d+)/.exec(request)?.[1];
      const disposition = n === undefined ? undefined : dispositions[Number(n)];
      const bytes = disposition === undefined ? [] : Buffer.from(disposition).toString('latin1');
      return typed(
        request.includes('png-') ? PNG : SMALL_JPEG,
        'image/jpeg',
        disposition === undefined ? [] : [['Content-Disposition', String(bytes)]],
      );
    }),
  );
}

/** Retrieves all of `urls` by one process into `out`, and gives each one's file. */
async function filesOf(folder: string, urls: readonly string[]): Promise<string[]> {
  const { status, stdout, stderr } = await get([...urls, '-d', 'out', '--json'], { cwd: folder });
  expect([status, stderr]).toEqual([0, '']);
  return jsonLines<Receipt>(stdout).map(({ file }) => String(file));
}

describe('get chooses the name', () => {
  const named: [from: string, name: string][] = [
    ['/a/cover.jpg?size=2#top', 'cover.jpg'],
    ['/a/two%20words.jpeg', 'two words.jpeg'],
    ['/caf%C3%A9.jpg', 'caf\u00e9.jpg'],
    ['/', 'image.jpg'],
    ['/show.php', 'show.jpg'],
    ['/photo', 'photo.jpg'],
    ['/v1.2', 'v1.2.jpg'],
    ['/png-cover.jpg', 'png-cover.png'],
    ['/png-photo.PNG', 'png-photo.PNG'],
  ];

  test('from the URL, with the extension that the bytes call for', async () => {
    const folder = scratchDirectory();
    const server = await namingServer();
    const files = await filesOf(
      folder,
      named.map(([from]) => server.url(from)),
    );
    expect(files).toEqual(named.map(([, name]) => join('out', name)));
    expect(readFileSync(join(folder, 'out', 'cover.jpg')).equals(SMALL_JPEG)).toBe(true);
    expect(readFileSync(join(folder, 'out', 'png-cover.png')).equals(PNG)).toBe(true);
  });

  test('from Content-Disposition before the URL', async () => {
    const folder = scratchDirectory();
    const dispositions = [
      'attachment; filename="sunset.jpg"',
      "attachment; filename=x.jpg; filename*=UTF-8''na%C3%AFve.jpg",
      'inline',
      'attachment; filename="unclosed',
    ];
    const server = await namingServer(dispositions);
    const files = await filesOf(
      folder,
      dispositions.map((_, n) => server.url(`/d/${n}`)),
    );
    expect(files).toEqual(
      ['sunset.jpg', 'na\u00efve.jpg', '2.jpg', '3.jpg'].map((name) => join('out', name)),
    );
  });

  test('never over a file that is there: name.1, name.2', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'cover.jpg'), 'older');
    const server = await namingServer();
    const url = server.url('/cover.jpg');
    expect((await get([url, url], { cwd: folder })).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['cover.1.jpg', 'cover.2.jpg', 'cover.jpg']);
    expect(readFileSync(join(folder, 'cover.jpg'), 'latin1')).toBe('older');
  });

  test('for two runs at the same time: each has a file of its own, and both are whole', async () => {
    const folder = scratchDirectory();
    const server = await namingServer();
    const runs = await Promise.all([1, 2, 3].map(() => get([server.url('/cover.jpg')], { cwd: folder })));
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
    const names = readdirSync(folder).sort();
    expect(names).toEqual(['cover.1.jpg', 'cover.2.jpg', 'cover.jpg']);
    for (const name of names) expect(readFileSync(join(folder, name)).equals(SMALL_JPEG)).toBe(true);
  });
});

describe('get keeps a hostile name inside its directory, and harmless', () => {
  const hostile = [
    '../../evil.jpg',
    '..\\..\\evil.jpg',
    '/etc/evil.jpg',
    'C:\\evil.jpg',
    '..',
    '.bashrc',
    '-rf',
    '--output=x.jpg',
    'CON',
    'nul.jpg',
    'com1.jpg',
    'LPT9',
    `${'n'.repeat(300)}.jpg`,
    `${'\u{1f4f7}'.repeat(100)}.jpg`,
    'bell\x07esc\x1b[31m.jpg',
    'c1\u009b31m.jpg',
    'gpj\u202e.exe',
    'mark\u200e\u2066.jpg',
    'what?.jpg',
    'a|b<c>d*e"f:g.jpg',
    'dot.',
    ' ',
    '...jpg',
  ];
  const harmless = (name: string) =>
    /^[^.\s-]/.test(name) &&
    !/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]/.test(name) &&
    !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) &&
    Buffer.byteLength(`${name}.part`) <= 255;

  test('from Content-Disposition', async () => {
    const folder = scratchDirectory();
    const dispositions = hostile.map((name) => `attachment; filename*=UTF-8''${percentEncoded(name)}`);
    const server = await namingServer(dispositions);
    await filesOf(
      folder,
      hostile.map((_, n) => server.url(`/d/${n}`)),
    );
    expect(readdirSync(folder)).toEqual(['out']);
    const names = readdirSync(join(folder, 'out'));
    expect(names).toHaveLength(hostile.length);
    expect(names.filter((name) => !harmless(name))).toEqual([]);
    expect(existsSync(join(folder, '..', 'evil.jpg'))).toBe(false);
  });

  test('from a URL', async () => {
    const folder = scratchDirectory();
    const server = await namingServer();
    const urls = hostile.map((name) => server.url(`/${percentEncoded(name)}`));
    await filesOf(folder, urls);
    expect(readdirSync(folder)).toEqual(['out']);
    const names = readdirSync(join(folder, 'out'));
    expect(names).toHaveLength(hostile.length);
    expect(names.filter((name) => !harmless(name))).toEqual([]);
  });

  function percentEncoded(name: string): string {
    return [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  }
});

describe('get -d and -o', () => {
  test('-d makes the directory, and those above it', async () => {
    const folder = scratchDirectory();
    const server = await namingServer();
    const { status } = await get([server.url('/cover.jpg'), '-d', 'a/b/c'], { cwd: folder });
    expect(status).toBe(0);
    expect(readdirSync(join(folder, 'a', 'b', 'c'))).toEqual(['cover.jpg']);
  });

  test('-d saves a text as well, where standard output would have had it', async () => {
    const folder = scratchDirectory();
    const server = await rawServer(answering(typed('a text', 'text/plain')));
    const { status, stdout } = await get([server.url('/romeo.txt'), '-d', 'out'], { cwd: folder });
    expect([status, stdout.toString()]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'out', 'romeo.txt'), 'latin1')).toBe('a text');
  });

  test('-d that is a file: 23', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'out'), 'a file');
    const server = await namingServer();
    const { status, stderr } = await get([server.url('/cover.jpg'), '-d', 'out'], { cwd: folder });
    expect([status, stderr]).toEqual([
      23,
      expect.stringMatching(/^sluice: "out" could not be written: .*\n$/),
    ]);
  });

  test('-o replaces an older file when the new one is whole, and not before', async () => {
    const folder = scratchDirectory();
    const file = join(folder, 'cover.jpg');
    writeFileSync(file, 'older');
    const reply = typed(jpegOf(50_000), 'image/jpeg');
    let sendRest!: () => void;
    const rest = new Promise<void>((resolve) => {
      sendRest = resolve;
    });
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      await send(socket, reply.subarray(0, 40_000));
      await rest;
      await send(socket, reply.subarray(40_000));
    });
    const running = startGet([server.url('/x'), '-o', 'cover.jpg'], { cwd: folder });
    await until(() => existsSync(`${file}.part`) && statSync(`${file}.part`).size > 10_000);
    expect(readFileSync(file, 'latin1')).toBe('older');
    sendRest();
    expect((await running.ended).status).toBe(0);
    expect(readFileSync(file).equals(jpegOf(50_000))).toBe(true);
    expect(readdirSync(folder)).toEqual(['cover.jpg']);
  });

  test('-o keeps the name that was given, whatever the bytes are', async () => {
    const folder = scratchDirectory();
    mkdirSync(join(folder, 'here'));
    const server = await namingServer();
    const { status } = await get([server.url('/png-x'), '-o', 'here/stuff.jpg'], { cwd: folder });
    expect(status).toBe(0);
    expect(readdirSync(join(folder, 'here'))).toEqual(['stuff.jpg']);
  });

  test('-o - writes the very bytes of a picture to standard output', async () => {
    const server = await namingServer();
    const { status, stdout, stderr } = await get([server.url('/cover.jpg'), '-o', '-']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.equals(SMALL_JPEG)).toBe(true);
  });
});
