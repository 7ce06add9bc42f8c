/**
 * SVG: Scalable Vector Graphics 2, as XML 1.0 (`xml.ts` says how far that is followed). An SVG is never rendered.
 *
 * 1. The picture is whole when its root element is closed; comments may follow it and are its tail.
 * 2. The dimensions are the root's `width` and `height` where both are numbers with the unit `px` or none (SVG 2 §7.2),
 *    else the last two numbers of `viewBox` (§7.6), rounded; else they are not known.
 */

import { bytes, type PictureFacts, StructureError, scanTo, skip, type Walk, type Walker } from './walk.js';
import { XmlOutline, xmlEncoding } from './xml.js';

/** Follows an SVG from its first byte to the end of its root element. */
export function* walkSvg(walk: Walk, facts: PictureFacts): Walker {
  facts.inside = 'the text before its root element';
  const [first, second] = yield* bytes(2);
  const start = Uint8Array.of(first!, second!, 0xbf);
  const encoding = xmlEncoding(start);
  if (typeof encoding === 'string') throw new StructureError('it does not begin as XML does');
  yield* skip(Math.max(0, encoding.bomLength - 2));
  const outline = new XmlOutline(encoding.charset);
  if (encoding.bomLength === 0) {
    outline.push(first!);
    outline.push(second!);
  }
  const follow = (isReached: () => boolean) =>
    scanTo((chunk, from) => {
      for (let at = from; at < chunk.length; at++) {
        outline.push(chunk[at]!);
        if (isReached() || outline.failure !== undefined) return at + 1;
      }
      return -1;
    });
  yield* follow(() => outline.opened);
  readDimensions(outline.attributes, facts);
  facts.inside = 'its root element';
  if (!outline.closed && outline.failure === undefined) yield* follow(() => outline.closed);
  if (outline.failure !== undefined)
    throw new StructureError(`${outline.failure}, at byte ${walk.position - 1}`);
}

const PIXELS = /^\s*\+?(\d+\.?\d*|\.\d+)(?:px)?\s*$/;

function readDimensions(attributes: ReadonlyMap<string, string>, facts: PictureFacts): void {
  const pixels = ['width', 'height'].map((name) => Number(PIXELS.exec(attributes.get(name) ?? '')?.[1]));
  const box = (attributes.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .slice(2)
    .map(Number);
  const found = [pixels, box].find((pair) => pair.length === 2 && pair.every((side) => Math.round(side) > 0));
  facts.width = found?.map(Math.round)[0];
  facts.height = found?.map(Math.round)[1];
}
