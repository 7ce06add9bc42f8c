import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { certificateFor } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { jpegOf, picture, SMALL_JPEG } from '../support/pictures.js';
import {
  answering,
  answeringOnce,
  type RawServerOptions,
  rawServer,
  type Script,
} from '../support/raw-server.js';
import { chunked, head, redirect, reply, typed } from '../support/replies.js';
import { scratchDirectory } from '../support/scratch.js';
import { get } from './support/command.js';
import { ONE_SENTENCE } from './support/printed.js';
import { resettingServer } from './support/resetting-server.js';
import { silentPort } from './support/silent-port.js';

/** One way to fail. */
interface Failure {
  readonly name: string;
  readonly status: number;
  /** What the sentence must say. */
  readonly says: RegExp;
  readonly script?: Script;
  readonly server?: RawServerOptions;
  /** Instead of the server's own URL. */
  readonly url?: string | ((port: number) => string | Promise<string>);
  readonly args?: readonly string[] | ((port: number) => readonly string[] | Promise<readonly string[]>);
}

const JPEG = jpegOf(30_000);
const SILENT: Script = async ({ request }) => {
  await request();
};

function then(first: Buffer | string, act: 'silence' | 'end'): Script {
  return async ({ socket, request }) => {
    await request();
    await new Promise<void>((resolve) => socket.write(first, () => resolve()));
    if (act === 'end') socket.end();
  };
}

const HALF = typed(JPEG, 'image/jpeg').subarray(0, 15_000);

const FAILURES: readonly Failure[] = [
  { name: 'another scheme', status: 1, url: 'ftp://127.0.0.1/cover.jpg', says: /"ftp" is not supported/ },
  {
    name: 'a redirect to another scheme',
    status: 1,
    script: answering(redirect('file:///etc/passwd')),
    says: /"file": only http and https/,
  },
  { name: 'an option that is not there', status: 2, args: ['--colour'], says: /'--colour'/ },
  {
    name: 'a value that is no number',
    status: 2,
    args: ['--delay', 'soon'],
    says: /--delay.*'soon'.*seconds/,
  },
  { name: 'a value beyond its limits', status: 2, args: ['--recv-size', '1G'], says: /recvSize.*at most/ },
  { name: 'options that exclude each other', status: 2, args: ['-o', 'a', '-d', 'b'], says: /-o .*-d/ },
  { name: 'one file for two URLs', status: 2, args: ['-o', 'a', 'http://127.0.0.1/'], says: /2 URLs/ },
  { name: 'no URL', status: 3, url: 'cover', says: /"cover" is no URL; did you mean "http:\/\/cover"\?/ },
  { name: 'a host and port without a scheme', status: 3, url: '127.0.0.1:80/x', says: /did you mean/ },
  { name: 'an unknown name', status: 6, url: 'http://no..such/', says: /no\.\.such could not be resolved/ },
  { name: 'a closed port', status: 7, url: closedPort, says: /127\.0\.0\.1:\d+ \(refused\)/ },
  {
    name: 'a proxy that is not there',
    status: 7,
    script: SILENT,
    args: async () => ['--proxy', await closedPort()],
    says: /^sluice: The proxy http:\/\/127\.0\.0\.1:\d+ could not be reached: .* \(refused\)\.$/m,
  },
  { name: 'no HTTP', status: 8, script: answeringOnce('220 ftp.example ready\r\n'), says: /HTTP/ },
  {
    name: 'a body that ends early',
    status: 18,
    script: then(HALF, 'end'),
    says: /after 14\d{3} bytes of the body, of 30000/,
  },
  {
    name: 'a chunked body that ends early',
    status: 18,
    script: answeringOnce(chunked([JPEG]).subarray(0, 20_000)),
    says: /chunk/,
  },
  {
    name: 'an error status',
    status: 22,
    script: answering(reply('not here', { status: '404 Not Found' })),
    says: /status 404 "Not Found"/,
  },
  {
    name: 'a directory that is not there',
    status: 23,
    script: answering(typed(JPEG, 'image/jpeg')),
    args: ['-o', 'nowhere/cover.jpg'],
    says: /"nowhere\/cover\.jpg" could not be written: the directory does not exist/,
  },
  {
    name: 'a full disk',
    status: 23,
    script: answering(typed(JPEG, 'image/jpeg')),
    args: ['-o', '/dev/full'],
    says: /"\/dev\/full" could not be written: the disk is full/,
  },
  {
    name: 'a directory in the place of the file',
    status: 23,
    script: answering(typed(JPEG, 'image/jpeg')),
    args: ['-o', '.'],
    says: /it is a directory/,
  },
  {
    name: 'no answer to connecting',
    status: 28,
    url: async () => `http://127.0.0.1:${await silentPort()}/`,
    args: ['--connect-timeout', '0.3'],
    says: /Connecting to 127\.0\.0\.1:\d+ took longer than 0\.3 s/,
  },
  {
    name: 'no TLS handshake',
    status: 28,
    script: SILENT,
    url: (port) => `https://127.0.0.1:${port}/`,
    args: ['--connect-timeout', '0.3'],
    says: /TLS handshake .* took longer than 0\.3 s/,
  },
  {
    name: 'a server that stops sending',
    status: 28,
    script: then(HALF, 'silence'),
    args: ['--idle-timeout', '0.3'],
    says: /sent nothing for 0\.3 s/,
  },
  {
    name: 'a server that says nothing',
    status: 28,
    script: SILENT,
    args: ['--timeout', '0.3'],
    says: /not complete after 0\.3 s/,
  },
  {
    name: 'a server that talks no TLS',
    status: 35,
    script: ({ socket }) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    url: (port) => `https://127.0.0.1:${port}/`,
    says: /^sluice: TLS with 127\.0\.0\.1:\d+ failed/,
  },
  { name: 'redirects without end', status: 47, script: answering(redirect('/')), says: /more than 10 times/ },
  { name: 'an empty reply', status: 52, script: answeringOnce(''), says: /without|empty/ },
  {
    name: 'a reset',
    status: 56,
    url: () => resettingServer(HALF),
    says: /reset the connection after \d+ bytes/,
  },
  {
    name: 'a proxy that refuses',
    status: 56,
    url: 'https://pictures.example/cover.jpg',
    script: answering(reply('', { status: '403 Forbidden' })),
    args: (port) => ['--proxy', `127.0.0.1:${port}`],
    says: /did not open a tunnel to pictures\.example:443: it answered with status 403 "Forbidden"\.$/m,
  },
  {
    name: 'a proxy of another kind',
    status: 2,
    args: ['--proxy', 'socks5://127.0.0.1:1080'],
    says: /scheme "socks5" of the proxy is not supported/,
  },
  {
    name: "a certificate of nobody's",
    status: 60,
    script: answering(typed(JPEG, 'image/jpeg')),
    server: { tls: certificateFor('IP:127.0.0.1') },
    says: /certificate of 127\.0\.0\.1:\d+ was not accepted/,
  },
  {
    name: 'an unknown content coding',
    status: 61,
    script: answering(typed(JPEG, 'image/jpeg', [['Content-Encoding', 'rot13']])),
    says: /"rot13" is not known/,
  },
  {
    name: 'a broken content coding',
    status: 61,
    script: answering(typed(gzipSync(JPEG).subarray(0, 500), 'image/jpeg', [['Content-Encoding', 'gzip']])),
    says: /gzip could not be undone/,
  },
  {
    name: 'a body that is announced too large',
    status: 63,
    script: answering(typed(JPEG, 'image/jpeg')),
    args: ['--max-size', '20k'],
    says: /30000 bytes.* limit of 20480/,
  },
  {
    name: 'a body that turns out too large',
    status: 63,
    script: answering(chunked([JPEG, JPEG], [['Content-Type', 'image/jpeg']])),
    args: ['--max-size', '40000'],
    says: /limit of 40000/,
  },
  {
    name: 'a picture of too many pixels',
    status: 63,
    script: answering(typed(JPEG, 'image/jpeg')),
    args: ['--max-pixels', '3219'],
    says: /70 x 46 pixels/,
  },
  {
    name: 'a page in the place of a picture',
    status: 110,
    script: answering(typed('<!doctype html><title>Sorry</title>', 'image/jpeg')),
    says: /says "image\/jpeg", but the body is not an image/,
  },
  {
    name: 'no picture where one is expected',
    status: 110,
    script: answering(typed('{}', 'application/json')),
    args: ['--expect', 'image'],
    says: /not an image/,
  },
  {
    name: 'a picture that lacks its end',
    status: 111,
    script: answering(typed(SMALL_JPEG.subarray(0, -2), 'image/jpeg')),
    says: /incomplete/,
  },
  {
    name: 'a picture of a kind that is not decoded here',
    status: 112,
    script: answering(typed(picture('jpeg-xl-lossy-70x46.jxl'), 'image/jxl')),
    args: ['--verify', 'decode'],
    says: /JPEG XL .*can't be decoded here/,
  },
  {
    name: 'a special address with --public-only',
    status: 113,
    args: ['--public-only'],
    says: /^sluice: 127\.0\.0\.1:\d+ is refused: it leads to 127\.0\.0\.1 \(loopback\), and only public/,
  },
  {
    name: 'a redirect to the port of another service',
    status: 113,
    script: answering(redirect('http://127.0.0.1:25/')),
    says: /port 25 is for smtp/,
  },
];

