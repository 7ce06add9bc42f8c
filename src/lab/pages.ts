import { readFile, stat } from 'node:fs/promises';
import { packageFile } from '../package-file.js';
import type { SendSettings } from './send-settings.js';
import { WavePicture } from './wave-picture.js';

/** Something that an origin serves. */
export interface Page {
  /** As in the request target: `/cover.jpg`. */
  readonly path: string;
  readonly mediaType: string;
  /** In bytes. */
  readonly length: number;
  /** Undefined for what is made as it is sent. */
  readonly lastModified?: Date;
  /** The bytes from `from` up to, but not including, `to`. */
  read(from: number, to: number): Uint8Array;
  /** Sent so, whatever the origin's settings are. */
  readonly settings?: Partial<SendSettings>;
  /** Called when the response is over. */
  close?(): void;
}

/** Where an origin finds its pages. */
export interface PageSource {
  /** The page of a path as it stands in the request target, still percent-encoded; undefined where there is none. */
  find(path: string): Page | undefined;
  /** Some of the paths that there are. */
  paths(): readonly string[];
}

/** A source of just these pages. */
export function pagesOf(pages: readonly Page[]): PageSource {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return { find: (path) => byPath.get(path), paths: () => [...byPath.keys()] };
}

/** The page `/cover.jpg`: the picture that comes with sluice. */
export async function coverPage(settings: Partial<SendSettings> = {}): Promise<Page> {
  const file = packageFile('assets', 'cover.jpg');
  const [bytes, { mtime }] = await Promise.all([readFile(file), stat(file)]);
  return { ...pageOf('/cover.jpg', 'image/jpeg', bytes), lastModified: mtime, settings };
}

/** The page `/sluice.txt`. */
export function textPage(settings: Partial<SendSettings> = {}): Page {
  return { ...pageOf('/sluice.txt', 'text/plain; charset=utf-8', Buffer.from(TEXT, 'utf8')), settings };
}

/**
 * The page `/poster.bmp`, of about `bytes` bytes: more than the kernel's buffers of both ends hold together,
 * by default 17 MB.
 */
export function posterPage(bytes = 17_000_000, settings: Partial<SendSettings> = {}): Page {
  const picture = WavePicture.ofBytes(bytes);
  const read = (from: number, to: number) => picture.read(from, to);
  return { path: '/poster.bmp', mediaType: 'image/bmp', length: picture.length, read, settings };
}

function pageOf(path: string, mediaType: string, bytes: Uint8Array): Page {
  return { path, mediaType, length: bytes.length, read: (from, to) => bytes.subarray(from, to) };
}

const TEXT = `THE SLUICE AND THE MILL

Above the mill the river is wide, and it never asks
how much the wheel can bear. It only comes.
So the miller put a gate across the race:
raised, the water runs; let down, the water waits.

Between the river and the gate there lies a pond.
When the miller is slow, the pond fills. While it fills,
the river does not notice: it runs on as before,
and whoever looks at the river sees nothing wrong.

But no pond is without end. One morning it is full,
and the water stands back, up the valley, to the spring;
now the river itself waits for the miller,
and no drop is lost, and none came too early.

A program that receives is the miller. The pond is a buffer,
one at each end of the wire. The gate is a single call, recv.
Who does not call it says without a word: not yet.
`;
