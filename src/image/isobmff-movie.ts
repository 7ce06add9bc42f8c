/**
 * The box `moov` of a picture sequence: where the samples of its tracks lie.
 *
 * 1. A track (`trak`) holds its sample tables in `mdia`, `minf`, `stbl` (ISO/IEC 14496-12 §8.1 to §8.7).
 * 2. `stco` or `co64` gives the offset of every chunk in the file, `stsc` how many samples a chunk has, and `stsz`
 *    how many bytes a sample has (§8.7.3, §8.7.4, §8.7.5).
 * 3. Chunks don't overlap, so the one that begins last ends last: only its samples are added up.
 *
 * Not checked: the samples' sizes where a track has the compact table (`stz2`); samples of movie fragments (`moof`).
 */

import { type Box, type BoxFields, boxContent, boxHeader, type Reading, skipBox } from './box.js';
import { type PictureFacts, StructureError, type Walk } from './walk.js';

/** Where the samples of a `moov` box lie. */
export interface SamplePlaces {
  /** Offset in the file after the last byte of any sample. */
  end: number;
  /** Of the first track that has a size, in pixels. */
  width: number | undefined;
  height: number | undefined;
}

/** The tables of one track. */
interface Track {
  /** The number, from 0, and the offset of the chunk that begins last. */
  lastChunk: number;
  lastOffset: number;
  /** Runs of chunks with the same count of samples: the first chunk of the run, from 1, and the count. */
  runs: { readonly firstChunk: number; readonly samples: number }[];
  /** Bytes of every sample, or undefined where `sampleSize` is every sample's. */
  sizes: BoxFields | undefined;
  sampleSize: number;
}

const CONTAINERS: ReadonlySet<string> = new Set(['trak', 'mdia', 'minf', 'stbl']);

/** Reads the `moov` box whose header was just read. Gathers the tables of one track at a time. */
export function* readMovie(walk: Walk, moov: Box, facts: PictureFacts): Reading<SamplePlaces> {
  const places: SamplePlaces = { end: 0, width: undefined, height: undefined };
  let track = emptyTrack();
  while (walk.position + 8 <= moov.end) {
    const box = yield* boxHeader(walk, moov.end);
    facts.inside = `the box '${box.type}' at byte ${box.start}`;
    if (box.type === 'trak') {
      places.end = Math.max(places.end, endOf(track));
      track = emptyTrack();
    }
    // The boxes of a container are read as if they stood in its parent.
    if (CONTAINERS.has(box.type)) continue;
    if (box.type === 'tkhd') readTrackHeader(yield* boxContent(walk, box), places);
    else if (box.type === 'stco') readChunkOffsets(yield* boxContent(walk, box), 4, track);
    else if (box.type === 'co64') readChunkOffsets(yield* boxContent(walk, box), 8, track);
    else if (box.type === 'stsc') track.runs = chunkRuns(yield* boxContent(walk, box));
    else if (box.type === 'stsz') yield* readSampleSizes(walk, box, track);
    yield* skipBox(walk, box);
  }
  facts.inside = `the box '${moov.type}' at byte ${moov.start}`;
  places.end = Math.max(places.end, endOf(track));
  return places;
}

function emptyTrack(): Track {
  return { lastChunk: -1, lastOffset: 0, runs: [], sizes: undefined, sampleSize: 0 };
}

function readTrackHeader(fields: BoxFields, places: SamplePlaces): void {
  const version = fields.uint(1);
  // Times and the track's number, layer and volume, and the matrix stand before the size, which is in 1/65536 pixel.
  fields.skip(3 + (version === 1 ? 32 : 20) + 16 + 36);
  const width = fields.uint(4) >>> 16;
  const height = fields.uint(4) >>> 16;
  if (places.width !== undefined || width === 0 || height === 0) return;
  places.width = width;
  places.height = height;
}

function readChunkOffsets(fields: BoxFields, size: number, track: Track): void {
  fields.skip(4);
  const count = fields.uint(4);
  for (let chunk = 0; chunk < count; chunk++) {
    const offset = fields.uint(size);
    if (track.lastChunk >= 0 && offset < track.lastOffset) continue;
    track.lastChunk = chunk;
    track.lastOffset = offset;
  }
}

function chunkRuns(fields: BoxFields): Track['runs'] {
  fields.skip(4);
  const runs: Track['runs'] = [];
  let least = 1;
  for (let entry = fields.uint(4); entry > 0; entry--) {
    const firstChunk = fields.uint(4);
    if (firstChunk < least)
      throw new StructureError(`in a box 'stsc' chunk ${firstChunk} follows chunk ${least - 1}`);
    least = firstChunk + 1;
    runs.push({ firstChunk, samples: fields.uint(4) });
    fields.skip(4);
  }
  return runs;
}

function* readSampleSizes(walk: Walk, box: Box, track: Track): Reading<void> {
  const fields = yield* boxContent(walk, box);
  fields.skip(4);
  track.sampleSize = fields.uint(4);
  const count = fields.uint(4);
  if (track.sampleSize !== 0) return;
  if (fields.left < count * 4) {
    throw new StructureError(`the box 'stsz' at byte ${box.start} is too short for ${count} sizes`);
  }
  track.sizes = fields.copyOfRest();
}

/** Offset in the file after the last byte of the chunk that begins last. */
function endOf(track: Track): number {
  if (track.lastChunk < 0) return 0;
  let before = 0;
  let inLast = 0;
  for (const [at, run] of track.runs.entries()) {
    const first = run.firstChunk - 1;
    if (first > track.lastChunk) break;
    const next = track.runs[at + 1]?.firstChunk ?? Number.POSITIVE_INFINITY;
    before += (Math.min(next - 1, track.lastChunk) - first) * run.samples;
    inLast = run.samples;
  }
  if (track.sizes === undefined) return track.lastOffset + inLast * track.sampleSize;
  let end = track.lastOffset;
  const sizes = track.sizes;
  const count = Math.min(inLast, sizes.left / 4 - before);
  if (count <= 0) return end;
  sizes.skip(before * 4);
  for (let sample = 0; sample < count; sample++) end += sizes.uint(4);
  return end;
}
