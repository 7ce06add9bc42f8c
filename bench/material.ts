import {
  constants,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

const MIB = 1024 * 1024;
/** The large bodies, the pictures, and what the rows write: at most one file of a GiB at a time. */
const NEEDED_BYTES = 2500 * MIB;

/** Pictures under the server's root, under more names than there are different ones. */
export interface Pictures {
  /** Paths are `/pictures/0.jpg` up to this, exclusive; picture `n` is the same as `n % sizes.length`. */
  readonly count: number;
  /** In bytes, of each different picture. */
  readonly sizes: readonly number[];
}

/** What is served and where rows may write: a folder that is gone when the bench ends. Everything is made when first asked for. */
export class Material {
  readonly folder: string;
  /** The server's root. */
  readonly root: string;
  #pictures: Promise<Pictures> | undefined;
  readonly #bodies = new Map<number, Promise<string>>();
  readonly #remove = () => rmSync(this.folder, { recursive: true, force: true });

  constructor() {
    this.folder = mkdtempSync(join(memoryFolder(), 'sluice-bench-'));
    this.root = join(this.folder, 'root');
    mkdirSync(this.root);
    process.once('exit', this.#remove);
  }

  /** A path to write to. */
  path(name: string): string {
    return join(this.folder, name);
  }

  pictures(): Promise<Pictures> {
    this.#pictures ??= makePictures(join(this.root, 'pictures'));
    return this.#pictures;
  }

  /** The server's path of a body of so many MiB, whole or halves, served as application/octet-stream. */
  body(mebibytes: number): Promise<string> {
    let made = this.#bodies.get(mebibytes);
    if (made === undefined) {
      made = makeBody(this.root, mebibytes);
      this.#bodies.set(mebibytes, made);
    }
    return made;
  }

  remove(): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}

/** In memory where there is room: a disk would be measured along with the clients. */
function memoryFolder(): string {
  const entry = statSync('/dev/shm', { throwIfNoEntry: false });
  if (entry === undefined || (entry.mode & constants.S_IWOTH) === 0) return tmpdir();
  const { bavail, bsize } = statfsSync('/dev/shm');
  return bavail * bsize > NEEDED_BYTES ? '/dev/shm' : tmpdir();
}

/** Every byte is written: the server would send a sparse file's zeros from one page that never leaves the processor's cache. */
async function makeBody(root: string, mebibytes: number): Promise<string> {
  const name = `${mebibytes}-mib`;
  const piece = Buffer.alloc(MIB / 2, 'sluice ');
  const file = await open(join(root, name), 'wx');
  try {
    for (let i = 0; i < mebibytes * 2; i++) await file.write(piece);
  } finally {
    await file.close();
  }
  return `/${name}`;
}

const NAMES = 10_000;
const DIFFERENT = 200;
const LEAST_BYTES = 20_000;
const SPAN_BYTES = 40_000;
/** JPEG bytes a pixel of the pictures below, measured: from it follow the dimensions for a wanted size. */
const BYTES_A_PIXEL = 0.2155;

/** JPEGs of 20 to 60 kB, of 36 kB on average: small sizes are more frequent than large ones, as on the web. */
async function makePictures(folder: string): Promise<Pictures> {
  mkdirSync(folder);
  const sizes: number[] = [];
  for (let i = 0; i < DIFFERENT; i++) {
    const wanted = LEAST_BYTES + SPAN_BYTES * ((i + 0.5) / DIFFERENT) ** 1.5;
    const picture = await clouds(i, Math.round(wanted / BYTES_A_PIXEL));
    sizes.push(picture.length);
    writeFileSync(join(folder, `${i}.jpg`), picture);
  }
  for (let i = DIFFERENT; i < NAMES; i++)
    linkSync(join(folder, `${i % DIFFERENT}.jpg`), join(folder, `${i}.jpg`));
  return { count: NAMES, sizes };
}

/** A gradient under noise that was enlarged: detail at several scales, so that it compresses about as a photograph does. */
async function clouds(seed: number, pixels: number): Promise<Buffer> {
  const width = Math.round(Math.sqrt((pixels * 4) / 3));
  const height = Math.round(pixels / width);
  const random = generator(seed);
  const [small, low] = [Math.ceil(width / 3), Math.ceil(height / 3)];
  const raw = Buffer.alloc(small * low * 3);
  for (let i = 0; i < raw.length; i++) raw[i] = 64 + (128 * i) / raw.length + 56 * (random() - 0.5);
  return sharp(raw, { raw: { width: small, height: low, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** The same numbers in every run, from 0 to 1 (a linear congruential generator, Numerical Recipes' constants). */
function generator(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
