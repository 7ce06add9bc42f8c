/**
 * What a body is, and whether it is whole: the signature is looked at, then the format's walker follows the structure
 * while the bytes stream past.
 *
 * Memory is bounded: the first `LONGEST_SIGNATURE` bytes while the type is open, then what the walker gathers at once.
 */

import { FORMATS } from './formats.js';
import { type ImageType, LONGEST_SIGNATURE, type Signature, sniff } from './signature.js';
import { type PictureFacts, Walk } from './walk.js';

export type { ImageType } from './signature.js';

/** `reason` is one sentence without a full stop, in printable ASCII whatever the body holds. */
export type ImageVerdict =
  | { readonly outcome: 'whole' }
  | { readonly outcome: 'not-an-image'; readonly reason: string }
  | { readonly outcome: 'incomplete'; readonly reason: string };

const NOTHING = new Uint8Array(0);
/** In bytes: how much of an unknown body a reason shows. */
const SHOWN = 8;

/** Follows one body; bytes after the picture's end are its tail and are not looked at. Never throws. */
export class ImageInspector {
  #seen = 0;
  #signature: Signature = 'more';
  /** The bytes so far, while the signature is open; afterwards the few that a reason shows. */
  #prefix: Uint8Array = NOTHING;
  #walk: Walk | undefined;
  readonly #facts: PictureFacts = { width: undefined, height: undefined, inside: 'its header' };

  /** Takes the next bytes of the body; `chunk` is not kept and may be reused after the call. */
  push(chunk: Uint8Array): void {
    this.#seen += chunk.length;
    if (this.#walk !== undefined) this.#walk.push(chunk);
    else if (this.#signature === 'more') this.#look(chunk);
    else if (this.#prefix.length < SHOWN) this.#prefix = joined(this.#prefix, chunk, SHOWN);
  }

  /** True once the type is known or it is sure that the body is no image. */
  get signatureDecided(): boolean {
    return this.#signature !== 'more';
  }

  /** The type that the first bytes tell; undefined while they don't, and for a body that is no image. */
  get type(): ImageType | undefined {
    return typeof this.#signature === 'object' ? this.#signature : undefined;
  }

  /** In pixels, as the picture's header declares it, before any rotation; undefined until it was seen. */
  get width(): number | undefined {
    return this.#facts.width;
  }

  /** In pixels, as `width`. */
  get height(): number | undefined {
    return this.#facts.height;
  }

  /** Bytes of the body pushed so far, the tail included. */
  get bytesSeen(): number {
    return this.#seen;
  }

  /** The verdict at the end of the body: call it after the last `push`. */
  end(): ImageVerdict {
    if (this.#seen === 0) return { outcome: 'not-an-image', reason: 'the body is empty' };
    const { type } = this;
    if (type === undefined || this.#walk === undefined) return this.#unknown();
    if (this.#walk.whole) return { outcome: 'whole' };
    const { failure } = this.#walk;
    if (failure !== undefined) {
      return { outcome: 'incomplete', reason: `the ${type.name} is damaged: ${failure.message}` };
    }
    const { inside, declaredBytes } = this.#facts;
    const missing =
      declaredBytes === undefined
        ? `${FORMATS[type.name].end} is missing`
        : `its header tells of ${declaredBytes} bytes`;
    return {
      outcome: 'incomplete',
      reason: `the ${type.name} ends at byte ${this.#seen} inside ${inside}; ${missing}`,
    };
  }

  #look(chunk: Uint8Array): void {
    const held = this.#prefix.length;
    const prefix = held === 0 ? chunk : joined(this.#prefix, chunk, LONGEST_SIGNATURE);
    this.#signature = sniff(prefix);
    if (typeof this.#signature === 'object') {
      this.#prefix = NOTHING;
      const { walker } = FORMATS[this.#signature.name];
      this.#walk = new Walk((walk) => walker(walk, this.#facts));
      this.#walk.push(prefix);
      if (held > 0) this.#walk.push(chunk.subarray(prefix.length - held));
    } else {
      this.#prefix = joined(NOTHING, prefix, this.#signature === 'more' ? LONGEST_SIGNATURE : SHOWN);
    }
  }

  #unknown(): ImageVerdict {
    const begins = `the body begins with ${shown(this.#prefix)}`;
    if (this.#signature !== 'more') {
      return { outcome: 'not-an-image', reason: `${begins}, which is no image that sluice knows` };
    }
    if (this.#prefix.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))) {
      return { outcome: 'not-an-image', reason: `the body is ${this.#seen} bytes of white space` };
    }
    return {
      outcome: 'incomplete',
      reason: `${begins} and ends at byte ${this.#seen}, before it is clear which image it is`,
    };
  }
}

/** A copy of `head` and as much of `tail` as makes `limit` bytes. */
function joined(head: Uint8Array, tail: Uint8Array, limit: number): Uint8Array {
  const taken = tail.subarray(0, Math.max(0, limit - head.length));
  const whole = new Uint8Array(head.length + taken.length);
  whole.set(head);
  whole.set(taken, head.length);
  return whole;
}

/** `3c 21 64 6f ("<!do")` */
function shown(bytes: Uint8Array): string {
  const few = [...bytes.subarray(0, SHOWN)];
  const hex = few.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const text = few.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${hex} ("${text}")`;
}
