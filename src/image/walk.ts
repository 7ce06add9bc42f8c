/**
 * The driver beneath every format's walker: a walker is a generator that reads like the format's specification and
 * yields what it wants next; the driver feeds it from chunks of any size. Nothing is gathered but what a walker asks
 * to see, so a picture of any size costs a bounded amount of memory.
 *
 * A walker returns when the picture is whole; bytes after that are its tail and are not looked at. It throws
 * `StructureError` when the bytes can't be that picture.
 */

/** The bytes contradict the format: a sentence with offsets and numbers. */
export class StructureError extends Error {
  override readonly name = 'StructureError';
}

/** What a walker may ask of the driver. `Scan` is called with each chunk and gives the index after its match, or -1. */
export type Demand =
  | { readonly kind: 'bytes'; readonly count: number }
  | { readonly kind: 'skip'; readonly count: number }
  | { readonly kind: 'scan'; readonly scan: Scan };

/** Looks for an end in `chunk` from index `from`: the index just after it, or -1 where more bytes are needed. */
export type Scan = (chunk: Uint8Array, from: number) => number;

/** A format's walker: yields demands, is resumed with the bytes of a `bytes` demand (valid until the next demand). */
export type Walker = Generator<Demand, void, Uint8Array>;

/** What a walker tells of the picture and of where it is, for messages and for `maxPixels`. */
export interface PictureFacts {
  /** In pixels, as the header declares them; undefined until it was seen. */
  width: number | undefined;
  height: number | undefined;
  /** What the walker is inside of, in the format's own words: 'the scan data', 'chunk IDAT'. */
  inside: string;
  /** How long the picture is by its own header, in bytes from its first one; only where a header tells it. */
  declaredBytes?: number;
}

/** No walker may gather more than this in one demand; larger structures are skipped or walked in pieces. */
export const MAX_GATHERED = 4 * 1024 * 1024;

/** Asks for exactly `count` bytes, gathered. */
export function* bytes(count: number): Generator<Demand, Uint8Array, Uint8Array> {
  return yield { kind: 'bytes', count };
}

/** Passes over `count` bytes without looking at them. */
export function* skip(count: number): Generator<Demand, void, Uint8Array> {
  if (count > 0) yield { kind: 'skip', count };
}

/** Hands chunks to `scan` until it finds what it looks for. */
export function* scanTo(scan: Scan): Generator<Demand, void, Uint8Array> {
  yield { kind: 'scan', scan };
}

const NOTHING = new Uint8Array(0);

/** Feeds one walker from a stream of chunks. */
export class Walk {
  /** Bytes that the walker has consumed. */
  position = 0;
  /** The walker returned: the picture is whole. */
  whole = false;
  /** The walker threw: why the bytes can't be this picture. */
  failure: StructureError | undefined;

  readonly #walker: Walker;
  #demand: Demand | undefined;
  #gathered: Uint8Array | undefined;
  #missing = 0;

  constructor(walker: (walk: Walk) => Walker) {
    this.#walker = walker(this);
    this.#advance(NOTHING);
  }

  /** Takes the next bytes of the picture; does nothing once the walk has ended either way. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (this.#demand !== undefined && at < chunk.length) at = this.#satisfy(this.#demand, chunk, at);
  }

  #satisfy(demand: Demand, chunk: Uint8Array, at: number): number {
    if (demand.kind === 'scan') {
      const end = demand.scan(chunk, at);
      const next = end < 0 ? chunk.length : end;
      this.position += next - at;
      if (end >= 0) this.#advance(NOTHING);
      return next;
    }
    const taken = Math.min(this.#missing, chunk.length - at);
    const next = at + taken;
    this.position += taken;
    this.#missing -= taken;
    if (demand.kind === 'skip') {
      if (this.#missing === 0) this.#advance(NOTHING);
      return next;
    }
    if (this.#gathered === undefined && this.#missing === 0) {
      // Never a Buffer, whose `slice` doesn't copy.
      this.#advance(new Uint8Array(chunk.buffer, chunk.byteOffset + at, taken));
      return next;
    }
    this.#gathered ??= new Uint8Array(demand.count);
    this.#gathered.set(chunk.subarray(at, next), demand.count - this.#missing - taken);
    if (this.#missing === 0) {
      const whole = this.#gathered;
      this.#gathered = undefined;
      this.#advance(whole);
    }
    return next;
  }

  #advance(answer: Uint8Array): void {
    try {
      let step = this.#walker.next(answer);
      while (!step.done && step.value.kind !== 'scan' && step.value.count === 0)
        step = this.#walker.next(NOTHING);
      this.#demand = step.done ? undefined : step.value;
      this.whole = step.done === true;
    } catch (error) {
      if (!(error instanceof StructureError)) throw error;
      this.#demand = undefined;
      this.failure = error;
    }
    const demand = this.#demand;
    if (demand === undefined || demand.kind === 'scan') return;
    if (demand.kind === 'bytes' && demand.count > MAX_GATHERED) {
      this.#demand = undefined;
      this.failure = new StructureError(
        `a structure of ${demand.count} bytes at byte ${this.position} is larger than any that is followed (${MAX_GATHERED})`,
      );
      return;
    }
    this.#missing = demand.count;
  }
}
