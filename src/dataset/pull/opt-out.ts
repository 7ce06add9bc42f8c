import type { Fields } from '../../http/fields.js';

/** Directives by which a site says that a picture is not for data sets, or not to be indexed; what img2dataset obeys by default. */
const DISALLOWING: ReadonlySet<string> = new Set(['noai', 'noimageai', 'noindex', 'noimageindex', 'none']);

/** Rules whose own value follows a colon: no name of a robot stands before it. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  'unavailable_after',
  'max-snippet',
  'max-image-preview',
  'max-video-preview',
]);

/**
 * The directive of a response's X-Robots-Tag fields that keeps this picture out of data sets; undefined where none does. A field may name a robot
 * (`otherbot: noindex`); it then speaks to that one alone. `token` is our own name as robots are called.
 */
export function optOutOf(fields: Fields, token: string): string | undefined {
  if (!fields.has('x-robots-tag')) return undefined;
  for (const value of fields.all('x-robots-tag')) {
    const directive = directivesFor(value.toLowerCase(), token.toLowerCase()).find((one) =>
      DISALLOWING.has(one),
    );
    if (directive !== undefined) return directive;
  }
  return undefined;
}

/** The directives of one field that are for us. A name holds for all that follow it, up to the next name. */
function directivesFor(value: string, token: string): string[] {
  const ours: string[] = [];
  let forUs = true;
  for (const part of value.split(',')) {
    const colon = part.indexOf(':');
    const name = colon < 0 ? '' : part.slice(0, colon).trim();
    if (name !== '' && WITH_VALUE.has(name)) continue;
    if (name !== '') forUs = name === token || name === '*';
    if (forUs) ours.push(part.slice(colon + 1).trim());
  }
  return ours;
}
