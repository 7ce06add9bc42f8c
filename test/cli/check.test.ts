import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateFor } from '../support/certificates.js';
import { answering, closed, pour, rawServer } from '../support/raw-server.js';
import { head, redirect, reply } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, type Outcome, type Start, start } from './support/command.js';
import { jsonLines, ONE_SENTENCE } from './support/printed.js';

const LOOPBACK = { address: '127.0.0.1', range: 'loopback' };

/** Runs `sluice check` to its end. */
function check(args: readonly string[], how?: Start): Promise<Outcome> {
  return start(process.execPath, [CLI, 'check', ...args], how).ended;
}

describe('check prints', () => {
  test('each hop, its addresses with the decision on each, the status, and where it leads', async () => {
    const last = await rawServer(answering(reply('gone', { status: '410 Gone' })));
    const server = await rawServer(
      answering((request) => redirect(request.startsWith('GET / ') ? '/next' : last.url('/there'))),
    );
    const { status, stdout, stderr } = await check([server.url(), '--allow', '127.0.0.1']);
    expect(stdout.toString().split('\n')).toEqual([
      server.url(),
      '  127.0.0.1  loopback  allowed',
      `  status 302, leads to ${server.url('/next')}`,
      server.url('/next'),
      '  127.0.0.1  loopback  allowed',
      `  status 302, leads to ${last.url('/there')}`,
      last.url('/there'),
      '  127.0.0.1  loopback  allowed',
      '  status 410',
      '',
    ]);
    expect([status, stderr]).toEqual([0, '']);
  });

  test('that get would connect nevertheless to what was typed and is refused', async () => {
    const server = await rawServer(answering(reply('x')));
    const { status, stdout, stderr } = await check([server.url()]);
    expect(stdout.toString().split('\n')).toEqual([
      server.url(),
      '  127.0.0.1  loopback  refused',
      '  "sluice get" would connect nevertheless, since you typed it; with --public-only it would not.',
      '',
    ]);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(status).toBe(113);
    expect(server.sockets).toEqual([]);
  });

  test('a refused redirect, and connects to nobody there', async () => {
    const inside = await rawServer(answering(reply('x')), { host: '127.0.0.3' });
    const server = await rawServer(answering(redirect(inside.url('/in'))));
    const { status, stdout, stderr } = await check([server.url(), '--allow', '127.0.0.1']);
    expect(stdout.toString().split('\n').slice(2)).toEqual([
      `  status 302, leads to ${inside.url('/in')}`,
      inside.url('/in'),
      '  127.0.0.3  loopback  refused',
      '',
    ]);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(status).toBe(113);
    expect(inside.sockets).toEqual([]);
  });

  test('every address of a name, those that are refused too', async () => {
    const server = await rawServer(answering(reply('x')));
    const resolve = `many.example:${server.port}:10.0.0.1,127.0.0.1,::1`;
    const url = `http://many.example:${server.port}/`;
    const { status, stdout } = await check([url, '--resolve', resolve, '--allow', '127.0.0.1']);
    const lines = stdout.toString().split('\n');
    expect(lines).toContain('  10.0.0.1   private   refused');
    expect(lines).toContain('  127.0.0.1  loopback  allowed');
    expect(lines).toContain('  ::1        loopback  refused');
    expect(status).toBe(0);
  });

  test('nothing that commands the terminal', async () => {
    const server = await rawServer(answering(redirect('http://h.test/\u001b[31m\u009b2J')));
    const args = [server.url(), '--allow', '127.0.0.1', '--max-redirects', '0'];
    for (const more of [[], ['--json']]) {
      const { status, stdout } = await check([...args, ...more]);
      expect(status).toBe(0);
      expect(stdout.toString()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(stdout.toString()).toContain('http://h.test/');
    }
  });

  test('no name and password', async () => {
    const server = await rawServer(answering(redirect('//eve:hidden@127.0.0.1:1/')));
    const url = server.url().replace('//', '//me:secret@');
    for (const more of [[], ['--json'], ['--max-redirects', '0']]) {
      const { stdout, stderr } = await check([url, '--allow', '127.0.0.1', ...more]);
      expect(stdout.toString() + stderr).not.toMatch(/secret|hidden/);
      expect(stdout.toString()).toContain('127.0.0.1:1/');
    }
  });
});

describe('check retrieves no body', () => {
  test('however long it is: the connection is closed after the head', async () => {
    const pouring: { written: number }[] = [];
    const server = await rawServer(async ({ socket, request }) => {
      await request();
      socket.write(head({ fields: [['Content-Length', String(2 ** 40)]] }));
      pouring.push(pour(socket, 2 ** 40));
    });
    const { status, stdout } = await check([server.url(), '--allow', '127.0.0.1']);
    expect([status, stdout.toString()]).toEqual([0, expect.stringContaining('  status 200\n')]);
    await closed(server.sockets[0]!);
    // What the kernel's buffers took, which nobody received.
    expect(pouring[0]!.written).toBeLessThan(32 * 1024 * 1024);
  });

  test.each([
    ['that never comes', head({ fields: [['Content-Length', '10']] })],
    ['of a redirect that is not followed', `${head({ status: '302 Found', fields: [['Location', '/x']] })}`],
    ['that is nonsense', `${head({ fields: [['Transfer-Encoding', 'chunked']] })}nonsense`],
    [
      'in an unknown coding',
      head({
        fields: [
          ['Content-Encoding', 'rot13'],
          ['Content-Length', '10'],
        ],
      }),
    ],
    ['of an error', head({ status: '500 Oh', fields: [['Content-Length', '10']] })],
    ['with interim responses before', `HTTP/1.1 103 Early Hints\r\n\r\n${head()}`],
  ])('%s', async (_, text) => {
    const server = await rawServer(answering(text));
    const args = [server.url(), '--allow', '127.0.0.1', '--max-redirects', '0'];
    const { status, stderr } = await check(args);
    expect([status, stderr]).toEqual([0, '']);
    expect(server.requests).toHaveLength(1);
  });
});

describe('check --json', () => {
  test('prints one object a URL', async () => {
    const server = await rawServer(
      answering((request) => (request.startsWith('GET / ') ? redirect('/next') : reply('x'))),
    );
    const { status, stdout } = await check([
      '--json',
      '--allow',
      '127.0.0.1',
      server.url(),
      'http://10.0.0.1/',
      'cover',
    ]);
    const addresses = [{ ...LOOPBACK, allowed: true }];
    const at = { host: '127.0.0.1', port: server.port, addresses };
    expect(jsonLines(stdout)).toEqual([
      {
        url: server.url(),
        hops: [
          { url: server.url(), ...at, status: 302, location: server.url('/next') },
          { url: server.url('/next'), ...at, status: 200, location: null },
        ],
        allowed: true,
      },
      {
        url: 'http://10.0.0.1/',
        hops: [
          {
            url: 'http://10.0.0.1/',
            host: '10.0.0.1',
            port: 80,
            addresses: [{ address: '10.0.0.1', range: 'private', allowed: false }],
            status: null,
            location: null,
          },
        ],
        allowed: false,
        error: {
          code: 'address-refused',
          phase: 'connect',
          exitCode: 113,
          message: expect.stringMatching(/^10\.0\.0\.1:80 is refused: it leads to 10\.0\.0\.1 \(private\)/),
        },
      },
      {
        url: 'cover',
        hops: [],
        allowed: false,
        error: { code: 'url-malformed', phase: 'request', exitCode: 3, message: expect.any(String) },
      },
    ]);
    expect(status).toBe(113);
  });
});

describe('check fails', () => {
  test.each([
    [6, 'http://no..such/', []],
    [7, 'http://127.0.0.1:1/', ['--allow', '127.0.0.1:1']],
    [1, 'ftp://127.0.0.1/', []],
    [3, 'cover', []],
    [113, 'http://8.8.8.8:25/', []],
    [113, 'http://h.example/', ['--resolve', 'h.example:80:192.168.0.1']],
    [2, 'http://127.0.0.1/', ['--output', 'x']],
    [2, 'http://127.0.0.1/', ['--allow', '*']],
  ])('with %i at %s', async (status, url, args) => {
    const outcome = await check([url, ...args]);
    expect(outcome.stderr).toMatch(ONE_SENTENCE);
    expect(outcome.status).toBe(status);
  });

  test('with that of the first failure, and goes on', async () => {
    const server = await rawServer(answering(reply('x')));
    const { status, stdout } = await check([
      'http://10.0.0.1/',
      server.url(),
      'cover',
      '--allow',
      '127.0.0.1',
    ]);
    expect(status).toBe(113);
    expect(stdout.toString()).toContain('  status 200\n');
  });

  test('with 47 beyond --max-redirects, all hops told', async () => {
    const server = await rawServer(answering(redirect('/')));
    const { status, stdout } = await check([server.url(), '--allow', '127.0.0.1', '--max-redirects', '2']);
    expect(status).toBe(47);
    expect(stdout.toString().match(/ {2}status 302/g)).toHaveLength(3);
  });

  test('with 28 at a server that says nothing for longer than --timeout', async () => {
    const server = await rawServer(async ({ request }) => void (await request()));
    expect((await check([server.url(), '--allow', '127.0.0.1', '--timeout', '0.2'])).status).toBe(28);
  });
});

describe('check asks as get does', () => {
  const certificate = certificateFor('DNS:pictures.example');

  test('-H, -k, --cacert and --resolve', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    const server = await rawServer(answering(reply('x')), { tls: certificate });
    const url = `https://pictures.example:${server.port}/`;
    const args = [
      url,
      '--resolve',
      `pictures.example:${server.port}:127.0.0.1`,
      '--allow',
      'pictures.example',
    ];
    expect((await check(args)).status).toBe(60);
    for (const trust of [['-k'], ['--cacert', 'ca.pem']]) {
      const { status, stderr } = await check([...args, ...trust, '-H', 'X-One: 1'], { cwd: folder });
      expect([status, stderr]).toEqual([0, '']);
    }
    expect(server.requests.every((request) => request.includes('\r\nX-One: 1\r\n'))).toBe(true);
    expect(server.requests).toHaveLength(2);
  });
});
