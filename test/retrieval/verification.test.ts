/** A body is held against what the server says it is, before and while it is stored. */

import { existsSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TraceEvent } from '../../src/flow/trace.js';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import { failureOf } from '../support/failure.js';
import { jpegOf, picture, SMALL_JPEG } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { chunked, head, reply, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { retrieve } from '../support/unguarded.js';

const HTML = '<!DOCTYPE html><html><head><title>Not found</title></head><body>no picture here</body></html>';

/** Names that ever appeared in a directory while the test ran. */
async function namesSeenIn(directory: string, work: () => Promise<unknown>): Promise<string[]> {
  const seen = new Set<string>();
  const watcher = watch(directory, (_, name) => seen.add(String(name)));
  onTestFinished(() => watcher.close());
  // Shows that the watcher sees what comes and goes.
  writeFileSync(join(directory, 'watched'), '');
  for (let i = 0; i < 100 && !seen.has('watched'); i++) await sleep(5);
  await work();
  await sleep(30);
  return [...seen];
}

describe('retrieve() of what is no image', () => {
  test.each([
    ['HTML as image/jpeg', HTML, 'image/jpeg', {}],
    ['HTML as IMAGE/PNG; charset=x', HTML, 'IMAGE/PNG; charset=x', {}],
    ['JSON as image/webp', '{"error":"none"}', 'image/webp', {}],
    ['an empty body as image/gif', '', 'image/gif', {}],
    ['white space as image/svg+xml', '   \n', 'image/svg+xml', {}],
    ['HTML where an image is expected', HTML, 'text/html', { expect: 'image' }],
    ['text without a type where an image is expected', 'some text', '', { expect: 'image' }],
    [
      'HTML with verify none where an image is expected',
      HTML,
      'image/png',
      { expect: 'image', verify: 'none' },
    ],
    ['HTML that was to be decoded', HTML, 'image/png', { verify: 'decode' }],
  ] satisfies [string, string, string, RetrieveOptions][])(
    '%s: not-an-image, and no file is ever made',
    async (_, body, type, options) => {
      const server = await rawServer(answering(type === '' ? reply(body) : typed(body, type)));
      const directory = scratchDirectory();
      const file = join(directory, 'cover.jpg');
      const seen = await namesSeenIn(directory, async () => {
        const error = await failureOf(retrieve(server.url(), { ...options, to: { file } }));
        expect(error).toMatchObject({ code: 'not-an-image', exitCode: 110, phase: 'verify' });
        expect(error.receipt).toMatchObject({ status: 200, mediaType: null, file: null });
        expect(error.message).toMatch(/^[\x20-\x7e]+\.$/);
      });
      expect(seen).toEqual(['watched']);
    },
  );

  test('says what the server says, and what the body begins with', async () => {
    const server = await rawServer(answering(typed(HTML, 'image/jpeg')));
    expect((await failureOf(retrieve(server.url()))).message).toBe(
      'The server says "image/jpeg", but the body is not an image: the body begins with 3c 21 44 4f 43 54 59 50 ("<!DOCTYP"), which is no image that sluice knows.',
    );
  });

  test('takes it when the server does not say that it is one, or when it is not asked to verify', async () => {
    for (const [type, options] of [
      ['text/html', {}],
      ['application/octet-stream', {}],
      ['application/octet-stream', { verify: 'structure' }],
      ['image/jpeg', { verify: 'none' }],
    ] satisfies [string, RetrieveOptions][]) {
      const server = await rawServer(answering(typed(HTML, type)));
      const receipt = await retrieve(server.url(), options);
      expect(receipt).toMatchObject({ bodyBytes: HTML.length, mediaType: null });
    }
  });
});

describe('retrieve() of an image that is not whole', () => {
  const cut = jpegOf(40_000).subarray(0, 39_000);

  test.each<[string, Buffer, string, RetrieveOptions]>([
    ['a cut JPEG with a length that fits', cut, 'image/jpeg', {}],
    ['a cut PNG', picture('png-rgb-70x46.png').subarray(0, -5), 'image/png', {}],
    ['a cut GIF', picture('gif-still-70x46.gif').subarray(0, -1), 'image/gif', {}],
    ['a cut WebP', picture('webp-lossy-70x46.webp').subarray(0, -3), 'image/webp', {}],
    ['a JPEG of two bytes', SMALL_JPEG.subarray(0, 2), 'image/jpeg', {}],
    ['an expected one of another type', cut, 'application/octet-stream', { expect: 'image' }],
    ['one to be verified of another type', cut, 'text/plain', { verify: 'structure' }],
  ])('%s: image-incomplete, and an older file stays', async (_, body, type, options) => {
    const server = await rawServer(answering(typed(body, type)));
    const directory = scratchDirectory();
    const file = join(directory, 'cover.jpg');
    writeFileSync(file, 'older');
    const error = await failureOf(retrieve(server.url(), { ...options, to: { file } }));
    expect(error).toMatchObject({ code: 'image-incomplete', exitCode: 111, phase: 'verify' });
    expect(error.receipt.bodyBytes).toBe(body.length);
    expect(readdirSync(directory)).toEqual(['cover.jpg']);
    expect(readFileSync(file, 'latin1')).toBe('older');
  });

  test('is taken when nobody says that it is an image, or with verify none', async () => {
    for (const [type, options] of [
      ['application/octet-stream', {}],
      ['image/jpeg', { verify: 'none' }],
      ['text/plain', { expect: 'image', verify: 'none' }],
    ] satisfies [string, RetrieveOptions][]) {
      const server = await rawServer(answering(typed(cut, type)));
      expect(await retrieve(server.url(), options)).toMatchObject({
        bodyBytes: cut.length,
        mediaType: 'image/jpeg',
      });
    }
  });

  test('errors the stream, after its bytes', async () => {
    const server = await rawServer(answering(typed(cut, 'image/jpeg')));
    const response = await retrieve(server.url(), { to: 'stream' });
    expect(response.mediaType).toBe('image/jpeg');
    const reader = response.body.getReader();
    let bytes = 0;
    const reading = (async () => {
      for (let read = await reader.read(); !read.done; read = await reader.read()) bytes += read.value.length;
    })();
    expect((await failureOf(reading)).code).toBe('image-incomplete');
    expect(bytes).toBe(cut.length);
  });
});

describe('retrieve() of an image', () => {
  test.each([
    ['image/jpeg', 'jpeg-progressive-70x46.jpg', 'image/jpeg', 70, 46],
    ['image/png', 'jpeg-cmyk-70x46.jpg', 'image/jpeg', 70, 46],
    ['application/octet-stream', 'png-animated-2x2.png', 'image/png', 2, 2],
    ['text/plain', 'webp-lossless-70x46.webp', 'image/webp', 70, 46],
    ['', 'gif-animated-24x16.gif', 'image/gif', 24, 16],
    ['image/svg+xml', 'svg-plain-48x32.svg', 'image/svg+xml', 48, 32],
    ['image/x-icon', 'ico-two-32x32.ico', 'image/x-icon', 32, 32],
    ['image/avif', 'avif-still-70x46.avif', 'image/avif', 70, 46],
  ])('says of %s %s what the bytes are', async (type, fixture, mediaType, width, height) => {
    const body = picture(fixture);
    for (const bytes of [
      type === '' ? reply(body) : typed(body, type),
      chunked(pieces(body, 7), [['Content-Type', type]]),
    ]) {
      const server = await rawServer(answering(bytes));
      const receipt = await retrieve(server.url(), { verify: 'structure', expect: 'image', sha256: true });
      expect(receipt).toMatchObject({ mediaType, width, height, bodyBytes: body.length });
      expect(body.equals(receipt.bytes)).toBe(true);
    }
  });

  test('passes a whole one with bytes after its end', async () => {
    const server = await rawServer(
      answering(typed(Buffer.concat([SMALL_JPEG, Buffer.alloc(99)]), 'image/jpeg')),
    );
    expect((await retrieve(server.url())).bodyBytes).toBe(SMALL_JPEG.length + 99);
  });

  test('tells the dimensions as soon as its header has come', async () => {
    const body = picture('png-rgb-70x46.png');
    let sendRest: (() => void) | undefined;
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(
        head({
          fields: [
            ['Content-Type', 'image/png'],
            ['Content-Length', String(body.length)],
          ],
        }),
      );
      socket.write(body.subarray(0, 40));
      sendRest = () => void socket.write(body.subarray(40));
    });
    const events: TraceEvent[] = [];
    await retrieve(server.url(), {
      trace: (event) => {
        events.push(event);
        // The rest comes only for who knows the dimensions by then.
        if (event.type === 'dimensions') sendRest?.();
      },
    });
    expect(events.find(({ type }) => type === 'dimensions')).toMatchObject({ width: 70, height: 46 });
  });

  test('refuses more pixels than allowed as soon as its header has come: a bomb costs nothing', async () => {
    const bomb = Buffer.from(picture('png-rgb-70x46.png').subarray(0, 33));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(
        head({
          fields: [
            ['Content-Type', 'image/png'],
            ['Content-Length', '1000000'],
          ],
        }),
      );
      socket.write(bomb);
    });
    const file = join(scratchDirectory(), 'bomb.png');
    const error = await failureOf(retrieve(server.url(), { maxPixels: 100_000_000, to: { file } }));
    expect(error).toMatchObject({ code: 'too-large', exitCode: 63 });
    expect(error.message).toBe('The picture is 60000 x 60000 pixels, above the limit of 100000000 pixels.');
    expect(error.receipt).toMatchObject({ width: 60_000, height: 60_000 });
    expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
  });
});

