import type { Origin } from '../connection/origin.js';
import { SluiceError } from '../errors.js';
import type { Field } from '../http/fields.js';
import { quoted } from '../http/malformed.js';
import type { ResponseHead } from '../http/response-reader.js';
import { isCredential, shownUrl } from './credentials.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Whether this response sends us elsewhere (RFC 9110 §15.4): one of the five statuses, with a Location. */
export function isRedirect(head: ResponseHead): boolean {
  return REDIRECTS.has(head.status) && head.fields.has('location');
}

/**
 * The URL that a redirect leads to, resolved against the one that answered (RFC 9110 §10.2.2); it inherits the fragment. Throws
 * `redirect-refused` for a Location that is no URL and `scheme-unsupported` for any scheme but http and https.
 */
export function redirectTarget(from: URL, head: ResponseHead): URL {
  const location = locationText(head.fields.first('location') ?? '');
  if (!URL.canParse(location, from.href)) {
    throw new SluiceError(
      'redirect-refused',
      `The redirect from ${shownUrl(from)} leads to ${quoted(location)}, which is no URL.`,
    );
  }
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') {
    const scheme = quoted(to.protocol.slice(0, -1));
    throw new SluiceError(
      'scheme-unsupported',
      `The redirect from ${shownUrl(from)} leads to the scheme ${scheme}: only http and https are followed.`,
      {
        phase: 'redirect',
      },
    );
  }
  if (to.hash === '') to.hash = from.hash;
  return to;
}

/** Fields are read as Latin-1; a Location with raw UTF-8 in it, as many servers send, is meant as UTF-8. */
export function locationText(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

/**
 * The request fields to send on after a redirect: to another origin none that carries credentials (RFC 9110 §15.4), and no Host, which names
 * the first. From https to
 * http with credentials throws `redirect-refused`: who set them meant them to be sent, and in the clear they may not be.
 */
export function fieldsForRedirect(fields: readonly Field[], from: Origin, to: Origin): readonly Field[] {
  if (from.key === to.key) return fields;
  if (from.secure && !to.secure && fields.some(isCredential)) {
    throw new SluiceError(
      'redirect-refused',
      `The redirect leads from https to http (${to.key}), and credentials were set: it is not followed.`,
    );
  }
  return fields.filter((field) => !isCredential(field) && field[0].toLowerCase() !== 'host');
}
