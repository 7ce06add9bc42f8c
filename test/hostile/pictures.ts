/** Bodies that are not the picture that was promised. */

import { gzipSync } from 'node:zlib';
import { jpegOf, picture } from '../support/pictures.js';
import { head, reply, typed } from '../support/replies.js';
import { closesAfter, PICTURE, poursAfter } from './acts.js';
import type { Scenario } from './scenario.js';

const PNG = picture('png-rgb-70x46.png');
const GIF = picture('gif-still-70x46.gif');
const TINY = picture('jpeg-one-pixel-1x1.jpg');
const PAGE = '<!doctype html><title>Please log in</title>';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';

/** A billion laughs: each entity is ten of the one before. */
const LAUGHS = `<!DOCTYPE svg [<!ENTITY l0 "ha">${Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')}]>
<svg xmlns="http://www.w3.org/2000/svg"><text>&l9;</text></svg>`;

/** A PNG's first bytes that say it is so large. */
function pngHeader(width: number, height: number): Buffer {
  const start = Buffer.from(PNG.subarray(0, 33));
  start.writeUInt32BE(width, 16);
  start.writeUInt32BE(height, 20);
  return start;
}

/** What is no picture of any kind, whatever the server says. */
const NO_PICTURES: readonly [what: string, body: Buffer | string, contentType: string][] = [
  ['A page', PAGE, 'image/jpeg'],
  ['A page behind a byte order mark and a comment', `\ufeff<!-- <svg> -->${PAGE}`, 'image/svg+xml'],
  ['Nothing', '', 'image/png'],
  ['White space', ' \r\n\t '.repeat(1000), 'image/png'],
  ['A program for Windows', `MZ${'\0'.repeat(500)}`, 'image/png'],
  ['A program for Linux', `\x7fELF${'\0'.repeat(500)}`, 'image/gif'],
  ['A PDF', '%PDF-1.7\n', 'image/png'],
  ['A script', '#!/bin/sh\nrm -rf ~\n', 'image/jpeg'],
  ['A page of PHP', '<?php system($_GET["c"]); ?><html></html>', 'image/jpeg'],
  ['A picture that is still in gzip', gzipSync(PICTURE), 'image/jpeg'],
  ['A picture behind one odd byte', Buffer.concat([Buffer.from('\n'), PICTURE]), 'image/jpeg'],
  ['JSON', '{"error":"quota"}', 'image/webp'],
  [
    'A video',
    Buffer.from('000000206674797069736f6d0000020069736f6d69736f326176633100000000', 'hex'),
    'image/avif',
  ],
];

