import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { VERSION } from '../../src/version.js';
import { certificateFor, encryptedKey } from '../support/certificates.js';
import { dnsServer } from '../support/dns-server.js';
import { jpegOf, picture } from '../support/pictures.js';
import { answering, rawServer } from '../support/raw-server.js';
import { redirect, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { CLI, get, start } from './support/command.js';
import { jsonLines } from './support/printed.js';

const JPEG = jpegOf(20_000);
const PICTURE = typed(JPEG, 'image/jpeg');
const TEXT = typed('the body\n', 'text/plain', [['X-Note', 'hello']]);

/** The lines of the only request that `args` lead to. */
async function requestOf(...args: string[]): Promise<string[]> {
  const server = await rawServer(answering(TEXT));
  const { status, stderr } = await get([server.url('/a b?c=d'), ...args]);
  expect([status, stderr]).toEqual([0, '']);
  expect(server.requests).toHaveLength(1);
  return server.requests[0]!.replaceAll(server.authority, 'HOST').split('\r\n').slice(0, -2);
}

describe('get sends', () => {
  test('a GET of HTTP/1.1 with four fields', async () => {
    const lines = await requestOf();
    expect(lines).toEqual([
      'GET /a%20b?c=d HTTP/1.1',
      'Host: HOST',
      `User-Agent: sluice/${VERSION}`,
      expect.stringMatching(/^Accept: image\//),
      'Accept-Encoding: identity',
    ]);
  });

  test('--http 1.0: that version in the request line', async () => {
    expect((await requestOf('--http', '1.0'))[0]).toBe('GET /a%20b?c=d HTTP/1.0');
  });

  test('-H, more than once, in the place of its own, or to take it out', async () => {
    const lines = await requestOf(
      '-H',
      'X-One: 1',
      '-H',
      'X-Two:2',
      '-H',
      'Accept: */*',
      '-H',
      'User-Agent:',
    );
    expect(lines.slice(1)).toEqual([
      'Host: HOST',
      'Accept-Encoding: identity',
      'X-One: 1',
      'X-Two: 2',
      'Accept: */*',
    ]);
  });

  test('-A: the User-Agent', async () => {
    const lines = await requestOf('-A', 'Mozilla/5.0 (somebody)');
    expect(lines.filter((line) => /^user-agent/i.test(line))).toEqual(['User-Agent: Mozilla/5.0 (somebody)']);
  });

  test('-u: Basic authentication', async () => {
    expect(await requestOf('-u', 'name:pass:word')).toContain(
      `Authorization: Basic ${btoa('name:pass:word')}`,
    );
  });

  test('-H with a line end in it is refused, and nothing is sent', async () => {
    const server = await rawServer(answering(TEXT));
    const { status, stderr } = await get([server.url(), '-H', 'X: a\r\nY: b']);
    expect(status).toBe(2);
    expect(stderr).toContain('The value of X holds control characters');
    expect(server.requests).toEqual([]);
  });
});

describe('get shows', () => {
  test('-i: the header before a text, both on standard output', async () => {
    const server = await rawServer(answering(TEXT));
    const { status, stdout, stderr } = await get([server.url(), '-i']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.toString()).toBe(
      'HTTP/1.1 200 OK\nContent-Type: text/plain\nX-Note: hello\nContent-Length: 9\n\nthe body\n',
    );
  });

  test('-i: the header alone where the body goes to a file', async () => {
    const folder = scratchDirectory();
    const server = await rawServer(answering(PICTURE));
    const { stdout } = await get([server.url(), '-i', '-o', 'x.jpg'], { cwd: folder });
    expect(stdout.toString()).toBe('HTTP/1.1 200 OK\nContent-Type: image/jpeg\nContent-Length: 20000\n\n');
    expect(readFileSync(join(folder, 'x.jpg')).equals(JPEG)).toBe(true);
  });

  test('-v: connection, request and response on standard error, no password in it', async () => {
    const server = await rawServer(
      answering((request) => (request.startsWith('GET /old') ? redirect('/new') : TEXT)),
    );
    const { status, stdout, stderr } = await get([server.url('/old'), '-v', '-u', 'me:secret']);
    expect([status, stdout.toString()]).toEqual([0, 'the body\n']);
    const lines = stderr.split('\n');
    expect(lines[0]).toBe(`* 127.0.0.1 port ${server.port} is 127.0.0.1 (loopback)`);
    expect(lines[1]).toMatch(/^\* connection to 127\.0\.0\.1 port \d+ \(resolve .* ms, connect .* ms\)$/);
    expect(lines).toContain('> GET /old HTTP/1.1');
    expect(lines).toContain('< HTTP/1.1 302 Found');
    expect(lines).toContain(`* redirected to ${server.url('/new')}`);
    expect(lines).toContain(`* connection to 127.0.0.1 port ${server.port} (kept alive)`);
    expect(lines).toContain('< X-Note: hello');
    expect(lines).toContain('> Authorization: ***');
    expect(stderr).not.toContain(btoa('me:secret'));
  });

  test('without an option: nothing but the file', async () => {
    const folder = scratchDirectory();
    const server = await rawServer(answering(PICTURE));
    const { status, stdout, stderr } = await get([server.url('/cover.jpg')], { cwd: folder });
    expect([status, stdout.toString(), stderr]).toEqual([0, '', '']);
    expect(readdirSync(folder)).toEqual(['cover.jpg']);
  });
});

describe('get follows', () => {
  const hops = (count: number) =>
    rawServer(
      answering((request) => {
        const n = Number(/^GET \/(\d+)/.exec(request)?.[1]);
        return n < count ? redirect(`/${n + 1}`) : TEXT;
      }),
    );

  test('10 redirects, and no more', async () => {
    const [ten, eleven] = [await hops(10), await hops(11)];
    expect((await get([ten.url('/0')])).stdout.toString()).toBe('the body\n');
    expect((await get([eleven.url('/0')])).status).toBe(47);
  });

  test('--max-redirects 1: one', async () => {
    const [one, two] = [await hops(1), await hops(2)];
    expect((await get([one.url('/0'), '--max-redirects', '1'])).status).toBe(0);
    expect((await get([two.url('/0'), '--max-redirects', '1'])).status).toBe(47);
  });

  test('--max-redirects 0: the redirect is the response', async () => {
    const server = await hops(1);
    const { status, stdout } = await get([
      server.url('/0'),
      '--max-redirects',
      '0',
      '--json',
      '-o',
      '/dev/null',
    ]);
    expect(status).toBe(0);
    expect(jsonLines<Receipt>(stdout)).toMatchObject([{ status: 302, hops: 0, bodyBytes: 0 }]);
    expect(server.requests).toHaveLength(1);
  });
});

describe('get trusts', () => {
  const certificate = certificateFor('DNS:pictures.example', 'IP:127.0.0.1');

  test('-k: any certificate', async () => {
    const server = await rawServer(answering(TEXT), { tls: certificate });
    const { status, stdout } = await get([server.url(), '-k']);
    expect([status, stdout.toString()]).toEqual([0, 'the body\n']);
  });

  test('--cacert: those certificates', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    const server = await rawServer(answering(TEXT), { tls: certificate });
    const { status, stdout } = await get([server.url(), '--cacert', 'ca.pem'], { cwd: folder });
    expect([status, stdout.toString()]).toEqual([0, 'the body\n']);
  });

  test('--cacert: a file that is missing, or holds none, is refused', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'empty.pem'), '');
    const url = 'https://127.0.0.1:1/';
    const missing = await get([url, '--cacert', 'no.pem'], { cwd: folder });
    const empty = await get([url, '--cacert', 'empty.pem'], { cwd: folder });
    expect([missing.status, empty.status]).toEqual([2, 2]);
    expect(missing.stderr).toMatch(/^sluice: --cacert: "no\.pem" could not be read: .*\n$/);
    expect(empty.stderr).toMatch(/^sluice: --cacert: "empty\.pem" holds no PEM certificate\.\n$/);
  });

  test('--cert, --key and --pass: a server that wants a certificate', async () => {
    const folder = scratchDirectory();
    const client = certificateFor('DNS:client.example');
    writeFileSync(join(folder, 'cert.pem'), client.cert);
    writeFileSync(join(folder, 'key.pem'), encryptedKey(client, 'open sesame'));
    writeFileSync(join(folder, 'both.pem'), client.cert + client.key);
    const wants = { requestCert: true, rejectUnauthorized: true, ca: client.cert };
    const server = await rawServer(answering(TEXT), { tls: { ...certificate, ...wants } });
    const run = (...args: string[]) => get([server.url(), '-k', ...args], { cwd: folder });
    const three = await run('--cert', 'cert.pem', '--key', 'key.pem', '--pass', 'open sesame');
    expect([three.status, three.stdout.toString()]).toEqual([0, 'the body\n']);
    expect((await run('--cert', 'both.pem')).status).toBe(0);
    const none = await run();
    expect(none.status).toBe(35);
    expect(none.stderr).toBe('sluice: TLS with the server failed: it wants a client certificate.\n');
  });

  test.each([
    [['--cert', 'no.pem'], /^sluice: --cert: "no\.pem" could not be read: .*\n$/],
    [['--cert', 'empty.pem'], /^sluice: --cert: "empty\.pem" holds no PEM certificate\.\n$/],
    [['--cert', 'cert.pem'], /^sluice: --cert: "cert\.pem" holds no private key: .* --key\.\n$/],
    [
      ['--cert', 'cert.pem', '--key', 'empty.pem'],
      /^sluice: --key: "empty\.pem" holds no PEM private key\.\n$/,
    ],
    [
      ['--cert', 'cert.pem', '--key', 'broken.pem'],
      /^sluice: The client certificate, or its key, can't be used: .*\n$/,
    ],
    [['--key', 'broken.pem'], /^sluice: --key belongs to a client certificate: give --cert as well\.\n$/],
    [['--pass', 'x'], /^sluice: --pass belongs to a client certificate: give --cert as well\.\n$/],
  ])('%j is refused', async (args, says) => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'empty.pem'), '');
    writeFileSync(join(folder, 'cert.pem'), certificate.cert);
    writeFileSync(
      join(folder, 'broken.pem'),
      '-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----\n',
    );
    const server = await rawServer(answering(TEXT), { tls: certificate });
    const { status, stderr } = await get([server.url(), '-k', ...args], { cwd: folder });
    expect([status, server.requests]).toEqual([2, []]);
    expect(stderr).toMatch(says);
  });

  test('--dns-servers: asks those, and --resolve comes before them', async () => {
    const names = await dnsServer((name) => (name === 'a.example' ? ['127.0.0.1'] : 'NXDOMAIN'));
    const server = await rawServer(answering(TEXT));
    const run = (name: string, ...args: string[]) =>
      get([`http://${name}:${server.port}/`, '--dns-servers', names.address, ...args]);
    expect((await run('a.example')).stdout.toString()).toBe('the body\n');
    const unknown = await run('b.example');
    expect(unknown.status).toBe(6);
    expect(unknown.stderr).toContain('b.example could not be resolved: no such name is known.');
    const overridden = ['--resolve', `b.example:${server.port}:127.0.0.1`];
    expect((await run('b.example', ...overridden)).status).toBe(0);
    expect((await run('a.example', ...overridden)).status).toBe(0);
    const wrong = await get([server.url(), '--dns-servers', 'one,two']);
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      'sluice: The option dns names "one"; it must list IP addresses, each with or without a port.\n',
    ]);
  });

  test('--resolve: that address for the host, whose name is checked and sent', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    const server = await rawServer(answering(TEXT), { tls: certificate });
    const url = `https://pictures.example:${server.port}/`;
    const args = ['--resolve', `pictures.example:${server.port}:127.0.0.1`, '--cacert', 'ca.pem'];
    const { status, stdout, stderr } = await get([url, ...args], { cwd: folder });
    expect([status, stdout.toString(), stderr]).toEqual([0, 'the body\n', '']);
    expect(server.serverNames).toEqual(['pictures.example']);
    expect(server.requests[0]).toContain(`\r\nHost: pictures.example:${server.port}\r\n`);
  });
});

