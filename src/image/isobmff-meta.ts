/**
 * The box `meta` of a HEIF file: where the items lie, and how large the primary item's picture is.
 *
 * 1. `pitm` names the primary item (ISO/IEC 14496-12 §8.11.4).
 * 2. `iloc` gives the extents of every item (§8.11.3), counted from the start of the file (construction method 0), or
 *    from the start of what the box `idat` of the same `meta` holds (1), or within another item (2).
 * 3. `iprp` holds the properties: a list of them (`ipco`), and which item has which (`ipma`), by their number in the
 *    list, from 1 (ISO/IEC 23008-12 §9.3). The picture's size is the property `ispe` (§6.5.3). A rotation (`irot`) is
 *    not applied to it.
 *
 * The boxes may come in any order, so they are put together at the end. All other boxes are passed over.
 */

import { type Box, type BoxFields, boxContent, boxHeader, type Reading, skipBox } from './box.js';
import { type PictureFacts, StructureError, skip, type Walk } from './walk.js';

/** Where the items of a `meta` box lie. */
export interface ItemPlaces {
  /** Whether an item lies in this file at all. */
  readonly located: boolean;
  /** Offset in the file after the last byte of any item. */
  readonly end: number;
  /** Of the primary item, in pixels. */
  readonly width: number | undefined;
  readonly height: number | undefined;
}

interface Extents {
  located: boolean;
  /** Offset after the last byte: in the file, and in what `idat` holds. */
  fileEnd: number;
  idatEnd: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Properties {
  /** By their number in `ipco`. */
  readonly sizes: Map<number, Size>;
  /** The numbers of each item's properties; of the primary item's alone, where `pitm` came first as it should. */
  readonly ofItem: Map<number, number[]>;
  /** How many numbers and sizes are kept. */
  kept: number;
}

/** A file of 1,000 items has some 5,000; without a limit a hostile one would fill the memory. */
const MOST_KEPT = 100_000;

/** Reads the `meta` box whose header was just read. Gathers one of its boxes at a time. */
export function* readMeta(walk: Walk, box: Box, facts: PictureFacts): Reading<ItemPlaces> {
  // The version and flags of a full box.
  if (walk.position + 4 > box.end) throw new StructureError(`${facts.inside} is empty`);
  yield* skip(4);
  const extents: Extents = { located: false, fileEnd: 0, idatEnd: 0 };
  const properties: Properties = { sizes: new Map(), ofItem: new Map(), kept: 0 };
  let primary: number | undefined;
  let idatSize = 0;
  while (walk.position + 8 <= box.end) {
    const child = yield* boxHeader(walk, box.end);
    facts.inside = `the box '${child.type}' at byte ${child.start}`;
    if (child.type === 'pitm') primary = primaryItem(yield* boxContent(walk, child));
    else if (child.type === 'iloc') readLocations(yield* boxContent(walk, child), extents);
    else if (child.type === 'iprp') yield* readProperties(walk, child, primary, properties);
    else if (child.type === 'idat') idatSize = child.end - walk.position;
    yield* skipBox(walk, child);
  }
  facts.inside = `the box '${box.type}' at byte ${box.start}`;
  if (extents.idatEnd > idatSize) {
    throw new StructureError(
      `an item ends at byte ${extents.idatEnd} of the box 'idat', which holds ${idatSize} bytes`,
    );
  }
  const size = sizeOf(primary, properties);
  return { located: extents.located, end: extents.fileEnd, width: size?.width, height: size?.height };
}

function primaryItem(fields: BoxFields): number {
  const version = fields.uint(1);
  fields.skip(3);
  return fields.uint(version === 0 ? 2 : 4);
}

function readLocations(fields: BoxFields, extents: Extents): void {
  const version = fields.uint(1);
  fields.skip(3);
  const sizes = fields.uint(2);
  const offsetSize = sizes >> 12;
  const lengthSize = (sizes >> 8) & 15;
  const baseSize = (sizes >> 4) & 15;
  const indexSize = version === 0 ? 0 : sizes & 15;
  const idSize = version < 2 ? 2 : 4;
  const extentSize = indexSize + offsetSize + lengthSize;
  for (let item = fields.uint(idSize); item > 0; item--) {
    fields.skip(idSize);
    const method = version === 0 ? 0 : fields.uint(2) & 15;
    const elsewhere = fields.uint(2) !== 0 || method > 1;
    const base = fields.uint(baseSize);
    const count = fields.uint(2);
    if (elsewhere) {
      fields.skip(count * extentSize);
      continue;
    }
    // Extents without any field are all the same; 65,535 of them cost no byte and must cost no time.
    for (let extent = extentSize === 0 ? Math.min(count, 1) : count; extent > 0; extent--) {
      fields.skip(indexSize);
      const start = base + fields.uint(offsetSize);
      // Length 0 is "to the end", which nothing in the file tells: only the start is known.
      const end = start + fields.uint(lengthSize);
      extents.located = true;
      if (method === 0) extents.fileEnd = Math.max(extents.fileEnd, end);
      else extents.idatEnd = Math.max(extents.idatEnd, end);
    }
  }
}

function* readProperties(
  walk: Walk,
  iprp: Box,
  primary: number | undefined,
  properties: Properties,
): Reading<void> {
  while (walk.position + 8 <= iprp.end) {
    const child = yield* boxHeader(walk, iprp.end);
    if (child.type === 'ipco') yield* readPropertyList(walk, child, properties);
    else if (child.type === 'ipma') readAssociations(yield* boxContent(walk, child), primary, properties);
    yield* skipBox(walk, child);
  }
}

function* readPropertyList(walk: Walk, ipco: Box, properties: Properties): Reading<void> {
  for (let number = 1; walk.position + 8 <= ipco.end; number++) {
    const property = yield* boxHeader(walk, ipco.end);
    if (property.type === 'ispe' && properties.kept < MOST_KEPT) {
      const fields = yield* boxContent(walk, property);
      fields.skip(4);
      properties.kept++;
      properties.sizes.set(number, { width: fields.uint(4), height: fields.uint(4) });
    }
    yield* skipBox(walk, property);
  }
}

function readAssociations(fields: BoxFields, primary: number | undefined, properties: Properties): void {
  const version = fields.uint(1);
  fields.skip(2);
  const isWide = (fields.uint(1) & 1) === 1;
  for (let entry = fields.uint(4); entry > 0; entry--) {
    const item = fields.uint(version === 0 ? 2 : 4);
    const numbers: number[] = [];
    for (let left = fields.uint(1); left > 0; left--) {
      // The top bit says that the property is essential.
      numbers.push(isWide ? fields.uint(2) & 0x7fff : fields.uint(1) & 0x7f);
    }
    if (primary !== undefined && item !== primary) continue;
    if (properties.kept + numbers.length >= MOST_KEPT || properties.ofItem.has(item)) continue;
    properties.kept += numbers.length + 1;
    properties.ofItem.set(item, numbers);
  }
}

function sizeOf(item: number | undefined, properties: Properties): Size | undefined {
  if (item === undefined) return undefined;
  for (const number of properties.ofItem.get(item) ?? []) {
    const size = properties.sizes.get(number);
    if (size !== undefined) return size;
  }
  return undefined;
}
