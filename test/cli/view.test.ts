import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { kindByEnvironment, saysSixels } from '../../src/cli/terminal-kind.js';
import { halfBlocks, sixels } from '../../src/cli/view-encodings.js';
import { picture, SMALL_JPEG } from '../support/pictures.js';
import { rawServer } from '../support/raw-server.js';
import { typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, get, start } from './support/command.js';
import { requirePython } from './support/python.js';

const TERMINAL = fileURLToPath(new URL('support/terminal.py', import.meta.url));
/** No terminal of whoever runs the tests has a say. */
const PLAIN = { TERM: 'xterm-256color', TERM_PROGRAM: '', LC_TERMINAL: '' };

beforeAll(requirePython);

function serving(bytes: Buffer, mediaType: string) {
  return rawServer(async ({ socket, request }) => {
    await request();
    socket.end(typed(bytes, mediaType));
  });
}

/** What a terminal of 80 by 24 is sent; variables that name a terminal are taken away but for those given. */
async function shown(url: string, env: Record<string, string> = {}): Promise<string> {
  const unset = ['KITTY_WINDOW_ID', 'TMUX'].filter((name) => !(name in env));
  const program = ['env', ...unset.flatMap((name) => ['-u', name]), process.execPath, CLI];
  const { status, stdout } = await start(
    'python3',
    [TERMINAL, 'both', ...program, 'get', url, '-q', '-o', join(scratchDirectory(), 'x'), '--view'],
    { env: { ...PLAIN, ...env } },
  ).ended;
  expect(status).toBe(0);
  // The question to the terminal, which it does not answer.
  return stdout.toString().replace('\x1b[c', '');
}

describe('get --view', () => {
  it('shows the picture in half blocks, no wider and no higher than the terminal', async () => {
    const server = await serving(SMALL_JPEG, 'image/jpeg');
    const text = await shown(server.url('/x.jpg'));
    const rows = text.trimEnd().split('\n');
    expect(rows).toHaveLength(22);
    expect(new Set(rows.map((row) => row.split('▀').length - 1))).toEqual(new Set([67]));
    // A colour above and one below for each cell, and each row ends with neither.
    expect(rows[0]).toMatch(/^(\x1b\[38;2;\d+;\d+;\d+m\x1b\[48;2;\d+;\d+;\d+m▀)+\x1b\[0m$/);
  });

  it('shows it by the protocol of kitty or iTerm2 where the environment names them', async () => {
    const server = await serving(SMALL_JPEG, 'image/jpeg');
    const kitty = await shown(server.url('/x.jpg'), { KITTY_WINDOW_ID: '1' });
    const data = [...kitty.matchAll(/\x1b_G[^;]*;([^\x1b]*)\x1b\\/g)].map(([, piece]) => piece).join('');
    expect(kitty).toMatch(/^\x1b_Gf=100,a=T,q=2,m=[01];/);
    expect(await sharp(Buffer.from(data, 'base64')).metadata()).toMatchObject({ width: 70, height: 46 });
    const iterm = await shown(server.url('/x.jpg'), { TERM_PROGRAM: 'iTerm.app' });
    const inline = /^\x1b\]1337;File=inline=1;size=\d+;preserveAspectRatio=1:([^\x07]+)\x07/.exec(iterm)![1]!;
    expect(await sharp(Buffer.from(inline, 'base64')).metadata()).toMatchObject({ width: 70, height: 46 });
  });

  it('shows nothing on a pipe', async () => {
    const server = await serving(SMALL_JPEG, 'image/jpeg');
    const { status, stdout, stderr } = await get([server.url('/x.jpg'), '-o', '/dev/null', '--view']);
    expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('says what can not be shown, and that is no failure', async () => {
    const server = await serving(picture('bmp-rgb-70x46.bmp'), 'image/bmp');
    expect(await shown(server.url('/x.bmp'))).toMatch(
      /^The picture \(image\/bmp\) can't be viewed here: .+\n$/,
    );
    const text = await serving(Buffer.from('hello'), 'application/octet-stream');
    expect(await shown(text.url('/x'))).toBe('No picture to view.\n');
  });
});

describe('kindByEnvironment() and saysSixels()', () => {
  it('know the terminals', () => {
    expect(kindByEnvironment({ TERM: 'xterm-kitty' })).toBe('kitty');
    expect(kindByEnvironment({ TERM_PROGRAM: 'WezTerm' })).toBe('iterm');
    expect(kindByEnvironment({ TERM: 'xterm-kitty', TMUX: '/tmp/x' })).toBe('half-blocks');
    expect(kindByEnvironment({ TERM: 'xterm' })).toBeUndefined();
    expect(saysSixels('\x1b[?62;4;22c')).toBe(true);
    expect(saysSixels('\x1b[?4;22c')).toBe(false);
    expect(saysSixels('\x1b[?62;14;42c')).toBe(false);
    expect(saysSixels('')).toBe(false);
  });
});

/** The pixels that sixels draw. */
function drawn(text: string, width: number, height: number): Float64Array {
  const pixels = new Float64Array(width * height * 3);
  const palette = new Map<number, number[]>();
  const body = /^\x1bP0;1q"1;1;\d+;\d+([^\x1b]*)\x1b\\\n$/.exec(text)![1]!;
  let [x, top, colour] = [0, 0, 0];
  for (const [, place, red, green, blue, move, run, sixel] of body.matchAll(
    /#(\d+)(?:;2;(\d+);(\d+);(\d+))?|([$-])|(?:!(\d+))?([?-~])/g,
  )) {
    if (place !== undefined) {
      colour = Number(place);
      if (red !== undefined)
        palette.set(
          colour,
          [red, green, blue].map((part) => Math.round(Number(part) * 2.55)),
        );
    } else if (move !== undefined) {
      x = 0;
      if (move === '-') top += 6;
    } else {
      for (let i = 0; i < Number(run ?? 1); i++, x++) {
        for (let y = 0; y < 6; y++) {
          if (((sixel!.charCodeAt(0) - 63) >> y) & 1)
            pixels.set(palette.get(colour)!, ((top + y) * width + x) * 3);
        }
      }
    }
  }
  return pixels;
}

describe('sixels() and halfBlocks()', () => {
  it('draw the picture: each neighbourhood has its mean colour', async () => {
    const { data, info } = await sharp(SMALL_JPEG).raw().toBuffer({ resolveWithObject: true });
    const seen = drawn(sixels(data, info.width, info.height, info.channels), info.width, info.height);
    const side = 10;
    for (let top = 0; top + side <= info.height; top += side) {
      for (let left = 0; left + side <= info.width; left += side) {
        let difference = 0;
        for (let y = top; y < top + side; y++)
          for (let x = left; x < left + side; x++) {
            const at = (y * info.width + x) * 3;
            difference += seen[at]! - data[at]!;
          }
        expect(Math.abs(difference / side ** 2), `at ${left}, ${top}`).toBeLessThan(16);
      }
    }
  });

  it('take grey pictures and odd heights', () => {
    expect(halfBlocks(Uint8Array.of(0, 255, 7), 1, 3, 1)).toBe(
      '\x1b[38;2;0;0;0m\x1b[48;2;255;255;255m▀\x1b[0m\n\x1b[38;2;7;7;7m\x1b[49m▀\x1b[0m\n',
    );
    expect(drawn(sixels(Uint8Array.of(0, 255), 1, 2, 1), 1, 2)).toEqual(
      Float64Array.of(0, 0, 0, 255, 255, 255),
    );
  });
});
