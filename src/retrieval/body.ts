import type { Hash } from 'node:crypto';
import { decoderFor, type Stage } from '../body/content-coding.js';
import type { BodySink, Destination, Taken } from '../body/sink.js';
import { SluiceError } from '../errors.js';
import { quoted } from '../http/malformed.js';
import type { ResponseHead } from '../http/response-reader.js';
import { ImageInspector } from '../image/inspector.js';
import type { BodyOffer } from './body-offer.js';
import type { Settings } from './options.js';

/** What the body is held against. */
type BodyRules = Pick<Settings, 'maxBytes' | 'maxRatio' | 'maxPixels' | 'verify' | 'expect' | 'sha256'>;

/** How much of a picture is looked at in search of its dimensions before it is seen whether they came. */
const HEADER_STEP_BYTES = 1024;

/** A body of fewer bytes does no harm, however few it was coded in: pictures of one colour and logs are coded in next to nothing. */
const RATIO_FREE_BYTES = 16 * 1024 * 1024;

/** Whom the body tells what its picture's header says. In pixels. */
interface DimensionsObserver {
  dimensions(width: number, height: number): void;
}

/**
 * The way of a body from the response reader to its sink:
 *
 *     undo content coding -> count, digest, look at the picture -> sink
 *
 * Only the first stage changes bytes; the others observe. The sink is opened only when the signature is known, so that nothing is
 * made under any name for what is no image.
 */
export class Body {
  /** Bytes, content codings undone. */
  bytes = 0;
  readonly inspector = new ImageInspector();
  sink: BodySink | undefined;

  /** Bytes as they were received, content codings not undone. */
  #codedBytes = 0;
  readonly #mustBeImage: boolean;
  readonly #hash: Hash | undefined;
  #digest: string | undefined;
  #stage: Stage | undefined;
  #opening: Promise<Stage> | undefined;
  /** The bytes before the signature was decided. */
  #held: Buffer[] = [];
  #inspecting = true;
  #dimensionsTold = false;
  #aborted: Error | undefined;

  constructor(
    private readonly offer: BodyOffer,
    private readonly rules: BodyRules,
    private readonly destination: Destination,
    private readonly observer: DimensionsObserver,
  ) {
    const { head } = offer;
    const saysImage = /^image\//i.test(head.fields.first('content-type') ?? '');
    this.#mustBeImage = rules.expect === 'image' || (saysImage && rules.verify !== 'none');
    if (rules.sha256) this.#hash = process.getBuiltinModule('node:crypto').createHash('sha256'); // Loaded only for who wants it: 5 ms.
    const codings = contentCodings(head);
    if (codings.length > 0) {
      this.#opening = decoderFor(codings, (data) => this.#observe(data));
      // A failure is told at the first write, which may be a while away: until then nobody else listens.
      this.#opening.catch(() => undefined);
    }
    if (head.framing.kind === 'length' && codings.length === 0)
      this.#checkSize(head.framing.length, 'announces');
  }

  /** In hexadecimal, once the body is whole. */
  get sha256(): string | undefined {
    return this.#digest;
  }

  /** Takes bytes as they were received. */
  write(data: Buffer): Taken {
    if (this.#opening === undefined) return this.#observe(data);
    this.#codedBytes += data.length;
    if (this.#stage !== undefined) return this.#stage.write(data);
    return this.#opening.then((stage) => {
      this.#stage = stage;
      return stage.write(data);
    });
  }