/** A port that nobody listens on. */
async function closedPort(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/`;
}

describe('get fails with the status, one sentence, and nothing left behind', () => {
  test.each(FAILURES.map((failure) => [failure.status, failure.name, failure] as const))(
    '%i: %s',
    async (status, _, failure) => {
      const { says, script, server, url, args = [] } = failure;
      const folder = scratchDirectory();
      const { port, url: own } = await rawServer(script ?? SILENT, server);
      const from = typeof url === 'function' ? await url(port) : (url ?? own('/cover.jpg'));
      const more = typeof args === 'function' ? await args(port) : args;
      const outcome = await get([from, ...more], { cwd: folder });
      expect(outcome.stderr).toMatch(says);
      expect(outcome.stderr).toMatch(ONE_SENTENCE);
      expect(outcome.status).toBe(status);
      expect(outcome.stdout.toString()).toBe('');
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('18: an older file stays as it was', async () => {
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'cover.jpg'), 'older');
    const server = await rawServer(then(HALF, 'end'));
    const { status } = await get([server.url(), '-o', 'cover.jpg'], { cwd: folder });
    expect(status).toBe(18);
    expect(readdirSync(folder)).toEqual(['cover.jpg']);
  });

  test('18: what came of a text before it was cut stays on standard output', async () => {
    const whole = `${head({
      fields: [
        ['Content-Type', 'text/plain'],
        ['Content-Length', '100'],
      ],
    })}half a te`;
    const server = await rawServer(answeringOnce(whole));
    const { status, stdout, stderr } = await get([server.url()]);
    expect([status, stdout.toString()]).toEqual([18, 'half a te']);
    expect(stderr).toMatch(ONE_SENTENCE);
  });
});
