/**
 * AVIF, HEIC and the other kinds of HEIF: pictures in an ISO base media file.
 *
 * 1. The file begins with the box `ftyp`; its major brand says what the file is (ISO/IEC 14496-12 §4.3).
 * 2. A still picture is an item: the box `meta` says where the bytes of every item lie (ISO/IEC 23008-12 §6).
 * 3. A picture sequence is a track: the box `moov` says where its samples lie (ISO/IEC 23008-12 §7). Where the
 *    major brand is a sequence's, `moov` has to be there.
 * 4. The picture is whole at the end of the box in which the last byte of any item or sample lies, once these boxes
 *    were seen. What follows is its tail, be it boxes or not.
 *
 * Not checked: the coded pictures themselves; items in other files, and items made of other items (construction
 * method 2), whose bytes are another item's.
 */

import { type Box, boxContent, boxHeader, type Reading, skipBox } from './box.js';
import { type ItemPlaces, readMeta } from './isobmff-meta.js';
import { readMovie, type SamplePlaces } from './isobmff-movie.js';
import { type PictureFacts, StructureError, skip, type Walk, type Walker } from './walk.js';

/** The brands of picture sequences: ISO/IEC 23008-12 §10.2, Annexes B, E and H; AVIF §6.3. */
const SEQUENCE_BRANDS: ReadonlySet<string> = new Set([
  'msf1',
  'hevc',
  'hevx',
  'hevm',
  'hevs',
  'avcs',
  'jpgs',
  'avis',
]);

export function* walkIsobmff(walk: Walk, facts: PictureFacts): Walker {
  const isSequence = yield* readFileType(walk, facts);
  let items: ItemPlaces | undefined;
  let samples: SamplePlaces | undefined;
  for (;;) {
    facts.inside = `the box header at byte ${walk.position}`;
    const box = yield* boxHeader(walk);
    facts.inside = `the box '${box.type}' at byte ${box.start}`;
    if (box.type === 'meta' && items === undefined) {
      items = yield* readMeta(walk, closed(box), facts);
      facts.width = items.width ?? facts.width;
      facts.height = items.height ?? facts.height;
    } else if (box.type === 'moov' && samples === undefined) {
      samples = yield* readMovie(walk, closed(box), facts);
      facts.width ??= samples.width;
      facts.height ??= samples.height;
    }
    const located = isSequence ? samples !== undefined : items?.located === true || samples !== undefined;
    const furthest = Math.max(items?.end ?? 0, samples?.end ?? 0);
    if (box.end === Number.POSITIVE_INFINITY) {
      if (!located)
        throw new StructureError(`${facts.inside} is the last one, and no box said where a picture lies`);
      yield* skip(furthest - walk.position);
      return;
    }
    yield* skipBox(walk, box);
    if (located && furthest <= walk.position) return;
  }
}

/** Reads the box `ftyp`: whether the file is a picture sequence. */
function* readFileType(walk: Walk, facts: PictureFacts): Reading<boolean> {
  facts.inside = "the box 'ftyp'";
  const box = closed(yield* boxHeader(walk));
  if (box.type !== 'ftyp') throw new StructureError(`the first box is '${box.type}' instead of 'ftyp'`);
  const content = yield* boxContent(walk, box);
  const brand = content.uint(4);
  return SEQUENCE_BRANDS.has(
    String.fromCharCode(brand >>> 24, (brand >>> 16) & 0xff, (brand >>> 8) & 0xff, brand & 0xff),
  );
}

function closed(box: Box): Box {
  if (box.end !== Number.POSITIVE_INFINITY) return box;
  throw new StructureError(`the box '${box.type}' at byte ${box.start} has no size of its own`);
}
