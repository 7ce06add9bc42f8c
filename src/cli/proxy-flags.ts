import { isIP } from 'node:net';
import { getProxyForUrl } from 'proxy-from-env';
import { SluiceError } from '../errors.js';
import type { RetrieveOptions } from '../retrieval/options.js';

/** The options of the command that tell of proxies. */
export interface ProxyFlags {
  proxy?: string;
  noproxy?: string;
  proxyUser?: string;
  publicOnly?: boolean;
}

type Environment = NodeJS.ProcessEnv;

/**
 * The proxy for each URL, by `--proxy` or by `http_proxy`, `https_proxy` and `all_proxy`, but for the hosts of `--noproxy` or `no_proxy`. Written in capitals
 * they count too, the small ones first. Undefined where there is none at all, and with `--public-only`, for which the environment's are off.
 */
export function proxyOption(flags: ProxyFlags): RetrieveOptions['proxy'] {
  const { env } = process;
  if (flags.publicOnly && flags.proxy !== undefined && flags.proxy !== '') {
    throw new SluiceError(
      'option-invalid',
      '--proxy does not go with --public-only: the proxy connects in our place, to addresses that nobody judges.',
    );
  }
  if (flags.publicOnly) return undefined;
  const proxies = proxiesOf(flags, env);
  if (Object.values(proxies).every((proxy) => proxy === '')) return undefined;
  // proxy-from-env reads the environment and nothing else: what is decided here is put where it looks.
  set(env, { ...proxies, no_proxy: withSubdomains(flags.noproxy ?? either(env, 'no_proxy')) });
  return (url) => withUser(getProxyForUrl(url.href), flags.proxyUser);
}

function proxiesOf({ proxy }: ProxyFlags, env: Environment): Record<string, string> {
  if (proxy !== undefined)
    return { http_proxy: withScheme(proxy), https_proxy: withScheme(proxy), all_proxy: '' };
  // A web server gives a CGI program the field "Proxy" of whoever asks as HTTP_PROXY (httpoxy, CVE-2016-5385).
  const http = env.REQUEST_METHOD === undefined ? either(env, 'http_proxy') : (env.http_proxy ?? '');
  return {
    http_proxy: withScheme(http),
    https_proxy: withScheme(either(env, 'https_proxy')),
    all_proxy: withScheme(either(env, 'all_proxy')),
  };
}

function either(env: Environment, name: string): string {
  return env[name] || env[name.toUpperCase()] || '';
}

function set(env: Environment, values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    delete env[name.toUpperCase()];
    env[name] = value;
  }
}

/** Without a scheme a proxy is an http one, for https too, as it is for curl; proxy-from-env would take the scheme of the URL. */
function withScheme(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}

function withSubdomains(list: string): string {
  return list
    .split(/[,\s]+/)
    .flatMap((host) => spellings(host))
    .join(',');
}

/** A domain stands for all under it, as it does for curl; proxy-from-env wants a dot before it, and brackets around an IPv6 address. */
function spellings(host: string): string[] {
  if (isIP(host) === 6) return [`[${host}]`];
  if (host === '' || /^[.*[]/.test(host) || isIP(host.replace(/:\d+$/, '')) === 4) return [host];
  return [host, `.${host}`];
}

function withUser(proxy: string, user: string | undefined): string {
  if (user === undefined || !URL.canParse(proxy)) return proxy;
  const url = new URL(proxy);
  const colon = user.indexOf(':');
  url.username = encodeURIComponent(colon < 0 ? user : user.slice(0, colon));
  url.password = colon < 0 ? '' : encodeURIComponent(user.slice(colon + 1));
  return url.href;
}