  /** What was stored of this body before, for one who goes on with it in `sink`: it is looked at, and not written again. */
  adopt(stored: Iterable<Buffer>, sink: BodySink): void {
    this.sink = sink;
    for (const piece of stored) this.#look(piece);
    if (this.#mustBeImage && this.#isNoImage) throw this.#notAnImage();
  }

  /** The last byte was taken: holds the body against its rules, and makes it final. */
  end(): Taken {
    if (this.#opening !== undefined)
      return this.#opening.then((stage) => stage.end()).then(() => this.#finish());
    return this.#finish();
  }

  /** Something failed: nothing stays that looks whole. */
  abort(error: Error): void {
    this.#aborted = error;
    this.#stage?.abort();
    this.sink?.abort(error);
  }

  #observe(data: Buffer): Taken {
    this.#look(data);
    if (this.sink !== undefined) return this.sink.write(data);
    if (!this.inspector.signatureDecided) {
      this.#held.push(Buffer.from(data));
      return undefined;
    }
    return this.#openSink(data);
  }

  #look(data: Buffer): void {
    this.bytes += data.length;
    this.#checkSize(this.bytes, 'has');
    if (this.#codedBytes > 0) this.#checkRatio();
    this.#hash?.update(data);
    if (this.#inspecting) this.#inspect(data);
  }

  #inspect(data: Buffer): void {
    if (this.rules.verify !== 'none') {
      this.inspector.push(data);
      if (!this.#dimensionsTold) this.#checkDimensions();
      return;
    }
    // With nothing to verify, what a picture is and how large suffices: the rest is not followed.
    for (let at = 0; at < data.length && this.#inspecting; at += HEADER_STEP_BYTES) {
      this.inspector.push(data.subarray(at, at + HEADER_STEP_BYTES));
      this.#checkDimensions();
      this.#inspecting = !this.#dimensionsTold && !this.#isNoImage;
    }
  }

  get #isNoImage(): boolean {
    return this.inspector.signatureDecided && this.inspector.type === undefined;
  }

  #openSink(data: Buffer | undefined): Taken {
    const { type } = this.inspector;
    if (this.#mustBeImage && type === undefined) throw this.#notAnImage();
    this.offer.type = type;
    const opened = this.destination(this.offer);
    if (opened instanceof Promise) return opened.then((sink) => this.#begin(sink, data));
    return this.#begin(opened, data);
  }

  #begin(sink: BodySink, data: Buffer | undefined): Taken {
    if (this.#aborted !== undefined) {
      sink.abort(this.#aborted);
      throw this.#aborted;
    }
    this.sink = sink;
    if (this.#held.length === 0) return data === undefined ? undefined : sink.write(data);
    const held = Buffer.concat(data === undefined ? this.#held : [...this.#held, data]);
    this.#held = [];
    return sink.write(held);
  }

  #finish(): Taken {
    // A body that ended before its signature was decided has no sink yet.
    const opened = this.sink === undefined ? this.#openUndecided() : undefined;
    return opened === undefined ? this.#verifyAndCommit() : opened.then(() => this.#verifyAndCommit());
  }

  #openUndecided(): Taken {
    if (this.#mustBeImage) this.#verifyStructure();
    return this.#openSink(undefined);
  }

  #verifyAndCommit(): Taken {
    const { verify, expect } = this.rules;
    const isPicture = this.inspector.type !== undefined;
    // A 416 says nothing of what is there: the bytes do.
    const saysNothing = this.offer.head.status === 416 && isPicture;
    const follow =
      verify === undefined
        ? this.#mustBeImage || saysNothing
        : verify !== 'none' && (isPicture || this.#mustBeImage);
    if (follow || (expect === 'image' && verify !== 'none')) this.#verifyStructure();
    if (verify === 'decode' && isPicture) return this.#verifyDecoded().then(() => this.#commit());
    return this.#commit();
  }

  #commit(): Taken {
    this.#digest = this.#hash?.digest('hex');
    return this.sink?.commit();
  }

  async #verifyDecoded(): Promise<void> {
    const { decodeImage } = await import('./decode-image.js');
    await decodeImage(this.sink?.stored, this.inspector.type!, this.rules.maxPixels);
  }

  #verifyStructure(): void {
    const verdict = this.inspector.end();
    if (verdict.outcome === 'whole') return;
    if (verdict.outcome === 'not-an-image') throw this.#notAnImage();
    throw new SluiceError('image-incomplete', `The image is incomplete: ${verdict.reason}.`);
  }

  #notAnImage(): SluiceError {
    const verdict = this.inspector.end();
    const reason = verdict.outcome === 'whole' ? '' : `: ${verdict.reason}`;
    const says = this.offer.head.fields.first('content-type');
    return new SluiceError(
      'not-an-image',
      `The server says ${says === undefined ? 'nothing of the type' : quoted(says)}, but the body is not an image${reason}.`,
    );
  }

  #checkSize(bytes: number, verb: string): void {
    const { maxBytes } = this.rules;
    if (maxBytes === undefined || bytes <= maxBytes) return;
    throw new SluiceError(
      'too-large',
      `The body ${verb} ${bytes} bytes or more, above the limit of ${maxBytes}.`,
    );
  }

  #checkRatio(): void {
    const { maxRatio } = this.rules;
    if (this.bytes <= RATIO_FREE_BYTES || this.bytes <= this.#codedBytes * maxRatio) return;
    throw new SluiceError(
      'too-large',
      `The body decodes to ${this.bytes} bytes or more from ${this.#codedBytes}, above the limit of ${maxRatio} for one.`,
    );
  }

  #checkDimensions(): void {
    const { width, height } = this.inspector;
    if (width === undefined || height === undefined) return;
    this.#dimensionsTold = true;
    this.observer.dimensions(width, height);
    const { maxPixels } = this.rules;
    if (maxPixels === undefined || width * height <= maxPixels) return;
    throw new SluiceError(
      'too-large',
      `The picture is ${width} x ${height} pixels, above the limit of ${maxPixels} pixels.`,
    );
  }
}

/** The content codings to undo, in the order of the field (RFC 9110 §8.4). */
function contentCodings({ fields }: ResponseHead): string[] {
  if (!fields.has('content-encoding')) return [];
  return fields.members('content-encoding').filter((coding) => coding !== 'identity');
}