export const PICTURES: readonly Scenario[] = [
  ...NO_PICTURES.map(
    ([what, body, contentType]): Scenario => ({
      name: `${what} that says it is ${contentType} is no image`,
      server: closesAfter(typed(body, contentType)),
      status: 110,
      says: /but the body is not an image: the body /,
    }),
  ),
  {
    name: 'A page where an image is expected is no image, whatever its type',
    server: closesAfter(typed(PAGE, 'text/html')),
    args: ['--expect', 'image'],
    status: 110,
    says: /says "text\/html", but the body is not an image/,
  },
  {
    name: 'A body without a type where an image is expected is no image',
    server: closesAfter(reply(PAGE)),
    args: ['--expect', 'image'],
    status: 110,
    says: /says nothing of the type, but the body is not an image/,
  },
  {
    name: 'A PNG that says it is a JPEG is saved as a PNG',
    server: closesAfter(typed(PNG, 'image/jpeg')),
    status: 0,
    leaves: { 'cover.png': PNG },
  },
  {
    name: 'A JPEG that says it is a page is saved as a JPEG',
    server: closesAfter(typed(PICTURE, 'text/html')),
    url: '{origin}/cover.html',
    status: 0,
    leaves: { 'cover.jpg': PICTURE },
  },
  {
    name: 'A JPEG under the name of a program of PHP is saved as a JPEG',
    server: closesAfter(typed(PICTURE, 'application/x-httpd-php')),
    url: '{origin}/shell.php',
    status: 0,
    leaves: { 'shell.jpg': PICTURE },
  },
  {
    name: 'A JPEG under the name of a program of Windows is saved as a JPEG',
    server: closesAfter(typed(PICTURE, 'image/jpeg')),
    url: '{origin}/setup.exe',
    status: 0,
    leaves: { 'setup.exe.jpg': PICTURE },
  },
  {
    name: 'A picture with a script behind its end is that picture, under no other extension',
    server: closesAfter(typed(Buffer.concat([PICTURE, Buffer.from('<?php system("id"); ?>')]), 'image/jpeg')),
    url: '{origin}/cover.phtml.jpg',
    status: 0,
    leaves: { 'cover.phtml.jpg': Buffer.concat([PICTURE, Buffer.from('<?php system("id"); ?>')]) },
  },
  {
    name: 'A GIF that is a script as well is no whole GIF',
    server: closesAfter(typed('GIF89a/*\0\0\0\0\0*/=1;alert(1);//', 'image/gif')),
    status: 111,
    says: /the GIF /,
  },
  {
    name: 'A picture of one pixel is a picture',
    server: closesAfter(typed(TINY, 'image/jpeg')),
    status: 0,
    leaves: { 'cover.jpg': TINY },
  },
  {
    name: 'An SVG with a script is saved as an SVG, whatever the server says, and not looked into',
    server: closesAfter(typed(SVG, 'image/jpeg')),
    status: 0,
    leaves: { 'cover.svg': SVG },
  },
  {
    name: 'An SVG whose entities would unfold to gigabytes is not unfolded',
    server: closesAfter(typed(LAUGHS, 'image/svg+xml')),
    status: 0,
    leaves: { 'cover.svg': LAUGHS },
  },
  {
    name: 'A picture of more pixels than allowed is refused by its header, and the rest not taken',
    server: poursAfter(
      Buffer.concat([
        Buffer.from(head({ fields: [['Content-Type', 'image/png']] })),
        pngHeader(50_000, 50_000),
      ]),
      '\0',
    ),
    args: ['--max-pixels', '100000000'],
    status: 63,
    says: /50000 x 50000 pixels, above the limit of 100000000/,
  },
  {
    name: 'A picture of 2^64 pixels is refused by its header',
    server: closesAfter(typed(Buffer.concat([pngHeader(0xffffffff, 0xffffffff)]), 'image/png')),
    args: ['--max-pixels', '100000000'],
    status: 63,
    says: /4294967295 x 4294967295 pixels/,
  },
  {
    name: 'A picture of no pixels is none that is whole',
    server: closesAfter(typed(pngHeader(0, 0), 'image/png')),
    status: 111,
    says: /the PNG /,
  },
  {
    name: 'A PNG whose chunk says 2 GB is incomplete, and sets nothing aside',
    server: closesAfter(
      typed(
        Buffer.concat([pngHeader(9, 9), Buffer.from('7fffffff49444154', 'hex'), Buffer.alloc(99)]),
        'image/png',
      ),
    ),
    status: 111,
    says: /the PNG ends at byte \d+ inside chunk IDAT/,
  },
  {
    name: 'A GIF that goes on as a JPEG is no whole GIF',
    server: closesAfter(typed(Buffer.concat([GIF.subarray(0, 40), PICTURE]), 'image/gif')),
    status: 111,
    says: /the GIF /,
  },
  {
    name: 'A TIFF whose directories lead in a circle ends',
    server: closesAfter(
      typed(Buffer.from('49492a000800000001000001030001000000460000000800000000', 'hex'), 'image/tiff'),
    ),
    status: 111,
    says: /the TIFF /,
  },
  {
    name: 'A JPEG in boxes of 2^63 bytes is incomplete, and sets nothing aside',
    server: closesAfter(
      typed(
        Buffer.concat([
          Buffer.from('0000001c6674797061766966000000006176696600000000', 'hex'),
          Buffer.from('6d696631', 'hex'),
          Buffer.from('000000016d6574617fffffffffffffff', 'hex'),
          Buffer.alloc(999),
        ]),
        'image/avif',
      ),
    ),
    status: 111,
    says: /the AVIF /,
  },
  {
    name: 'A JPEG that is whole, cut, and closed by an end marker is found by decoding',
    server: closesAfter(
      typed(Buffer.concat([jpegOf(30_000).subarray(0, -900), Buffer.from('ffd9', 'hex')]), 'image/jpeg'),
    ),
    args: ['--verify', 'decode'],
    status: 111,
    says: /could not be decoded/,
  },
];