function pieces(body: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
    body.subarray(i * size, (i + 1) * size),
  );
}

/** The PNG with image data that inflates to fewer rows than its header says: every chunk is whole. */
function shallowPng(): Buffer {
  const whole = picture('png-rgb-70x46.png');
  const chunk = (type: string, data: Buffer) => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length, 0);
    bytes.write(type, 4, 'latin1');
    data.copy(bytes, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
    return bytes;
  };
  const few = deflateSync(Buffer.alloc(500));
  return Buffer.concat([whole.subarray(0, 33), chunk('IDAT', few), chunk('IEND', Buffer.alloc(0))]);
}

describe("retrieve() with verify 'decode'", () => {
  const decode = { verify: 'decode' } as const;

  test('passes what decodes, to a file and as bytes', async () => {
    for (const fixture of [
      'jpeg-baseline-70x46.jpg',
      'png-rgb-70x46.png',
      'gif-animated-24x16.gif',
      'webp-animated-24x16.webp',
    ]) {
      const body = picture(fixture);
      const server = await rawServer(answering(typed(body, 'application/octet-stream')));
      const file = join(scratchDirectory(), 'cover');
      expect(await retrieve(server.url(), { ...decode, to: { file } })).toMatchObject({ file });
      expect(body.equals((await retrieve(server.url(), decode)).bytes)).toBe(true);
    }
  });

  test('does not hold all frames of an animation together against maxPixels', async () => {
    const server = await rawServer(answering(typed(picture('gif-animated-24x16.gif'), 'image/gif')));
    expect(await retrieve(server.url(), { ...decode, maxPixels: 24 * 16 })).toMatchObject({ width: 24 });
  });

  test('throws image-incomplete for what is whole by its structure but does not decode', async () => {
    const server = await rawServer(answering(typed(shallowPng(), 'image/png')));
    expect((await retrieve(server.url())).width).toBe(70);
    const directory = scratchDirectory();
    const error = await failureOf(
      retrieve(server.url(), { ...decode, to: { file: join(directory, 'cover.png') } }),
    );
    expect(error).toMatchObject({ code: 'image-incomplete', exitCode: 111 });
    expect(error.message).toMatch(/The PNG could not be decoded: /);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('throws image-undecodable for a kind that is not decoded here', async () => {
    for (const [fixture, name] of [
      ['svg-plain-48x32.svg', 'SVG'],
      ['bmp-rgb-70x46.bmp', 'BMP'],
    ] as const) {
      const server = await rawServer(answering(typed(picture(fixture), 'image/x')));
      const error = await failureOf(retrieve(server.url(), decode));
      expect(error).toMatchObject({ code: 'image-undecodable', exitCode: 112, phase: 'verify' });
      expect(error.message).toContain(`${name} can't be decoded here`);
    }
  });

  test('throws option-invalid where the body can not be read again', async () => {
    const server = await rawServer(answering(typed(SMALL_JPEG, 'image/jpeg')));
    const error = await failureOf(retrieve(server.url(), { ...decode, to: { file: '/dev/null' } }));
    expect(error).toMatchObject({ code: 'option-invalid', exitCode: 2 });
  });
});
