import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { jpegOf, SMALL_JPEG } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { head, redirect, reply, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, get, start } from './support/command.js';
import { send } from './support/pacing.js';
import { requirePython } from './support/python.js';

const TERMINAL = fileURLToPath(new URL('support/terminal.py', import.meta.url));
/** Takes a drawn line away. */
const CLEARED = '\r\x1b[K';

beforeAll(requirePython);

interface Shown {
  readonly status: number | null;
  /** All that the terminal was sent. */
  readonly shown: string;
}

/** Runs `sluice get` with standard output and standard error, or the latter only, on a terminal. */
async function onTerminal(
  which: 'both' | 'stderr',
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Shown> {
  const { status, stdout, stderr } = await start(
    'python3',
    [TERMINAL, which, process.execPath, CLI, 'get', ...args],
    { cwd, env },
  ).ended;
  expect(stderr).toBe('');
  return { status, shown: stdout.toString() };
}

/** Its dimensions come early, and a tail after its end (which is allowed) late. */
const PICTURE = Buffer.concat([SMALL_JPEG, Buffer.alloc(100_000 - SMALL_JPEG.length)]);

/** A server that takes about a second for `PICTURE`. */
function slowServer(fields: [string, string][]) {
  return rawServer(async ({ socket, request }) => {
    await request();
    await send(socket, head({ fields: [['Content-Type', 'image/jpeg'], ...fields] }));
    for (let at = 0; at < PICTURE.length && !socket.destroyed; at += 10_000) {
      await send(socket, PICTURE.subarray(at, at + 10_000));
      await new Promise((resolve) => setTimeout(resolve, 70));
    }
    socket.end();
  });
}

describe('get draws its progress', () => {
  test('on a terminal: size, share, rate, time left and dimensions, and takes it away at the end', async () => {
    const folder = scratchDirectory();
    const server = await slowServer([['Content-Length', '100000']]);
    const { status, shown } = await onTerminal('both', [server.url('/cover.jpg')], folder);
    expect(status).toBe(0);
    expect(shown).toMatch(
      /\rcover\.jpg {2}\[#+-+\] \d+% {2}\d.* kB of 100 kB {2}.*kB\/s {2}0:\d\d left {2}70 x 46/,
    );
    const drawn = shown.split('\r').filter((line) => line.includes('kB/s'));
    expect(drawn.length).toBeGreaterThan(2);
    expect(drawn.every((line) => line.endsWith('\x1b[K') && line.length <= 80 + 3)).toBe(true);
    expect(shown.slice(shown.lastIndexOf(CLEARED))).toBe(`${CLEARED}cover.jpg: 100 kB, image/jpeg 70 x 46\n`);
  });

  test('without a share where the server does not say the size', async () => {
    const folder = scratchDirectory();
    const server = await slowServer([['Connection', 'close']]);
    const { status, shown } = await onTerminal('stderr', [server.url('/cover.jpg'), '-o', '-'], folder);
    expect(status).toBe(0);
    expect(shown).toMatch(/kB\/s/);
    expect(shown).not.toMatch(/%|left/);
    expect(shown.endsWith(CLEARED)).toBe(true);
    expect(readFileSync(join(folder, 'stdout')).equals(PICTURE)).toBe(true);
  });

  test('not where standard error is no terminal, nor with -q, nor with --trace', async () => {
    const folder = scratchDirectory();
    const server = await slowServer([['Content-Length', '100000']]);
    const [piped, quiet, traced] = await Promise.all([
      get([server.url('/cover.jpg'), '-o', 'a.jpg'], { cwd: folder }),
      onTerminal('stderr', [server.url('/cover.jpg'), '-o', 'b.jpg', '-q'], folder),
      onTerminal('both', [server.url('/cover.jpg'), '-o', 'c.jpg', '--trace'], folder),
    ]);
    expect([piped.stderr, quiet.shown]).toEqual(['', '']);
    expect(traced.shown).not.toContain('\x1b');
    expect(traced.shown).toMatch(/^\d+ \d+\n/);
    expect(readdirSync(folder).sort()).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'stdout']);
  });

  test('not after a failure: the line is gone before the sentence', async () => {
    const folder = scratchDirectory();
    const server = await slowServer([['Content-Length', '100001']]);
    const { status, shown } = await onTerminal('both', [server.url('/cover.jpg')], folder);
    expect(status).toBe(18);
    expect(shown.slice(shown.lastIndexOf(CLEARED))).toMatch(/^\r\x1b\[Ksluice: .*\.\n$/);
  });

  test('without a password of the URL', async () => {
    const folder = scratchDirectory();
    const server = await slowServer([['Content-Length', '100000']]);
    const url = server.url('/').replace('//', '//me:secret@');
    const { shown } = await onTerminal('both', [url], folder);
    expect(shown).toMatch(/\r127\.0\.0\..* {2}\[/);
    expect(shown).not.toContain('secret');
  });

  test('with NO_COLOR: no colour, here as anywhere', async () => {
    const folder = scratchDirectory();
    const server = await slowServer([['Content-Length', '100000']]);
    const { shown } = await onTerminal('both', [server.url('/cover.jpg')], folder, { NO_COLOR: '1' });
    // The only sequence is the one that clears the line.
    expect(shown.replaceAll('\x1b[K', '')).not.toContain('\x1b');
  });
});

test('get does not draw over a text that it copies to the terminal', async () => {
  const folder = scratchDirectory();
  const server = await rawServer(async ({ socket, request }) => {
    await request();
    await new Promise((resolve) => setTimeout(resolve, 700));
    socket.end(`${head({ fields: [['Content-Type', 'text/plain']] })}no line end`);
  });
  const { status, shown } = await onTerminal('both', [server.url('/romeo.txt')], folder);
  expect(status).toBe(0);
  expect(shown.slice(shown.lastIndexOf('\x1b[K'))).toBe('\x1b[Kno line end');
});

test('get refuses to write a picture to a terminal', async () => {
  const folder = scratchDirectory();
  const server = await rawServer(answering(typed(jpegOf(5_000), 'image/jpeg')));
  const { status, shown } = await onTerminal('both', [server.url('/cover.jpg'), '-o', '-'], folder);
  expect(status).toBe(23);
  expect(shown).toBe(
    'sluice: A picture (JPEG) is not written to a terminal: name a file with -o, or pipe it.\n',
  );
});

describe('get lets nothing from the network command the terminal', () => {
  /** Colours, a title, C1's CSI in UTF-8, a line drawn over, a backspace, and text turned around. */
  const TRICKS = 'a\x1b[31mb\x1b]0;title\x07c\u009b2Jd\rover\x08e\u202ef\x7fg';
  const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  const latin1 = (text: string) => Buffer.from(text).toString('latin1');

  test('in a text', async () => {
    const server = await rawServer(answering(typed(`${TRICKS}\r\nfine\n`, 'text/plain')));
    const { status, shown } = await onTerminal('both', [server.url('/x')], scratchDirectory());
    expect(status).toBe(0);
    expect(shown).toBe('a\\x1b[31mb\\x1b]0;title\\x07c\\x9b2Jd\\x0dover\\x08e\\u202ef\\x7fg\nfine\n');
  });

  test('in a text that comes byte by byte', async () => {
    const bytes = typed(`\u00e9${TRICKS}\r\nfine\r\n\u4e2d\r`, 'text/plain');
    const server = await rawServer(answering(bytes));
    const { shown } = await onTerminal('both', [server.url('/x'), '--recv-size', '1'], scratchDirectory());
    expect(shown).toBe(
      '\u00e9a\\x1b[31mb\\x1b]0;title\\x07c\\x9b2Jd\\x0dover\\x08e\\u202ef\\x7fg\nfine\n\u4e2d\\x0d',
    );
  });

  test('but with -o -, or where standard output is no terminal, a text is what was sent', async () => {
    const text = `${TRICKS}\r\nfine\r\n`;
    const server = await rawServer(answering(typed(text, 'text/plain')));
    const asked = await onTerminal('both', [server.url('/x'), '-o', '-'], scratchDirectory());
    expect(asked.shown).toBe(text);
    expect((await get([server.url('/x')])).stdout.toString()).toBe(text);
  });

  // A field value and a reason phrase can hold no control character but these; a bare CR or NUL is refused outright.
  const FIELD = latin1('x\u009b31m\u202e');

  test.each([['-i'], ['-v'], ['--trace'], ['--json'], ['--json --trace'], ['--flow']])(
    'in a header, with %s',
    async (flags) => {
      const answer = typed('fine', 'text/plain', [['X-Trick', FIELD]]).toString('latin1');
      const server = await rawServer(
        answering(Buffer.from(answer.replace('200 OK', `200 OK${FIELD}`), 'latin1')),
      );
      // A progress bar has sequences of its own.
      const args = [server.url('/x'), '-q', ...flags.split(' '), '-o', 'x'];
      const { status, shown } = await onTerminal('both', args, scratchDirectory());
      expect(status).toBe(0);
      expect(shown).not.toMatch(RAW);
    },
  );

  test('in a header with ESC in it, whatever is done with that', async () => {
    const server = await rawServer(
      answering(`HTTP/1.1 200 \x1b[31m\r\nX: \x1b[2J\x07\r\nContent-Length: 0\r\n\r\n`),
    );
    const { shown } = await onTerminal('both', [server.url('/x'), '-v', '-i'], scratchDirectory());
    expect(shown).not.toMatch(RAW);
  });

  test.each([
    ['a reason phrase', reply('', { status: `404 ${FIELD}` }).toString('latin1')],
    ['a Location', redirect(`ftp://${FIELD}/`).toString('latin1')],
    ['a Location that is no URL', redirect(`http://[${FIELD}`).toString('latin1')],
    ['a content coding', typed('x', 'image/jpeg', [['Content-Encoding', FIELD]]).toString('latin1')],
    ['a type', typed('x', `image/${FIELD}`).toString('latin1')],
    ['what is no HTTP at all', '\x1b[31m\u009b\x07 go away\r\n\r\n'],
    ['a picture that is none', typed('\x1b[31m<html>', 'image/jpeg').toString('latin1')],
  ])('in a message, from %s', async (_, answer) => {
    const server = await rawServer(answering(Buffer.from(answer, 'latin1')));
    const { status, shown } = await onTerminal('both', [server.url('/x')], scratchDirectory());
    expect(status).toBeGreaterThan(0);
    expect(shown).toMatch(/^sluice: .*\n$/);
    expect(shown).not.toMatch(RAW);
  });

  test('in the URL of a message or a redirect', async () => {
    const server = await rawServer(
      answering((request) =>
        request.startsWith('GET /end') ? reply('', { status: '404 No' }) : redirect('/end\u009b'),
      ),
    );
    const args = [server.url('/\u009b\u202e\x1b'), '-v'];
    const { shown } = await onTerminal('both', args, scratchDirectory());
    expect(shown).not.toMatch(RAW);
    const bad = await onTerminal('both', ['\u009b2J\x1b[31m\u202e'], scratchDirectory());
    expect(bad.shown).toMatch(/^sluice: .* is no URL.*\n$/);
    expect(bad.shown).not.toMatch(RAW);
  });

  test('in the name of the file that it reports', async () => {
    const disposition = "attachment; filename*=UTF-8''a%1B%5B31m%C2%9B%E2%80%AEb%D8%9C.jpg";
    const server = await rawServer(
      answering(typed(jpegOf(5_000), 'image/jpeg', [['Content-Disposition', disposition]])),
    );
    const { status, shown } = await onTerminal('both', [server.url('/x')], scratchDirectory());
    expect(status).toBe(0);
    expect(shown).toMatch(/: 5\.00 kB, image\/jpeg 70 x 46\n$/);
    expect(shown).not.toMatch(RAW);
  });
});
