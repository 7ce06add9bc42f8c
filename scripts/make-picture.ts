/**
 * Draws assets/cover.jpg, the picture that the demo retrieves: a sluice gate between high and low water, as a
 * book's cover. Run by hand, with tsx, when the drawing changes; the picture itself is kept, so that its
 * bytes are the same on every machine.
 *
 * The textbook's picture has about 230,000 bytes, so that its receives of 5120 bytes fill a screen but not
 * two. Grain, as of a print, brings ours there: the quality is the highest that stays within `MOST_BYTES`.
 */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';

const FILE = fileURLToPath(new URL('../assets/cover.jpg', import.meta.url));
const WIDTH = 900;
const HEIGHT = 1200;
const LEAST_BYTES = 225_000;
const MOST_BYTES = 235_000;

/**
 * Heights in pixels from the top: the water before the gate, behind it, and the sill on which the gate would
 * rest.
 */
const HIGH_WATER = 560;
const LOW_WATER = 905;
const SILL = 1010;
/** The gate's panel, and how far it is raised above the sill. */
const GATE = { left: 420, right: 462, top: 410, raised: 74 };

/** The same numbers on every machine (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(5120);
const between = (low: number, high: number) => low + random() * (high - low);
const px = (value: number) => value.toFixed(1);

/** A line of waves from left to right: the sum of two sines. */
function waves(
  left: number,
  right: number,
  y: number,
  height: number,
  length: number,
  phase: number,
): string {
  const points: string[] = [];
  for (let x = left; x < right + 6; x += 6) {
    const swell = Math.sin((x / length) * 2 * Math.PI + phase);
    const ripple = 0.4 * Math.sin((x / length) * 5.3 * Math.PI + 2 * phase);
    points.push(`${px(x)},${px(y + height * (swell + ripple))}`);
  }
  return points.join(' L');
}

function repeated(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('\n');
}

const GRADIENTS = `
<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
  <stop offset="0" stop-color="#16324f"/><stop offset="0.42" stop-color="#3f7186"/>
  <stop offset="0.72" stop-color="#f0b27a"/><stop offset="1" stop-color="#fbe3b5"/>
</linearGradient>
<radialGradient id="sun"><stop offset="0" stop-color="#fff6da"/><stop offset="0.25" stop-color="#ffe2a0"/>
  <stop offset="1" stop-color="#ffd9a0" stop-opacity="0"/></radialGradient>
<linearGradient id="deep" x1="0" y1="0" x2="0" y2="1">
  <stop offset="0" stop-color="#3aa0ad"/><stop offset="0.35" stop-color="#1d7389"/><stop offset="1" stop-color="#0b2f4a"/>
</linearGradient>
<linearGradient id="low" x1="0" y1="0" x2="0" y2="1">
  <stop offset="0" stop-color="#5fc0c2"/><stop offset="1" stop-color="#1a6680"/>
</linearGradient>
<linearGradient id="iron" x1="0" y1="0" x2="1" y2="0">
  <stop offset="0" stop-color="#26292e"/><stop offset="0.45" stop-color="#5d646d"/><stop offset="1" stop-color="#1d2024"/>
</linearGradient>
<linearGradient id="wood" x1="0" y1="0" x2="1" y2="0">
  <stop offset="0" stop-color="#5a3520"/><stop offset="0.5" stop-color="#a8693c"/><stop offset="1" stop-color="#4a2a18"/>
</linearGradient>
<linearGradient id="stone" x1="0" y1="0" x2="0" y2="1">
  <stop offset="0" stop-color="#b9a58c"/><stop offset="1" stop-color="#574c44"/>
</linearGradient>`;

function landscape(): string {
  const hill = (y: number, height: number, length: number, phase: number, colour: string) =>
    `<path fill="${colour}" d="M0,${SILL} L${waves(0, WIDTH, y, height, length, phase)} L${WIDTH},${SILL} Z"/>`;
  const reeds = repeated(26, () => {
    const x = between(690, 895);
    const top = LOW_WATER - between(40, 120);
    return `<path d="M${px(x)},${LOW_WATER} Q${px(x + between(-5, 5))},${px(top + 40)} ${px(x + between(-16, 16))},${px(top)}"
      fill="none" stroke="#24463c" stroke-width="${px(between(1.5, 3.5))}" stroke-linecap="round"/>`;
  });
  return `<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sky)"/>
    <circle cx="660" cy="585" r="330" fill="url(#sun)"/><circle cx="660" cy="585" r="62" fill="#fff4d6"/>
    ${hill(630, 26, 620, 0.6, '#a99a8d')} ${hill(690, 30, 480, 2.1, '#7d8a80')} ${hill(760, 24, 700, 4, '#4f6f66')}
    ${hill(835, 14, 410, 1, '#335548')} ${reeds}`;
}

