/** A picture as the terminals take it. Pixels are rows of 8-bit red, green, blue (or grey), from the top. */

/** The kitty graphics protocol: PNG in base64, in pieces of at most 4096 characters. */
export function kitty(png: Buffer): string {
  const pieces = png.toString('base64').match(/.{1,4096}/g) ?? [];
  const escapes = pieces.map((piece, i) => {
    const first = i === 0 ? 'f=100,a=T,q=2,' : '';
    return `\x1b_G${first}m=${i === pieces.length - 1 ? 0 : 1};${piece}\x1b\\`;
  });
  return `${escapes.join('')}\n`;
}

/** iTerm2's inline images: OSC 1337. */
export function iterm(png: Buffer): string {
  return `\x1b]1337;File=inline=1;size=${png.length};preserveAspectRatio=1:${png.toString('base64')}\x07\n`;
}

/** Two pixels a cell: the upper half block in the upper pixel's colour on the lower one's. */
export function halfBlocks(pixels: Uint8Array, width: number, height: number, channels: number): string {
  const colour = (x: number, y: number) => rgbAt(pixels, width, channels, x, y).join(';');
  let text = '';
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x++) {
      const below = y + 1 < height ? `\x1b[48;2;${colour(x, y + 1)}m` : '\x1b[49m';
      text += `\x1b[38;2;${colour(x, y)}m${below}▀`;
    }
    text += '\x1b[0m\n';
  }
  return text;
}

/** Steps a colour in the sixels' palette. */
const STEPS = 6;

/** DEC sixels: six rows a band, each colour of a band in a line of its own, runs shortened. */
export function sixels(pixels: Uint8Array, width: number, height: number, channels: number): string {
  const places = dithered(pixels, width, height, channels);
  let text = `\x1bP0;1q"1;1;${width};${height}`;
  for (let place = 0; place < STEPS ** 3; place++) {
    const [red, green, blue] = levelsOf(place).map((level) => Math.round((level * 100) / (STEPS - 1)));
    text += `#${place};2;${red};${green};${blue}`;
  }
  for (let top = 0; top < height; top += 6) {
    const rows = Math.min(6, height - top);
    const bands = new Map<number, Uint8Array>();
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < width; x++) {
        const place = places[(top + y) * width + x]!;
        const band = bands.get(place) ?? new Uint8Array(width);
        band[x]! |= 1 << y;
        bands.set(place, band);
      }
    }
    text += [...bands].map(([place, band]) => `#${place}${runs(band)}`).join('$');
    text += '-';
  }
  return `${text}\x1b\\\n`;
}

function runs(band: Uint8Array): string {
  let text = '';
  for (let x = 0; x < band.length; ) {
    let to = x + 1;
    while (to < band.length && band[to] === band[x]) to++;
    const sixel = String.fromCharCode(63 + band[x]!);
    text += to - x > 3 ? `!${to - x}${sixel}` : sixel.repeat(to - x);
    x = to;
  }
  return text;
}

function levelsOf(place: number): [number, number, number] {
  return [Math.floor(place / STEPS ** 2), Math.floor(place / STEPS) % STEPS, place % STEPS];
}

/** Each pixel's place in the palette; what a colour lacks is given to its neighbours (Floyd and Steinberg). */
function dithered(pixels: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const places = new Uint8Array(width * height);
  let here = new Float32Array(3 * (width + 2));
  let below = new Float32Array(3 * (width + 2));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rgb = rgbAt(pixels, width, channels, x, y);
      let place = 0;
      for (let part = 0; part < 3; part++) {
        const at = 3 * (x + 1) + part;
        const wanted = rgb[part]! + here[at]!;
        const level = Math.min(STEPS - 1, Math.max(0, Math.round((wanted * (STEPS - 1)) / 255)));
        const lacks = wanted - (level * 255) / (STEPS - 1);
        here[at + 3]! += (lacks * 7) / 16;
        below[at - 3]! += (lacks * 3) / 16;
        below[at]! += (lacks * 5) / 16;
        below[at + 3]! += lacks / 16;
        place = place * STEPS + level;
      }
      places[y * width + x] = place;
    }
    [here, below] = [below, here.fill(0)];
  }
  return places;
}

function rgbAt(
  pixels: Uint8Array,
  width: number,
  channels: number,
  x: number,
  y: number,
): [number, number, number] {
  const at = (y * width + x) * channels;
  const isGrey = channels < 3;
  return [pixels[at]!, pixels[isGrey ? at : at + 1]!, pixels[isGrey ? at : at + 2]!];
}
