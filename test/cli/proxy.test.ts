import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { certificateFor } from '../support/certificates.js';
import { proxyServer } from '../support/proxy-server.js';
import { answering, type RawServer, rawServer } from '../support/raw-server.js';
import { redirect, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get } from './support/command.js';
import { jsonLines, ONE_SENTENCE } from './support/printed.js';

const TEXT = typed('the body\n', 'text/plain');
const certificate = certificateFor('DNS:pictures.example');

/** The URL of a server by a name that only a proxy, or `--resolve`, knows. */
function named(server: RawServer, name = 'pictures.example'): string {
  return server.url('/').replace('127.0.0.1', name);
}

describe('get goes through', () => {
  test.each<[string, (proxy: string) => Record<string, string>]>([
    ['http_proxy', (http_proxy) => ({ http_proxy })],
    ['HTTP_PROXY, without a scheme', (proxy) => ({ HTTP_PROXY: proxy.replace('http://', '') })],
    ['ALL_PROXY', (ALL_PROXY) => ({ ALL_PROXY, https_proxy: 'http://127.0.0.1:1' })],
    ['http_proxy where no_proxy names another', (http_proxy) => ({ http_proxy, no_proxy: 'other.example' })],
  ])('%s', async (_, env) => {
    const proxy = await proxyServer();
    const server = await rawServer(answering(TEXT));
    const { status, stdout, stderr } = await get([named(server)], { env: env(proxy.url) });
    expect([status, stdout.toString(), stderr]).toEqual([0, 'the body\n', '']);
    expect(proxy.requests).toHaveLength(1);
  });

  test.each(['https_proxy', 'HTTPS_PROXY'])('%s, by a tunnel, and checks the certificate', async (name) => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    const proxy = await proxyServer();
    const server = await rawServer(answering(TEXT), { tls: certificate });
    const env = { [name]: `127.0.0.1:${proxy.port}` };
    const trusting = await get([named(server), '--cacert', 'ca.pem'], { cwd: folder, env });
    expect([trusting.status, trusting.stdout.toString()]).toEqual([0, 'the body\n']);
    expect((await get([named(server)], { env })).status).toBe(60);
    expect(proxy.requests.map((request) => request.split('\r\n')[0])).toEqual(
      Array(2).fill(`CONNECT pictures.example:${server.port} HTTP/1.1`),
    );
  });

  test('--proxy, with --proxy-user, and shows neither name nor password', async () => {
    const proxy = await proxyServer({ credentials: 'me:open sesame' });
    const server = await rawServer(answering(TEXT));
    const env = { http_proxy: 'http://127.0.0.1:1' };
    const user = ['--proxy-user', 'me:open sesame'];
    for (const args of [
      ['-x', proxy.url, ...user],
      ['--proxy', proxy.urlFor('me', 'open sesame')],
    ]) {
      const { status, stdout, stderr } = await get(
        [named(server), '-v', '--json', '-o', '/dev/null', ...args],
        { env },
      );
      expect(status).toBe(0);
      const shown = `http://***@127.0.0.1:${proxy.port}`;
      expect(jsonLines<Receipt>(stdout)[0]).toMatchObject({ proxy: shown, address: '127.0.0.1' });
      expect(stderr).toContain(`* connection to 127.0.0.1 port ${proxy.port} (proxy ${shown}, resolve `);
      expect(stderr).toContain('> Proxy-Authorization: ***');
      for (const secret of ['sesame', btoa('me:open sesame')]) expect(stdout + stderr).not.toContain(secret);
    }
    const { status, stderr } = await get([named(server), '-x', proxy.urlFor('me', 'wrong')]);
    expect(status).toBe(22);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).not.toContain('wrong');
  });
});

describe('get --public-only', () => {
  test('goes through no proxy of the environment, and refuses one that is asked for', async () => {
    const proxy = await proxyServer();
    const server = await rawServer(answering(TEXT));
    const env = { http_proxy: proxy.url };
    const past = await get([server.url(), '--public-only', '--allow', '127.0.0.1'], { env });
    expect([past.status, past.stdout.toString()]).toEqual([0, 'the body\n']);
    const asked = await get([server.url(), '--public-only', '-x', proxy.url], { env });
    expect(asked.status).toBe(2);
    expect(asked.stderr).toMatch(/^sluice: --proxy does not go with --public-only: .*\.\n$/);
    expect(proxy.requests).toEqual([]);
  });
});

describe('get goes straight to', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['a host of no_proxy', { no_proxy: 'a.example, pictures.example' }, []],
    ['a host under a domain of NO_PROXY', { NO_PROXY: 'example' }, []],
    ['every host for no_proxy "*"', { no_proxy: '*' }, []],
    ['a host of --noproxy, whatever no_proxy says', { no_proxy: 'a.example' }, ['--noproxy', '.example']],
    ['every host for --proxy ""', {}, ['--proxy', '']],
    [
      'http where HTTP_PROXY is of a CGI request',
      { http_proxy: '', HTTP_PROXY: 'http://127.0.0.1:1', REQUEST_METHOD: 'GET' },
      [],
    ],
  ])('%s', async (_, env, args) => {
    const proxy = await proxyServer();
    const server = await rawServer(answering(TEXT));
    const resolved = ['--resolve', `pictures.example:${server.port}:127.0.0.1`];
    const { status, stdout, stderr } = await get([named(server), ...resolved, ...args], {
      env: { http_proxy: proxy.url, ...env },
    });
    expect([status, stdout.toString(), stderr]).toEqual([0, 'the body\n', '']);
    expect(proxy.requests).toEqual([]);
  });

  test('a host of no_proxy that it is redirected to by one behind the proxy', async () => {
    const proxy = await proxyServer();
    const near = await rawServer(answering(TEXT));
    const far = await rawServer(answering(redirect(near.url('/near'))));
    const { status, stdout } = await get([named(far), '--json', '-o', '/dev/null', '--allow', '127.0.0.1'], {
      env: { http_proxy: proxy.url, no_proxy: '127.0.0.1' },
    });
    expect(status).toBe(0);
    expect(jsonLines<Receipt>(stdout)[0]).toMatchObject({
      hops: 1,
      proxy: null,
      finalUrl: near.url('/near'),
    });
    expect(proxy.requests).toHaveLength(1);
    expect(near.requests[0]).toMatch(/^GET \/near HTTP\/1\.1\r\n/);
  });
});
