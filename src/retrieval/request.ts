import { hostPort, type Origin } from '../connection/origin.js';
import type { HttpProxy } from '../connection/proxy.js';
import { SluiceError } from '../errors.js';
import type { Field } from '../http/fields.js';
import { isRequestTarget, writeRequest } from '../http/request-writer.js';
import { VERSION } from '../version.js';
import { hasUserinfo, maskUserinfo, shownUrl } from './credentials.js';
import type { Settings } from './options.js';

const USER_AGENT = `sluice/${VERSION}`;
const ACCEPT = 'image/avif,image/webp,image/*;q=0.9,*/*;q=0.8';

const HOST_AND_PORT = /^[a-z0-9.-]+:\d+(\/|$)/i;

const NO_FIELDS: readonly Field[] = [];

/** Parses a URL and throws `url-malformed` with a remedy. */
export function parseUrl(url: string | URL): URL {
  if (url instanceof URL) return url;
  try {
    const parsed = new URL(url);
    // `localhost:8080/a.jpg` parses, as the scheme "localhost".
    if (parsed.protocol === 'http:' || parsed.protocol === 'https:' || !HOST_AND_PORT.test(url))
      return parsed;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const shown = shownUrl(maskUserinfo(url));
  const guess = `http://${shown}`;
  const remedy =
    !url.includes('://') && URL.canParse(guess) ? `; did you mean ${JSON.stringify(guess)}?` : '.';
  throw new SluiceError('url-malformed', `${JSON.stringify(shown)} is no URL${remedy}`);
}

/** The request target in origin-form (RFC 9112 §3.2.1). */
function targetOf(url: URL): string {
  return url.pathname + url.search;
}

/** The fields that the user set, credentials of the URL or `user` as Basic authentication (RFC 7617) among them. */
export function userFields(
  url: URL,
  { fields: own = NO_FIELDS, user }: Pick<Settings, 'fields' | 'user'>,
): readonly Field[] {
  const credentials = user ?? userinfoOf(url);
  if (credentials === undefined || own.some(([name]) => name.toLowerCase() === 'authorization')) return own;
  return [...own, ['Authorization', `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`]];
}

function userinfoOf(url: URL): string | undefined {
  if (!hasUserinfo(url.href) || (url.username === '' && url.password === '')) return undefined;
  try {
    return `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  } catch (error) {
    throw new SluiceError(
      'url-malformed',
      'The name or password in the URL is not percent-encoded UTF-8; write a bare % as %25.',
      { cause: error },
    );
  }
}

/**
 * All fields of a request: ours, replaced by the user's of the same name (an empty value takes ours out). Content coding `identity` is asked for: pictures are compressed already,
 * and it keeps the length honest and the receives what they are.
 */
function requestFields(origin: Origin, own: readonly Field[]): Field[] {
  const standardPort = origin.secure ? 443 : 80;
  const host = hostPort(origin.host, origin.port);
  const fields: Field[] = [
    ['Host', origin.port === standardPort ? host.slice(0, host.lastIndexOf(':')) : host],
    ['User-Agent', USER_AGENT],
    ['Accept', ACCEPT],
    ['Accept-Encoding', 'identity'],
  ];
  if (own.length === 0) return fields;
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  return [
    ...fields.filter(([name]) => !names.has(name.toLowerCase())),
    ...own.filter(([, value]) => value !== ''),
  ];
}

/** The fields for a request that a proxy passes on: our credentials for it beside the user's fields, unless theirs are among these. */
function proxyFields(own: readonly Field[], { authorization }: HttpProxy): readonly Field[] {
  if (authorization === undefined || own.some(([name]) => name.toLowerCase() === 'proxy-authorization'))
    return own;
  return [...own, ['Proxy-Authorization', authorization]];
}

/** What follows the target in the last request of HTTP/1.1 to an origin, and the fields of the user in it: mostly the same for each URL. */
const TAILS = new WeakMap<Origin, { readonly own: readonly Field[]; readonly text: string }>();

/** The whole request for `url` (RFC 9112 §3), with the fields that the user set. A proxy is sent it in another form, unless it only makes a tunnel. */
export function requestText(
  url: URL,
  origin: Origin,
  own: readonly Field[],
  httpVersion: '1.0' | '1.1',
  proxy?: HttpProxy,
): string {
  const target = targetOf(url);
  if (proxy !== undefined && !origin.secure) {
    const fields = requestFields(origin, proxyFields(own, proxy));
    return writeRequest({ method: 'GET', target: `http://${url.host}${target}`, httpVersion, fields });
  }
  if (httpVersion !== '1.1' || !isRequestTarget(target)) {
    return writeRequest({ method: 'GET', target, httpVersion, fields: requestFields(origin, own) });
  }
  let tail = TAILS.get(origin);
  if (tail?.own !== own) {
    const start = 'GET /';
    const fields = requestFields(origin, own);
    tail = {
      own,
      text: writeRequest({ method: 'GET', target: '/', httpVersion, fields }).slice(start.length),
    };
    TAILS.set(origin, tail);
  }
  return `GET ${target}${tail.text}`;
}
