/**
 * A BMP of any size whose bytes are computed as they are read, so that it costs no memory: the waves of two
 * springs in one water.
 *
 * BITMAPFILEHEADER and BITMAPINFOHEADER of the Windows SDK; 24 bits a pixel, blue first, rows from the bottom
 * up. The width is a multiple of 4, so that rows of 3 bytes a pixel are whole 32-bit words without padding.
 */

const FILE_HEADER_BYTES = 14;
const HEADER_BYTES = FILE_HEADER_BYTES + 40;
const PIXEL_BYTES = 3;
/** 72 dots an inch, in pixels a metre. */
const RESOLUTION = 2835;
/** biWidth and biHeight are signed, bfSize is not: this is far below either, and far above any use. */
const MOST_BYTES = 2 ** 31;

/** Colours from trough to crest: red, green, blue. */
const COLOURS = [
  [6, 22, 48],
  [12, 66, 104],
  [29, 125, 146],
  [118, 199, 196],
  [252, 240, 212],
] as const;
const SHADES = 1024;
const PALETTE = paletteOf(SHADES);

/** In wave lengths across the picture's width. */
const WAVES = 26;
/** Where the springs lie, in shares of width and height from the lower left. */
const SPRINGS = [
  [0.22, 0.3],
  [0.86, 0.74],
] as const;
/** Distances told apart within the picture's width. */
const STEPS = 16_384;
const HEIGHTS = heightsByDistance();

/** The picture; `length` is in bytes, its header included. */
export class WavePicture {
  readonly length: number;
  readonly #header: Uint8Array;

  private constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.length = HEADER_BYTES + width * height * PIXEL_BYTES;
    this.#header = headerOf(width, height, this.length);
  }

  /** About square, and of at least `bytes` bytes: at most two rows more. Throws a RangeError above 2^31. */
  static ofBytes(bytes: number): WavePicture {
    if (!(bytes <= MOST_BYTES))
      throw new RangeError(`A picture of ${bytes} bytes is more than ${MOST_BYTES}.`);
    const pixels = Math.max(1, (bytes - HEADER_BYTES) / PIXEL_BYTES);
    const width = Math.max(4, Math.round(Math.sqrt(pixels) / 4) * 4);
    return new WavePicture(width, Math.ceil(pixels / width));
  }

  /** The bytes from `from` up to, but not including, `to`. */
  read(from: number, to: number): Uint8Array {
    const bytes = new Uint8Array(to - from);
    let at = 0;
    for (; from + at < Math.min(to, HEADER_BYTES); at++) bytes[at] = this.#header[from + at]!;
    const inArray = from + at - HEADER_BYTES;
    const pixel = Math.floor(inArray / PIXEL_BYTES);
    let part = inArray % PIXEL_BYTES;
    let x = pixel % this.width;
    for (let y = Math.floor(pixel / this.width); at < bytes.length; y++, x = 0) {
      for (; x < this.width && at < bytes.length; x++, part = 0) {
        const shade = this.#shade(x, y) * PIXEL_BYTES;
        while (part < PIXEL_BYTES && at < bytes.length) bytes[at++] = PALETTE[shade + part++]!;
      }
    }
    return bytes;
  }

  /** The water's height at a pixel, as a place in the palette. */
  #shade(x: number, y: number): number {
    const { width, height } = this;
    const first = waterAt(x / width - SPRINGS[0][0], (y - SPRINGS[0][1] * height) / width);
    const second = waterAt(x / width - SPRINGS[1][0], (y - SPRINGS[1][1] * height) / width);
    return Math.min(SHADES - 1, Math.max(0, Math.round(((first + second + 1.35) / 2.7) * (SHADES - 1))));
  }
}

/** The height of one spring's waves, from -1 to 1, at a distance in shares of the picture's width. */
function waterAt(dx: number, dy: number): number {
  return HEIGHTS[Math.floor(Math.sqrt(dx * dx + dy * dy) * STEPS)] ?? 0;
}

/** `waterAt` by distance. A cosine a pixel would keep the event loop for a second a picture. */
function heightsByDistance(): Float64Array {
  return Float64Array.from({ length: 2 * STEPS }, (_, step) => {
    const far = step / STEPS;
    // Waves spread their force over a growing circle.
    return Math.cos(far * WAVES * 2 * Math.PI) / (1 + 2.2 * far);
  });
}

function headerOf(width: number, height: number, length: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  header.setUint16(0, 0x424d); // bfType: 'BM'
  header.setUint32(2, length, true); // bfSize
  header.setUint32(10, HEADER_BYTES, true); // bfOffBits
  header.setUint32(14, HEADER_BYTES - FILE_HEADER_BYTES, true); // biSize
  header.setInt32(18, width, true); // biWidth
  header.setInt32(22, height, true); // biHeight
  header.setUint16(26, 1, true); // biPlanes
  header.setUint16(28, 8 * PIXEL_BYTES, true); // biBitCount
  header.setUint32(34, length - HEADER_BYTES, true); // biSizeImage
  header.setInt32(38, RESOLUTION, true); // biXPelsPerMeter
  header.setInt32(42, RESOLUTION, true); // biYPelsPerMeter
  return new Uint8Array(header.buffer);
}

/** `count` shades between the colours, three bytes each, blue first. */
function paletteOf(count: number): Uint8Array {
  const palette = new Uint8Array(count * PIXEL_BYTES);
  for (let shade = 0; shade < count; shade++) {
    const place = (shade / (count - 1)) * (COLOURS.length - 1);
    const below = Math.min(Math.floor(place), COLOURS.length - 2);
    for (let part = 0; part < PIXEL_BYTES; part++) {
      const from = COLOURS[below]![2 - part]!;
      const to = COLOURS[below + 1]![2 - part]!;
      palette[shade * PIXEL_BYTES + part] = Math.round(from + (to - from) * (place - below));
    }
  }
  return palette;
}
