import type { Sharp } from 'sharp';
import { reasonOf, SluiceError } from '../errors.js';
import { sniff } from '../image/signature.js';
import { DECODABLE } from '../retrieval/decode-image.js';
import type { Picture } from './outcome.js';

/**
 * img2dataset's modes, N being the size. `no`: as large as it is. `border`: the larger side is N, and white is added up to a square. `keep_ratio`: the
 * smaller side is N. `keep_ratio_largest`: the larger side is N. `center_crop`: the smaller side is N, and the middle of the larger one is kept.
 * Smaller pictures are enlarged.
 */
export type ResizeMode = 'no' | 'border' | 'keep_ratio' | 'keep_ratio_largest' | 'center_crop';

export type EncodeFormat = 'jpg' | 'png' | 'webp';

export interface EncodeOptions {
  readonly mode: ResizeMode;
  /** N, in pixels; not used by the mode `no`. */
  readonly size: number;
  readonly format: EncodeFormat;
  /** 1 to 100, default 95; of a PNG 0 to 9, the effort of its compression, default 6. */
  readonly quality?: number | undefined;
  /** Of the picture as it came, and as it is encoded. Default: 2^28. */
  readonly maxPixels?: number | undefined;
}

/** The picture as it is stored, its sides in pixels; or why there is none, in one sentence: code `resize-failed`, status `failed_to_resize`. */
export type Encoded =
  | {
      readonly picture: Picture;
      readonly width: number;
      readonly height: number;
      readonly failure?: undefined;
    }
  | { readonly picture?: undefined; readonly failure: string };

const FIT = {
  border: 'contain',
  keep_ratio: 'outside',
  keep_ratio_largest: 'inside',
  center_crop: 'cover',
} as const;
/** The longest side that the format has room for, in pixels. */
const LONGEST_SIDE: Readonly<Record<EncodeFormat, number>> = { jpg: 65_535, png: 2 ** 31 - 1, webp: 16_383 };
const WHITE = '#ffffff';
const MOST_PIXELS = 2 ** 28;

/** Resizes pictures and encodes them anew, on libuv's threads. Throws `option-invalid` for what can't be done to any picture. */
export class Encoder {
  constructor(private readonly options: EncodeOptions) {
    const { mode, size, format, quality } = options;
    if (mode !== 'no' && !isWithin(size, 1, LONGEST_SIDE[format]))
      throw invalid(
        `A ${format} can't be resized to ${size} pixels: 1 to ${LONGEST_SIDE[format]} are possible.`,
      );
    const [least, most] = format === 'png' ? [0, 9] : [1, 100];
    if (quality !== undefined && !isWithin(quality, least, most))
      throw invalid(`The quality of a ${format} is ${least} to ${most}, not ${quality}.`);
  }

  /**
   * The picture turned as its metadata say, without them, in sRGB and on white where it was transparent. Of an animation the first frame. Never rejects because
   * of the picture.
   */
  async encode(bytes: Uint8Array): Promise<Encoded> {
    const type = sniff(bytes);
    if (typeof type === 'string') return { failure: 'It is no picture that is known here.' };
    // SVG is among those that are not: it would be rendered, and it can carry script.
    if (!DECODABLE.has(type.name)) return { failure: `${type.name} can't be decoded here.` };
    const { format, maxPixels = MOST_PIXELS } = this.options;
    const sharp = await loadSharp();
    try {
      const image = sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, autoOrient: true });
      const excess = this.#excess((await image.metadata()).autoOrient);
      if (excess !== undefined) return { failure: excess };
      const { data, info } = await this.#output(this.#resized(image)).toBuffer({ resolveWithObject: true });
      return { picture: { bytes: data, extension: format }, width: info.width, height: info.height };
    } catch (error) {
      return {
        failure: `The ${type.name} could not be resized: ${reasonOf(error).replace(/\s+/g, ' ').trim()}.`,
      };
    }
  }

  /** Why it can't be as large as the mode makes it: a line of pixels, enlarged until it is N wide, is longer than any memory. */
  #excess({ width, height }: { width: number; height: number }): string | undefined {
    const { mode, size, format, maxPixels = MOST_PIXELS } = this.options;
    if (mode === 'border' || mode === 'keep_ratio_largest') return undefined;
    const factor = mode === 'no' ? 1 : size / Math.min(width, height);
    const [w, h] = [Math.round(width * factor), Math.round(height * factor)];
    if (w * h <= maxPixels && Math.max(w, h) <= LONGEST_SIDE[format]) return undefined;
    return `A picture of ${width} x ${height} pixels would be one of ${w} x ${h}: a ${format} has at most ${LONGEST_SIDE[format]} a side and ${maxPixels} in all.`;
  }

  #resized(image: Sharp): Sharp {
    const { mode, size } = this.options;
    const onWhite = image.flatten({ background: WHITE });
    if (mode === 'no') return onWhite;
    return onWhite.resize({ width: size, height: size, fit: FIT[mode], background: WHITE });
  }

  #output(image: Sharp): Sharp {
    const { format, quality } = this.options;
    if (format === 'png') return image.png({ compressionLevel: quality ?? 6 });
    return format === 'webp'
      ? image.webp({ quality: quality ?? 95 })
      : image.jpeg({ quality: quality ?? 95 });
  }
}

/** Many pictures are worked on at once: each takes one thread, and nothing is kept for the next. */
async function loadSharp() {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function invalid(says: string): SluiceError {
  return new SluiceError('option-invalid', says);
}
