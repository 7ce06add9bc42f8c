import { type HttpProxy, proxyOf } from '../connection/proxy.js';
import { SluiceError } from '../errors.js';
import type { RetrieveOptions } from './options.js';

/** The proxy for a URL; undefined where there is none between. */
export type ProxyRule = (url: URL) => HttpProxy | undefined;

/** The rule that the option sets; undefined for none, so that who has no proxy asks no rule. Throws `option-invalid`. */
export function proxyRule({
  proxy,
  addresses = 'public',
}: Pick<RetrieveOptions, 'proxy' | 'addresses'>): ProxyRule | undefined {
  if (proxy === undefined || proxy === '') return undefined;
  if (addresses === 'public') {
    throw new SluiceError(
      'option-invalid',
      'The option proxy does not go with addresses "public": the proxy connects in our place, to addresses that nobody judges; set addresses to "redirects" or "any".',
    );
  }
  if (typeof proxy === 'string') {
    const only = proxyOf(proxy);
    return () => only;
  }
  return (url) => {
    const chosen = proxy(url);
    return chosen === undefined || chosen === '' ? undefined : proxyOf(chosen);
  };
}
