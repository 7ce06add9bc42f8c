import { describe, expect, test } from 'vitest';
import type { RetrieveOptions } from '../../src/retrieval/options.js';
import { answering, rawServer } from '../support/raw-server.js';
import { reply } from '../support/replies.js';
import { retrieve } from '../support/unguarded.js';

/** The lines of the request that `options` lead to. */
async function linesFor(path: string, options: RetrieveOptions = {}, host = '127.0.0.1'): Promise<string[]> {
  const server = await rawServer(answering(reply('x')), { host });
  await retrieve(server.url(path), options);
  const lines = server.requests[0]?.split('\r\n') ?? [];
  return lines.map((line) => line.replaceAll(String(server.port), 'PORT'));
}

describe('retrieve() asks', () => {
  test('with GET, the host, who we are, and for a body without content coding', async () => {
    expect(await linesFor('/a/b.jpg?c=d#e')).toEqual([
      'GET /a/b.jpg?c=d HTTP/1.1',
      'Host: 127.0.0.1:PORT',
      expect.stringMatching(/^User-Agent: sluice\/\d+\.\d+\.\d+$/),
      expect.stringMatching(/^Accept: image\/avif,image\/webp,/),
      'Accept-Encoding: identity',
      '',
      '',
    ]);
  });

  test('with HTTP/1.0 when it is told to', async () => {
    expect((await linesFor('/', { httpVersion: '1.0' }))[0]).toBe('GET / HTTP/1.0');
  });

  test('with an IPv6 address in brackets', async () => {
    expect((await linesFor('/', {}, '::1'))[1]).toBe('Host: [::1]:PORT');
  });

  test('with the path percent-encoded', async () => {
    expect((await linesFor('/sch\u00f6n "und" gut'))[0]).toBe('GET /sch%C3%B6n%20%22und%22%20gut HTTP/1.1');
  });

  test("with the user's fields in their order, in place of ours, and without what is empty", async () => {
    const lines = await linesFor('/', {
      headers: [
        ['X-B', '1'],
        ['x-a', '2'],
        ['X-B', '3'],
        ['user-agent', 'me/1'],
        ['ACCEPT', ''],
      ],
    });
    expect(lines).toEqual([
      'GET / HTTP/1.1',
      'Host: 127.0.0.1:PORT',
      'Accept-Encoding: identity',
      'X-B: 1',
      'x-a: 2',
      'X-B: 3',
      'user-agent: me/1',
      '',
      '',
    ]);
    expect(await linesFor('/', { headers: { Referer: 'http://h.test/' } })).toContain(
      'Referer: http://h.test/',
    );
  });

  test('with the fields as they are now, though the same list was used before', async () => {
    const server = await rawServer(answering(reply('x')));
    const headers: [string, string][] = [['X-Page', '1']];
    await retrieve(server.url('/1'), { headers });
    headers[0]![1] = '2';
    await retrieve(server.url('/2'), { headers });
    headers.push(['X-More', 'yes']);
    await retrieve(server.url('/3'), { headers });
    await retrieve(server.url('/4'));
    const sent = server.requests.map((request) => request.match(/^X-.*$/gm)?.map((line) => line.trim()));
    expect(sent).toEqual([['X-Page: 1'], ['X-Page: 2'], ['X-Page: 2', 'X-More: yes'], undefined]);
  });

  test('with Basic authentication of user, else of the URL, and never over an Authorization of the user (RFC 7617)', async () => {
    const basic = (credentials: string) =>
      `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`;
    expect(await linesFor('/', { user: 'Al:open \u20ac' })).toContain(basic('Al:open \u20ac'));
    const server = await rawServer(answering(reply('x')));
    await retrieve(server.url().replace('//', '//a%40b:p%3Aw@'));
    await retrieve(server.url().replace('//', '//a:b@'), { user: 'c:d' });
    await retrieve(server.url().replace('//', '//a:b@'), { headers: { authorization: 'Bearer t' } });
    const sent = server.requests.map((request) => /^authorization: .*$/im.exec(request)?.[0]);
    expect(sent).toEqual([basic('a@b:p:w'), basic('c:d'), 'authorization: Bearer t']);
  });

  test('a URL object as well as a string, without its fragment', async () => {
    const server = await rawServer(answering(reply('x')));
    const receipt = await retrieve(new URL(`${server.url('/x')}#part`));
    expect(server.requests[0]).toMatch(/^GET \/x HTTP/);
    expect(receipt.finalUrl).toBe(`${server.url('/x')}#part`);
  });
});
