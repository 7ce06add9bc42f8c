import type { Receipt } from '../retrieval/receipt.js';
import { escapeLine } from './escape.js';
import type { Output } from './output.js';
import { type TerminalKind, terminalKind } from './terminal-kind.js';
import { halfBlocks, iterm, kitty, sixels } from './view-encodings.js';

/** A cell of a terminal is about twice as high as wide; in pixels where only the terminal knows better. */
const CELL = { width: 10, height: 20 } as const;
/** A picture of more pixels is not decoded for a look. */
const MOST_PIXELS = 100_000_000;

/**
 * Shows a picture in the terminal, as large as fits: by its graphics protocol where it has one, otherwise in half blocks. What can't be
 * shown is said, and is no failure.
 */
export async function viewPicture(
  stored: string | Uint8Array | undefined,
  { mediaType }: Receipt,
  { stdout, stderr }: Output,
): Promise<void> {
  if (mediaType === null || stored === undefined) {
    stderr.write(mediaType === null ? 'No picture to view.\n' : 'The picture is too large to be viewed.\n');
    return;
  }
  const columns = Math.max(10, (stdout.columns ?? 80) - 1);
  const rows = Math.max(5, (stdout.rows ?? 24) - 2);
  try {
    stdout.write(await drawn(stored, await terminalKind(), columns, rows));
  } catch (error) {
    // Of what sharp can't decode (BMP, HEIC, JPEG XL, ...) there is only this to say.
    const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    stderr.write(`The picture (${mediaType}) can't be viewed here: ${escapeLine(reason)}\n`);
  }
}

async function drawn(
  stored: string | Uint8Array,
  kind: TerminalKind,
  columns: number,
  rows: number,
): Promise<string> {
  const { default: sharp } = await import('sharp');
  const decoded = sharp(stored, { limitInputPixels: MOST_PIXELS, animated: false }).autoOrient();
  const inside = { fit: 'inside', withoutEnlargement: true } as const;
  if (kind === 'half-blocks') {
    const { data, info } = await decoded
      .resize({ width: columns, height: 2 * rows, ...inside })
      .flatten({ background: '#808080' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return halfBlocks(data, info.width, info.height, info.channels);
  }
  const size = { width: columns * CELL.width, height: rows * CELL.height, ...inside };
  const small = decoded.resize(size);
  if (kind === 'sixel') {
    const { data, info } = await small
      .flatten({ background: '#808080' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return sixels(data, info.width, info.height, info.channels);
  }
  const png = await small.png().toBuffer();
  return kind === 'kitty' ? kitty(png) : iterm(png);
}
