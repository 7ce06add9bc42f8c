/** The table of formats: which walker follows which image, and what its end is called when it is missing. */

import { walkBmp } from './bmp.js';
import { walkGif } from './gif.js';
import { walkIco } from './ico.js';
import { walkIsobmff } from './isobmff.js';
import { walkJpeg } from './jpeg.js';
import { walkJp2, walkJpeg2000 } from './jpeg-2000.js';
import { walkJpegXl, walkJpegXlContainer } from './jpeg-xl.js';
import { walkPng } from './png.js';
import type { ImageName } from './signature.js';
import { walkSvg } from './svg.js';
import { walkTiff } from './tiff.js';
import type { PictureFacts, Walk, Walker } from './walk.js';
import { walkWebp } from './webp.js';

export interface Format {
  readonly walker: (walk: Walk, facts: PictureFacts) => Walker;
  /** The subject of "... is missing". */
  readonly end: string;
}

const ITEM_DATA = 'the rest of its item data';
const CODESTREAM_END = 'its end marker (EOC)';

export const FORMATS: Readonly<Record<ImageName, Format>> = {
  JPEG: { walker: walkJpeg, end: 'its end marker (EOI)' },
  PNG: { walker: walkPng, end: 'its last chunk (IEND)' },
  GIF: { walker: walkGif, end: 'its trailer' },
  WebP: { walker: walkWebp, end: 'the rest of its RIFF chunk' },
  AVIF: { walker: walkIsobmff, end: ITEM_DATA },
  HEIC: { walker: walkIsobmff, end: ITEM_DATA },
  HEIF: { walker: walkIsobmff, end: ITEM_DATA },
  TIFF: { walker: walkTiff, end: 'a directory or image data that it refers to' },
  BMP: { walker: walkBmp, end: 'the rest of its pixel array' },
  ICO: { walker: walkIco, end: 'an image of its directory' },
  CUR: { walker: walkIco, end: 'an image of its directory' },
  SVG: { walker: walkSvg, end: 'the end tag of its root element' },
  'JPEG XL': { walker: walkJpegXlContainer, end: 'the end of its codestream' },
  'JPEG XL codestream': { walker: walkJpegXl, end: 'its last frame' },
  'JPEG 2000': { walker: walkJp2, end: CODESTREAM_END },
  'JPEG 2000 codestream': { walker: walkJpeg2000, end: CODESTREAM_END },
};