describe('get refuses beyond', () => {
  test.each([
    ['20000', 0],
    ['19999', 63],
    ['20k', 0],
    ['19.5k', 63],
    ['0.1M', 0],
    ['1m', 0],
  ])('--max-size %s of 20000 bytes: %i', async (limit, status) => {
    const server = await rawServer(answering(PICTURE));
    expect((await get([server.url(), '--max-size', limit, '-o', '/dev/null'])).status).toBe(status);
  });

  test.each([
    ['3220', 0],
    ['3219', 63],
  ])('--max-pixels %s of 70 x 46: %i', async (limit, status) => {
    const server = await rawServer(answering(PICTURE));
    expect((await get([server.url(), '--max-pixels', limit, '-o', '/dev/null'])).status).toBe(status);
  });
});

describe('get verifies', () => {
  const cut = typed(JPEG.subarray(0, -2), 'image/jpeg');
  const unsaid = typed(JPEG.subarray(0, -2), 'application/octet-stream');
  const damaged = picture('png-rgb-70x46.png');
  // Inside the compressed data: the structure stays whole.
  damaged.fill(0x55, 3000, 3200);
  const blurred = typed(damaged, 'image/png');
  const page = typed('<!doctype html>', 'image/jpeg');

  test.each([
    ['a picture that lacks its end', 111, cut, []],
    ['the same with --verify none', 0, cut, ['--verify', 'none']],
    ['the same where the server says octet-stream', 0, unsaid, []],
    ['that with --verify structure', 111, unsaid, ['--verify', 'structure']],
    ['that with --expect image', 111, unsaid, ['--expect', 'image']],
    ['a damaged picture with whole structure', 0, blurred, []],
    ['the same with --verify decode', 111, blurred, ['--verify', 'decode']],
    ['a whole picture with --verify decode', 0, PICTURE, ['--verify', 'decode']],
    ['a page that the server calls a picture', 110, page, []],
    ['the same with --verify none', 0, page, ['--verify', 'none']],
    ['a text with --expect image', 110, TEXT, ['--expect', 'image']],
  ] as const)('%s: status %i', async (_, status, answer, args) => {
    const folder = scratchDirectory();
    const server = await rawServer(answering(answer));
    const outcome = await get([server.url(), '-o', 'x', ...args], { cwd: folder });
    expect(outcome.status).toBe(status);
    expect(readdirSync(folder)).toEqual(status === 0 ? ['x'] : []);
  });
});

