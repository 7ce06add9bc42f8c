import { reasonOf, SluiceError } from '../errors.js';
import type { ImageType } from '../image/inspector.js';

/** Kinds that sharp's own build decodes; SVG is left out because it would be rendered, and it can carry script. */
const DECODABLE: ReadonlySet<ImageType['name']> = new Set(['JPEG', 'PNG', 'GIF', 'WebP', 'AVIF', 'TIFF']);
/** What sharp and its libraries say of a whole picture that is beyond them. "Unsupported marker" is libjpeg's word for damage. */
const BEYOND_SHARP =
  /unsupported(?! marker)|not supported|not been built|compile|no decod|unable to load|codec|pixel limit/i;
const ANIMATED: ReadonlySet<ImageType['name']> = new Set(['GIF', 'WebP']);

/**
 * Decodes every pixel with sharp. Throws `image-undecodable` where sharp does not know the kind (that says nothing of the
 * picture) and `image-incomplete` where it knows it and fails.
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
  const { default: sharp } = await import('sharp');
  const animated = ANIMATED.has(type.name);
  try {
    await sharp(stored, {
      failOn: 'error',
      animated,
      // sharp holds all frames of an animation together against its limit; ours is for one, and was checked before.
      ...(maxPixels === undefined || animated ? {} : { limitInputPixels: maxPixels }),
    }).stats();
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

function oneLine(error: unknown): string {
  return reasonOf(error).replace(/\s+/g, ' ').trim();
}