/** Courses of stones from `top` to `bottom`; every course is shifted against the one above. */
function masonry(left: number, right: number, top: number, bottom: number): string {
  const course = 34;
  const stones: string[] = [
    `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="#3a332d"/>`,
  ];
  for (let y = top, row = 0; y < bottom; y += course, row++) {
    for (let x = left - (row % 2) * 37; x < right; ) {
      const width = between(56, 92);
      const from = Math.max(x, left);
      const to = Math.min(x + width, right) - 3;
      const height = Math.min(course, bottom - y) - 3;
      if (to - from > 4) {
        stones.push(`<rect x="${px(from)}" y="${px(y)}" width="${px(to - from)}" height="${px(height)}" rx="5" fill="url(#stone)"
          opacity="${px(between(0.6, 1))}"/>`);
      }
      x += width;
    }
  }
  return stones.join('\n');
}

function highWater(): string {
  const edge = GATE.left + 4;
  const strata = repeated(34, (index) => {
    const y = HIGH_WATER + 18 + index * 12.6;
    const from = between(-40, 180);
    const line = waves(Math.max(0, from), Math.min(edge, from + between(120, 420)), y, 2.2, 110, index * 1.7);
    return `<path d="M${line}" fill="none" stroke="#bfeef0" stroke-opacity="${(0.3 - index * 0.007).toFixed(3)}" stroke-width="2"/>`;
  });
  // What lies deep is drawn towards the opening.
  const drawn = repeated(15, (index) => {
    const y = SILL - 10 - index * 17;
    const to = SILL - 8 - index * 4.2;
    return `<path d="M${px(60 + index * 12)},${px(y)} C${px(260)},${px(y)} ${px(340)},${px(to)} ${edge + 20},${px(to)}" fill="none"
      stroke="#8fdbe0" stroke-opacity="${(0.5 - index * 0.028).toFixed(3)}" stroke-width="2.4"/>`;
  });
  return `<path fill="url(#deep)" d="M0,${SILL} L${waves(0, edge, HIGH_WATER, 4, 150, 0.4)} L${edge},${SILL} Z"/>
    <path fill="none" stroke="#e3fbf7" stroke-width="4" d="M${waves(0, edge, HIGH_WATER, 4, 150, 0.4)}"/> ${strata} ${drawn}`;
}

/** The jet under the gate, the hydraulic jump, and the quiet water after it. */
function lowWater(): string {
  const mouth = SILL - GATE.raised;
  const jump = `M${GATE.left},${mouth} C520,${mouth + 12} 560,${SILL - 62} 610,${SILL - 66}
    C650,${SILL - 70} 655,${LOW_WATER - 22} 700,${LOW_WATER - 14} L${waves(704, WIDTH, LOW_WATER, 5, 90, 2)}`;
  const streaks = repeated(30, () => {
    const y = between(mouth + 14, SILL - 6);
    const from = between(GATE.left, 560);
    const to = from + between(60, 300);
    return `<path d="M${px(from)},${px(y)} C${px(from + 60)},${px(y + 6)} ${px(to - 60)},${px(y)} ${px(to)},${px(y - between(0, 26))}"
      fill="none" stroke="#f4fffd" stroke-opacity="${px(between(0.25, 0.8))}" stroke-width="${px(between(1, 4))}" stroke-linecap="round"/>`;
  });
  const foam = repeated(420, () => {
    const along = random();
    const x = 592 + along * 200 + between(-14, 22);
    const crest = LOW_WATER - 10 + 62 * Math.max(0, (640 - x) / 60);
    const y = Math.min(SILL - 6, crest + between(-14, 26) * (1.1 - along));
    return `<circle cx="${px(x)}" cy="${px(y)}" r="${px(between(2, 11 - 7 * along))}" fill="#ffffff" fill-opacity="${px(between(0.3, 0.9))}"/>`;
  });
  // The spray is square: pieces of a picture on their way.
  const spray = repeated(120, () => {
    const angle = between(0.15, 1.35);
    const far = between(20, 235) * (0.5 + random() / 2);
    const size = between(4, 15) * (1 - far / 400);
    const x = 650 + far * Math.cos(angle) * 1.05;
    const y = LOW_WATER - 8 - far * Math.sin(angle);
    const colour = ['#ffffff', '#d8f6f4', '#8fe0e0', '#ffdf9a', '#ff9e6d'][Math.floor(random() * 5)]!;
    return `<rect x="${px(x)}" y="${px(y)}" width="${px(size)}" height="${px(size)}" fill="${colour}" fill-opacity="${px(between(0.5, 1))}"
      transform="rotate(${px(between(0, 90))} ${px(x)} ${px(y)})"/>`;
  });
  return `<path fill="url(#low)" d="${jump} L${WIDTH},${SILL} L${GATE.left},${SILL} Z"/>
    <path fill="none" stroke="#effffc" stroke-width="5" d="${jump}"/> ${streaks} ${foam} ${spray}`;
}

