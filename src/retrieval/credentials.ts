import type { Field } from '../http/fields.js';

/** Fields that say who we are. Beside the standard ones, whatever is named like a secret. */
const CREDENTIAL =
  /^(authorization|proxy-authorization|cookie2?)$|auth|token|secret|api-?key|credential|password|session/i;

/** Whether a request field carries credentials. */
export function isCredential([name]: Field): boolean {
  return CREDENTIAL.test(name);
}

/** Whether a URL may hold a name and password: a look at its text costs a tenth of asking it for both. */
export function hasUserinfo(href: string): boolean {
  return href.includes('@');
}

/** A URL for messages and receipts: without a name and password in it. */
export function withoutUserinfo(url: URL): string {
  const { href } = url;
  if (!hasUserinfo(href)) return href;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}

/** The same for text that is no URL: what stands where a name and password would is not shown, whatever slashes stand before it. */
export function maskUserinfo(text: string): string {
  return text.replace(/(^\s*https?:[/\\]*|[/\\]{2})[^/\\?#]*@/i, '$1***@');
}

/** More of a URL than this says no more to a reader. */
const SHOWN_CHARACTERS = 200;

/** A URL for a sentence: without a name and password, and of a length that leaves the sentence one. */
export function shownUrl(url: URL | string): string {
  const text = typeof url === 'string' ? url : withoutUserinfo(url);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

/** What is traced may be shown and kept: no password is in it. */
export function withoutCredentials(request: string): string {
  return request.replace(/^([^:\r\n]+): [^\r\n]*$/gm, (line, name: string) =>
    isCredential([name, '']) ? `${name}: ***` : line,
  );
}
