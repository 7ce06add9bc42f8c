import { SluiceError } from '../errors.js';
import { type Origin, originOf } from './origin.js';

/** An HTTP proxy, itself an origin: requests for http go to it whole, those for https through a tunnel that it makes. */
export interface HttpProxy extends Origin {
  /** The value of Proxy-Authorization (RFC 9110 §11.7.2): said to the proxy and nobody else. */
  readonly authorization: string | undefined;
  /** Its URL as it may be shown: `***` in the place of a name and password. */
  readonly shown: string;
}

/** The proxies met last: the same text gives the same one, by which connections are told apart. */
const MET = new Map<string, HttpProxy>();
const MOST_MET = 64;

/**
 * The proxy that a URL names, `http://[name:password@]host[:port]` or `https://`; the port is the scheme's unless it is given, and without a
 * scheme it is http. Throws `option-invalid`.
 */
export function proxyOf(text: string): HttpProxy {
  const known = MET.get(text);
  if (known !== undefined) return known;
  const proxy = readProxy(text);
  if (MET.size >= MOST_MET) MET.clear();
  MET.set(text, proxy);
  return proxy;
}

function readProxy(text: string): HttpProxy {
  const href = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(href)) throw invalid(`The proxy ${JSON.stringify(masked(href))} is no URL.`);
  const url = new URL(href);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    const scheme = JSON.stringify(url.protocol.slice(0, -1));
    throw invalid(`The scheme ${scheme} of the proxy is not supported: only http and https are.`);
  }
  const origin = originOf(url);
  const authorization = authorizationOf(url);
  const shown = authorization === undefined ? origin.key : origin.key.replace('//', '//***@');
  return { ...origin, authorization, shown };
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  let credentials: string;
  try {
    credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch (error) {
    throw invalid(
      'The name or password of the proxy is not percent-encoded UTF-8; write a bare % as %25.',
      error,
    );
  }
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

/** What is no URL may hold a password all the same. */
function masked(text: string): string {
  return text.replace(/\/\/.*@/, '//***@');
}

function invalid(message: string, cause?: unknown): SluiceError {
  return new SluiceError('option-invalid', message, { cause });
}
