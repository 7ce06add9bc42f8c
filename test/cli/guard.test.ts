import { describe, expect, test } from 'vitest';
import { answering, rawServer } from '../support/raw-server.js';
import { redirect, typed } from '../support/replies.js';
import { get } from './support/command.js';
import { ONE_SENTENCE } from './support/printed.js';

const TEXT = answering(typed('the body\n', 'text/plain'));

describe('get connects', () => {
  test('to what was typed, and from there to where it redirects', async () => {
    const inside = await rawServer(TEXT);
    const server = await rawServer(answering(redirect(inside.url())));
    const { status, stdout } = await get([server.url()]);
    expect([status, stdout.toString()]).toEqual([0, 'the body\n']);
  });

  test.each([
    ['127.0.0.1'],
    ['127.0.0.0/8'],
    ['localhost'],
    ['LOCALHOST.:PORT'],
    ['10.0.0.0/8', '127.0.0.1:PORT'],
  ])('--public-only: to %s %s with --allow', async (...allow) => {
    const server = await rawServer(TEXT);
    const entries = allow.flatMap((entry) => ['--allow', entry!.replace('PORT', String(server.port))]);
    const args = [`http://localhost:${server.port}/`, '--public-only', ...entries];
    const { status, stdout, stderr } = await get(args);
    expect([status, stdout.toString(), stderr]).toEqual([0, 'the body\n', '']);
  });

  test('--public-only: to nobody at another port or host than --allow names', async () => {
    const server = await rawServer(TEXT);
    for (const allow of ['127.0.0.1:1', 'other.example', '127.0.0.2']) {
      const { status, stderr } = await get([server.url(), '--public-only', '--allow', allow]);
      expect([status, stderr]).toEqual([113, expect.stringMatching(ONE_SENTENCE)]);
    }
    expect(server.sockets).toEqual([]);
  });

  test('--public-only: to nobody that --resolve puts in the place of a name', async () => {
    const server = await rawServer(TEXT);
    const resolve = ['--resolve', `pictures.example:${server.port}:127.0.0.1`];
    const url = `http://pictures.example:${server.port}/`;
    const { status, stderr } = await get([url, '--public-only', ...resolve, '-v']);
    expect(status).toBe(113);
    expect(stderr).toContain(`* pictures.example port ${server.port} is 127.0.0.1 (loopback, refused)\n`);
    expect(server.sockets).toEqual([]);
  });

  test.each(['*.example.com', '10.0.0.1/8', 'http://h/', 'h:99999', ''])(
    '--allow %j is refused',
    async (entry) => {
      const server = await rawServer(TEXT);
      const { status, stderr } = await get([server.url(), '--allow', entry]);
      expect([status, stderr]).toEqual([2, expect.stringMatching(ONE_SENTENCE)]);
      expect(stderr).toContain('It must be a host name');
      expect(server.sockets).toEqual([]);
    },
  );
});
