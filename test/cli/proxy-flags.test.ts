import { afterEach, describe, expect, test } from 'vitest';
import { type ProxyFlags, proxyOption } from '../../src/cli/proxy-flags.js';

const ours = { ...process.env };

afterEach(() => {
  process.env = { ...ours };
});

/** The proxy for `url` in an environment that says this of proxies and nothing else. */
function proxyFor(url: string, env: Record<string, string>, flags: ProxyFlags = {}): string | undefined {
  for (const name of Object.keys(process.env))
    if (/_proxy$|^REQUEST_METHOD$/i.test(name)) delete process.env[name];
  Object.assign(process.env, env);
  const option = proxyOption(flags);
  return typeof option === 'function' ? option(new URL(url)) || undefined : option;
}

const HTTP = 'http://a.test/x';
const HTTPS = 'https://a.test/x';

describe('proxyOption()', () => {
  test.each<[string, string, Record<string, string>, string | undefined]>([
    ['the one for http', HTTP, { http_proxy: 'http://p:1', https_proxy: 'http://p:2' }, 'http://p:1'],
    ['the one for https', HTTPS, { http_proxy: 'http://p:1', https_proxy: 'http://p:2' }, 'http://p:2'],
    ['none where only the other scheme has one', HTTPS, { http_proxy: 'http://p:1' }, undefined],
    [
      'the one for all where a scheme has none',
      HTTPS,
      { http_proxy: 'http://p:1', all_proxy: 'http://p:3' },
      'http://p:3',
    ],
    ['capitals', HTTP, { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
    ['capitals for all', HTTPS, { ALL_PROXY: 'http://p:3' }, 'http://p:3'],
    [
      'small letters before capitals',
      HTTPS,
      { https_proxy: 'http://p:1', HTTPS_PROXY: 'http://p:2' },
      'http://p:1',
    ],
    ['http where it has no scheme, for https too', HTTPS, { https_proxy: 'p:8080' }, 'http://p:8080'],
    [
      'no HTTP_PROXY in a CGI program (httpoxy)',
      HTTP,
      { HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' },
      undefined,
    ],
    ['http_proxy there', HTTP, { http_proxy: 'http://p:1', REQUEST_METHOD: 'GET' }, 'http://p:1'],
    ['HTTPS_PROXY there', HTTPS, { HTTPS_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, 'http://p:1'],
    ['none', HTTP, {}, undefined],
    ['none where it is empty', HTTP, { http_proxy: '' }, undefined],
  ])('takes %s', (_, url, env, proxy) => {
    expect(proxyFor(url, env)).toBe(proxy);
  });

  test.each([
    ['a.test', HTTP, true],
    ['A.Test', HTTP, true],
    ['test', HTTP, true],
    ['.test', HTTP, true],
    ['*.test', HTTP, true],
    ['.a.test', HTTP, false],
    ['b.test, a.test', HTTP, true],
    ['b.test a.test', HTTP, true],
    ['a.test:80', HTTP, true],
    ['a.test:443', HTTP, false],
    ['test:80', HTTP, true],
    ['est', HTTP, false],
    ['*', HTTP, true],
    ['127.0.0.1', 'http://127.0.0.1:8080/', true],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/', true],
    ['::1', 'http://[::1]:8080/', true],
    ['[::1]', 'http://[::1]/', true],
    ['', HTTP, false],
  ])('no_proxy "%s" spares %s: %s', (no_proxy, url, spared) => {
    const proxy = spared ? undefined : 'http://p:1';
    const all_proxy = 'http://p:1';
    expect(proxyFor(url, { all_proxy, no_proxy })).toBe(proxy);
    expect(proxyFor(url, { all_proxy, no_proxy: '', NO_PROXY: no_proxy })).toBe(proxy);
    expect(proxyFor(url, { all_proxy, no_proxy: 'x' }, { noproxy: no_proxy })).toBe(proxy);
    expect(proxyFor(url, { no_proxy }, { proxy: 'p:1' })).toBe(proxy);
  });

  test('takes --proxy for every scheme, whatever the environment says', () => {
    const env = { http_proxy: 'http://e:1', HTTPS_PROXY: 'http://e:2', all_proxy: 'http://e:3' };
    expect(proxyFor(HTTP, env, { proxy: 'https://p:1' })).toBe('https://p:1');
    expect(proxyFor(HTTPS, env, { proxy: 'p:1' })).toBe('http://p:1');
    expect(proxyFor(HTTP, env, { proxy: '' })).toBeUndefined();
  });

  test('takes --proxy-user in the place of what the URL says', () => {
    const proxyUser = 'me@home:a:b %';
    expect(proxyFor(HTTP, {}, { proxy: 'x:y@p:1', proxyUser })).toBe('http://me%40home:a%3Ab%20%25@p:1/');
    expect(proxyFor(HTTP, { http_proxy: 'p:1' }, { proxyUser: 'me' })).toBe('http://me@p:1/');
    expect(proxyFor(HTTP, {}, { proxyUser })).toBeUndefined();
    expect(proxyFor(HTTP, { all_proxy: 'p:1', no_proxy: '*' }, { proxyUser })).toBeUndefined();
  });
});
