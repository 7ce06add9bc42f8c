import { type HttpProxy, proxyOf } from '../connection/proxy.js';
import type { RetrieveOptions } from './options.js';

/** The proxy for a URL; undefined where there is none between. */
export type ProxyRule = (url: URL) => HttpProxy | undefined;

/** The rule that the option sets; undefined for none, so that who has no proxy asks no rule. Throws `option-invalid`. */
export function proxyRule({ proxy }: Pick<RetrieveOptions, 'proxy'>): ProxyRule | undefined {
  if (proxy === undefined || proxy === '') return undefined;
  if (typeof proxy === 'string') {
    const only = proxyOf(proxy);
    return () => only;
  }
  return (url) => {
    const chosen = proxy(url);
    return chosen === undefined || chosen === '' ? undefined : proxyOf(chosen);
  };
}