describe('get holds the rate', () => {
  test('--limit-rate 100k: about that mean, by not reading', async () => {
    const bytes = 150 * 1024;
    const server = await rawServer(answering(typed(jpegOf(bytes), 'image/jpeg')));
    const args = ['--limit-rate', '100k', '--json', '-o', '/dev/null'];
    const { stdout } = await get([server.url(), ...args]);
    const [receipt] = jsonLines<Receipt>(stdout);
    const seconds = (receipt!.timing.total - receipt!.timing.firstByte) / 1000;
    expect(receipt!.wireBytes / seconds / 1024).toBeGreaterThan(75);
    expect(receipt!.wireBytes / seconds / 1024).toBeLessThan(115);
    expect(receipt!.flow.limit).toBe('receiver');
  });
});

describe('sluice helps', () => {
  const run = (...args: string[]) => start(process.execPath, [CLI, ...args]).ended;

  test('--version prints the version', async () => {
    const { status, stdout, stderr } = await run('--version');
    expect([status, stdout.toString(), stderr]).toEqual([0, `${VERSION}\n`, '']);
  });

  test('get --help tells of every option within 80 columns', async () => {
    const { status, stdout, stderr } = await run('get', '--help');
    expect([status, stderr]).toEqual([0, '']);
    const text = stdout.toString();
    for (const option of [
      '--recv-size',
      '--delay',
      '--trace',
      '--flow',
      '--json',
      '--max-pixels',
      '--expect',
    ])
      expect(text).toContain(option);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([
    [[], /Usage: sluice/],
    [['fetch'], /^sluice: Unknown command 'fetch'\. Try .*\n$/],
    [['get'], /^sluice: Missing required argument 'url'\. Try .*\n$/],
  ])('%j is a usage error', async (args, says) => {
    const { status, stdout, stderr } = await run(...args);
    expect([status, stdout.toString()]).toEqual([2, '']);
    expect(stderr).toMatch(says);
  });
});
