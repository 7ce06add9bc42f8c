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
  #failure: { readonly error: unknown } | undefined;
  /** The coded data ended by its own format. */
  #over = false;
  /** Set while the next stage has not taken the last piece. */
  #taking: Taken;
  #settle: (() => void) | undefined;

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

  async write(data: Buffer): Promise<void> {
    // What follows the end of the coded data is passed over, as gzip(1) does: some servers pad.
    if (this.#over) return;
    this.#transform ??= this.#open(data);
    await this.#settled((transform, done) => transform.write(data, done));
  }

  async end(): Promise<void> {
    if (this.#transform !== undefined && !this.#over) await this.#settled((transform) => transform.end());
    // 'end' comes with the last piece, not after it was taken.
    await this.#taking;
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.nextStage?.end();
  }

  abort(): void {
    this.#transform?.destroy();
    this.nextStage?.abort();
  }

  /**
   * Runs one call on the transform; it ends with its callback, with a failure, or with the end of the coded data, whichever comes first:
   * zlib never calls back for a write that it ended in.
   */
  #settled(call: (transform: Transform, done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => (this.#failure === undefined ? resolve() : reject(this.#failure.error));
      this.#settle = settle;
      if (this.#failure !== undefined || this.#transform === undefined) return settle();
      // With an error, 'error' follows and says the reason.
      call(this.#transform, (error) => {
        if (!error) settle();
      });
    });
  }

  #open(first: Buffer): Transform {
    const transform = transformFor(this.coding, first, this.zlib);
    transform.on('error', (error) => this.#fail(undone(this.coding, error)));
    transform.on('end', () => {
      this.#over = true;
      this.#settle?.();
    });
    transform.on('data', (data: Buffer) => {
      try {
        const taken = this.next(data);
        if (taken === undefined) return;
        transform.pause();
        this.#taking = taken.then(
          () => void transform.resume(),
          (error) => this.#fail(error),
        );
      } catch (error) {
        this.#fail(error);
      }
    });
    return transform;
  }

  /** The next stage's own failures are passed on as they are. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#transform?.destroy();
    this.#settle?.();
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
