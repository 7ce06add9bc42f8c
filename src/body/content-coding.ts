import type { Transform } from 'node:stream';
import type * as Zlib from 'node:zlib';
import { reasonOf, SluiceError } from '../errors.js';
import { quoted } from '../http/malformed.js';
import type { Taken } from './sink.js';

/** Takes bytes and has an end. */
export interface Stage {
  write(data: Buffer): Taken;
  end(): Taken;
  abort(): void;
}

/** More layers than two are a way to blow up a small body, not a way to send one. */
const MOST_CODINGS = 2;

/**
 * The stage that undoes `codings` (RFC 9110 §8.4, in the order of the field) before `next`: the only one that changes bytes. We ask for
 * `identity`, but servers answer as they like. Throws `coding-failed` for a coding that this runtime can't undo.
 */
export async function decoderFor(codings: readonly string[], next: (data: Buffer) => Taken): Promise<Stage> {
  if (codings.length > MOST_CODINGS) {
    throw new SluiceError(
      'coding-failed',
      `The body has ${codings.length} content codings, more than the ${MOST_CODINGS} that are undone.`,
    );
  }
  const zlib = await import('node:zlib');
  let write = next;
  let stage: Decoder | undefined;
  for (const coding of codings) {
    stage = new Decoder(coding, zlib, write, stage);
    write = stage.write.bind(stage);
  }
  if (stage === undefined) throw new RangeError('decoderFor() needs a coding');
  return stage;
}

class Decoder implements Stage {
  #transform: Transform | undefined;
  #failure: SluiceError | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(
    private readonly coding: string,
    private readonly zlib: typeof Zlib,
    private readonly next: (data: Buffer) => Taken,
    private readonly nextStage: Decoder | undefined,
  ) {
    if (!isKnown(coding, zlib)) {
      throw new SluiceError('coding-failed', `The content coding ${quoted(coding)} is not known here.`);
    }
  }

  write(data: Buffer): Promise<void> {
    this.#transform ??= this.#open(data);
    return this.#settled((transform, done) => transform.write(data, done));
  }

  async end(): Promise<void> {
    if (this.#transform !== undefined) {
      await this.#settled((transform, done) => {
        transform.once('end', done);
        transform.end();
      });
    }
    await this.nextStage?.end();
  }

  abort(): void {
    this.#transform?.destroy();
    this.nextStage?.abort();
  }

  /** Runs one call on the transform; it ends with its callback or with the transform's failure, whichever comes first. */
  #settled(call: (transform: Transform, done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined || this.#transform === undefined) return reject(this.#failure);
      this.#fail = reject;
      call(this.#transform, () => (this.#failure === undefined ? resolve() : reject(this.#failure)));
    });
  }

  #open(first: Buffer): Transform {
    const transform = transformFor(this.coding, first, this.zlib);
    const fail = (error: Error) => {
      this.#failure ??= error instanceof SluiceError ? error : undone(this.coding, error);
      this.#fail?.(this.#failure);
    };
    transform.on('error', fail);
    transform.on('data', (data: Buffer) => {
      try {
        const taken = this.next(data);
        if (taken === undefined) return;
        transform.pause();
        taken.then(
          () => transform.resume(),
          (error) => transform.destroy(error),
        );
      } catch (error) {
        transform.destroy(error as Error);
      }
    });
    return transform;
  }
}

function undone(coding: string, error: Error): SluiceError {
  return new SluiceError(
    'coding-failed',
    `The content coding ${coding} could not be undone: ${reasonOf(error)}.`,
    { cause: error },
  );
}

function isKnown(coding: string, zlib: typeof Zlib): boolean {
  return (
    ['gzip', 'x-gzip', 'deflate', 'br'].includes(coding) ||
    (coding === 'zstd' && 'createZstdDecompress' in zlib)
  );
}

function transformFor(coding: string, first: Buffer, zlib: typeof Zlib): Transform {
  if (coding === 'br') return zlib.createBrotliDecompress();
  if (coding === 'zstd')
    return (zlib as unknown as { createZstdDecompress(): Transform }).createZstdDecompress();
  if (coding !== 'deflate') return zlib.createGunzip();
  // "deflate" is the zlib format (RFC 9110 §8.4.1.2), but some servers send bare deflate data: the first byte's method nibble tells.
  return (first[0]! & 0x0f) === 0x08 ? zlib.createInflate() : zlib.createInflateRaw();
}
