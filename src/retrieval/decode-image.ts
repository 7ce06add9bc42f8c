import { reasonOf, SluiceError } from '../errors.js';
import type { ImageType } from '../image/inspector.js';

/** Kinds that sharp's own build decodes; SVG is left out because it would be rendered, and it can carry script. */
export const DECODABLE: ReadonlySet<ImageType['name']> = new Set([
  'JPEG',
  'PNG',
  'GIF',
  'WebP',
  'AVIF',
  'TIFF',
]);
/** What sharp and its libraries say of a whole picture that is beyond them. "Unsupported marker" is libjpeg's word for damage. */
const BEYOND_SHARP =
  /unsupported(?! marker)|not supported|not been built|compile|no decod|unable to load|codec|pixel limit/i;
/** What libjpeg says where the data of a scan ends too soon or is no code, and it goes on with grey. */
const DAMAGED_SCAN = /premature end|bad (huffman|arithmetic) code|instead of RST/i;
const ANIMATED: ReadonlySet<ImageType['name']> = new Set(['GIF', 'WebP']);

/**
 * Decodes every pixel with sharp. Throws `image-undecodable` where sharp does not know the kind (that says nothing of the
 * picture) and `image-incomplete` where it knows it and fails.
 *
 * Not found by any setting of sharp: image data that is cut and closed again in its own structure, in a GIF or an
 * arithmetic-coded JPEG; nor a cut JPEG scan behind a first oddity that libjpeg reads past.
 */
export async function decodeImage(
  stored: string | Uint8Array | undefined,
  type: ImageType,
  maxPixels: number | undefined,
): Promise<void> {
  if (!DECODABLE.has(type.name)) {
    throw new SluiceError(
      'image-undecodable',
      `${type.name} can't be decoded here, so it can't be verified by decoding; "structure" verifies it without.`,
    );
  }
  if (stored === undefined) {
    throw new SluiceError(
      'option-invalid',
      "A body that is passed on as it comes can't be verified by decoding: save it to a file.",
    );
  }
  try {
    await decodePixels(stored, type, maxPixels);
  } catch (error) {
    if (BEYOND_SHARP.test(reasonOf(error))) {
      throw new SluiceError(
        'image-undecodable',
        `This ${type.name} can't be decoded here: ${oneLine(error)}.`,
        { cause: error },
      );
    }
    throw new SluiceError('image-incomplete', `The ${type.name} could not be decoded: ${oneLine(error)}.`, {
      cause: error,
    });
  }
}

/**
 * libjpeg only warns of a scan that ends too soon, as in a cut picture that someone gave an EOI. It also warns of what
 * well-formed pictures have (bytes between segments, another revision of JFIF), and sharp stops at a warning or at none:
 * a JPEG that stops at such a one is decoded again without. Other kinds fail by themselves, and their warnings are of metadata.
 */
async function decodePixels(
  stored: string | Uint8Array,
  type: ImageType,
  maxPixels: number | undefined,
): Promise<void> {
  const { default: sharp } = await import('sharp');
  const animated = ANIMATED.has(type.name);
  // sharp holds all frames of an animation together against its limit; ours is for one, and was checked before.
  const limit = maxPixels === undefined || animated ? {} : { limitInputPixels: maxPixels };
  if (type.name === 'JPEG') {
    try {
      await sharp(stored, { failOn: 'warning', ...limit }).stats();
      return;
    } catch (error) {
      if (DAMAGED_SCAN.test(reasonOf(error))) throw error;
    }
  }
  await sharp(stored, { failOn: 'error', animated, ...limit }).stats();
}

function oneLine(error: unknown): string {
  return reasonOf(error).replace(/\s+/g, ' ').trim();
}