/** Panel, frame, and the wheel that raises it. */
function gate(): string {
  const { left, right, top, raised } = GATE;
  const middle = (left + right) / 2;
  const bottom = SILL - raised;
  const boards = repeated(9, (index) => {
    const y = top + 14 + index * 58;
    return `<path d="M${left},${y} H${right}" stroke="#2e190d" stroke-width="3"/>
      <circle cx="${left + 9}" cy="${y + 12}" r="3.4" fill="#1d1a18"/><circle cx="${right - 9}" cy="${y + 12}" r="3.4" fill="#1d1a18"/>`;
  });
  const thread = repeated(
    22,
    (index) => `<path d="M${middle - 7},${232 + index * 8.4} l14,-5" stroke="#15171a" stroke-width="2.4"/>`,
  );
  const spokes = repeated(6, (index) => {
    const angle = (index * Math.PI) / 3 + 0.2;
    const reach = `${px(middle + 66 * Math.cos(angle))},${px(232 + 20 * Math.sin(angle))}`;
    return `<path d="M${middle},232 L${reach}" stroke="#2b2f35" stroke-width="7"/>`;
  });
  return `<rect x="${left - 34}" y="296" width="22" height="${SILL - 296}" fill="url(#iron)"/>
    <rect x="${right + 12}" y="296" width="22" height="${SILL - 296}" fill="url(#iron)"/>
    <rect x="${left - 34}" y="${HIGH_WATER + 6}" width="22" height="${SILL - HIGH_WATER - 6}" fill="#12607a" fill-opacity="0.66"/>
    <rect x="${right + 12}" y="${bottom + 8}" width="22" height="${raised - 8}" fill="#7fd0d2" fill-opacity="0.72"/>
    <rect x="${left - 52}" y="270" width="${right - left + 104}" height="34" rx="5" fill="url(#iron)"/>
    <rect x="${middle - 7}" y="222" width="14" height="200" fill="url(#iron)"/> ${thread}
    <ellipse cx="${middle}" cy="232" rx="70" ry="22" fill="none" stroke="#8c2f21" stroke-width="11"/> ${spokes}
    <ellipse cx="${middle}" cy="229" rx="70" ry="22" fill="none" stroke="#c9543c" stroke-width="5"/>
    <rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="url(#wood)"/> ${boards}
    <rect x="${left - 3}" y="${bottom - 14}" width="${right - left + 6}" height="16" fill="url(#iron)"/>`;
}

function title(): string {
  return `<text x="56" y="176" font-family="P052, Palatino, serif" font-style="italic" font-size="168" fill="#fdf3dc">sluice</text>
    <path d="M62,214 H330" stroke="#ffb27a" stroke-width="5"/>
    <text x="62" y="258" font-family="P052, Palatino, serif" font-size="31" letter-spacing="1.5" fill="#f6dcb4">images over HTTP,</text>
    <text x="62" y="298" font-family="P052, Palatino, serif" font-size="31" letter-spacing="1.5" fill="#f6dcb4">and the flow</text>`;
}

/** Gray noise around the middle: under soft light it leaves the mean as it is. */
function grain(): Sharp {
  const pixels = Buffer.alloc(WIDTH * HEIGHT);
  const noise = randomFrom(8320);
  for (let at = 0; at < pixels.length; at++) pixels[at] = 128 + (noise() + noise() + noise() - 1.5) * 62;
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).blur(0.6);
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><defs>${GRADIENTS}</defs>
  ${landscape()} ${highWater()} ${lowWater()} ${masonry(0, WIDTH, SILL, HEIGHT)} ${gate()} ${title()}</svg>`;
const drawn = await sharp(Buffer.from(svg))
  .composite([{ input: await grain().png().toBuffer(), blend: 'soft-light' }])
  .removeAlpha()
  .png()
  .toBuffer();

let picture: Buffer | undefined;
for (let quality = 95; quality >= 60; quality--) {
  picture = await sharp(drawn).jpeg({ quality, progressive: false, chromaSubsampling: '4:2:0' }).toBuffer();
  if (picture.length > MOST_BYTES) continue;
  if (picture.length < LEAST_BYTES)
    throw new Error(`quality ${quality} gives ${picture.length} bytes: change the grain`);
  writeFileSync(FILE, picture);
  console.log(`${FILE}: ${picture.length} bytes at quality ${quality}`);
  break;
}
