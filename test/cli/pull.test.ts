import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { duckdb } from '../dataset/support/duckdb.js';
import { tarMembers } from '../dataset/support/python.js';
import { jpegNumber, listen, type World, world } from '../dataset/world.js';
import { SMALL_JPEG } from '../support/pictures.js';
import { scratchDirectory } from '../support/scratch.js';
import { jsonLines, ONE_SENTENCE } from './support/printed.js';
import { leftOver, listIn, onWorld, pull, rowsOf, startPull } from './support/pull.js';

// Each starts processes, some of them many.
vi.setConfig({ testTimeout: 60_000 });

const SMALL = { hosts: 5, rows: 60 } as const;

/** Runs it on a small world of these kinds. */
async function pulled(kinds: NonNullable<Parameters<typeof world>[0]>['kinds'], ...args: string[]) {
  const there = await world({ ...SMALL, kinds: kinds! });
  const folder = scratchDirectory();
  const out = join(folder, 'out');
  const all = [listIn(folder, there), '-o', out, ...onWorld(there), ...args];
  return { there, folder, out, args: all, ...(await pull(all)) };
}

/** A server of one's own, on loopback; gives its URL without a path. */
async function serving(onRequest: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(onRequest, 0, '127.0.0.1')}`;
}

/** One that has a picture for each number; `asked` says when it is sent. */
function listening(address: string, port: number, asked: (number: number, answer: () => void) => void) {
  return listen(
    (request, response) => {
      const number = Number(request.url!.slice(1));
      asked(number, () => response.end(jpegNumber(number)));
    },
    port,
    address,
  );
}

const LOCAL = ['--allow', '127.0.0.0/8'];

describe('sluice pull --retry-failed', () => {
  test('asks again only for what failed with the codes that are named, and keeps the keys', async () => {
    const recovered = new Set<string>();
    const asked: string[] = [];
    const origin = await serving((request, response) => {
      const [, kind] = request.url!.split('/');
      asked.push(request.url!);
      if (kind === 'good' || recovered.has(kind!))
        response.end(jpegNumber(Number(request.url!.split('/')[2])));
      else if (kind === 'missing') response.writeHead(404).end();
      else if (kind === 'page') response.end('<html>');
    });
    const kinds = ['good', 'missing', 'page', 'silent'];
    const urls = Array.from({ length: 40 }, (_, i) => `${origin}/${kinds[i % 4]}/${i}`);
    const folder = scratchDirectory();
    const out = join(folder, 'out');
    writeFileSync(join(folder, 'urls.txt'), urls.join('\n'));
    const args = ['urls.txt', '-o', 'out', '--shard-size', '15', '--timeout', '0.5', ...LOCAL];
    const again = async (...more: string[]) => {
      asked.length = 0;
      expect(await pull([...args, ...more], { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
      return new Set(asked.map((path) => path.split('/')[1]));
    };
    const codes = async () => Object.fromEntries((await rowsOf(out)).map(({ key, code }) => [key, code]));

    expect(await again()).toEqual(new Set(kinds));
    const first = await codes();
    expect(new Set(Object.values(first))).toEqual(
      new Set([null, 'http-status', 'not-an-image', 'timeout-total']),
    );

    for (const kind of kinds) recovered.add(kind);
    expect(await again('--retry-failed=410,5xx')).toEqual(new Set());
    expect(await again('--retry-failed=timeout,404')).toEqual(new Set(['silent', 'missing']));
    const second = await codes();
    expect(Object.keys(second)).toEqual(Object.keys(first));
    for (const [key, code] of Object.entries(second))
      expect(code).toBe(first[key] === 'not-an-image' ? 'not-an-image' : null);

    expect(await again('--retry-failed')).toEqual(new Set(['page']));
    expect(new Set(Object.values(await codes()))).toEqual(new Set([null]));
    const tars = readdirSync(out).filter((name) => name.endsWith('.tar'));
    const pictures = tars
      .flatMap((name) => tarMembers(join(out, name)))
      .filter(({ name }) => name.endsWith('.jpg'));
    expect(pictures.map(({ sha256 }) => sha256).sort()).toEqual(
      urls.map((_, i) => createHash('sha256').update(jpegNumber(i)).digest('hex')).sort(),
    );
    expect(leftOver(out)).toEqual([]);
    expect(await again('--retry-failed')).toEqual(new Set());
  });

  test('asks rows that were not asked for their host was given up, and rows by their status', async () => {
    let isWell = false;
    const asked: string[] = [];
    const origin = await serving((request, response) => {
      const path = request.url!;
      asked.push(path);
      if (isWell) response.end(jpegNumber(Number(path.slice(1))));
      else if (path === '/0') response.writeHead(503).end();
      // Longer than anybody waits for a host.
      else response.writeHead(429, { 'Retry-After': '3600' }).end();
    });
    const folder = scratchDirectory();
    writeFileSync(
      join(folder, 'urls.txt'),
      Array.from({ length: 20 }, (_, i) => `${origin}/${i}`).join('\n'),
    );
    const again = async (...more: string[]) => {
      asked.length = 0;
      const args = ['urls.txt', '-o', 'out', '--retry-delay', '0.2', ...LOCAL, ...more];
      expect(await pull(args, { cwd: folder })).toMatchObject({ status: 0, stderr: '' });
      return asked.length;
    };
    expect(await again()).toBe(2);
    const [first, second, ...others] = await rowsOf(join(folder, 'out'));
    // The first waits for its second attempt when the host is given up: what it failed with is known.
    expect(first).toMatchObject({ code: 'http-status', http_status: 503, attempts: 1 });
    expect(second).toMatchObject({ code: 'http-status', http_status: 429, attempts: 1 });
    expect(others).toHaveLength(18);
    for (const row of others)
      expect(row).toMatchObject({ code: 'host-given-up', http_status: null, attempts: 0 });
    expect(others[0]!.error_message).toBe(
      '127.0.0.1 was not asked for it, and is given up: it answered with 429 or 503, at last 2 times on end.',
    );

    isWell = true;
    expect(await again('--retry-failed=429')).toBe(1);
    expect(await again('--retry-failed=host-given-up')).toBe(18);
    expect(await again('--retry-failed=5xx')).toBe(1);
    expect((await rowsOf(join(folder, 'out'))).every(({ code }) => code === null)).toBe(true);
  });

  test('refuses a code that there is not', async () => {
    const { status, stderr } = await pull(['urls.txt', '-o', scratchDirectory(), '--retry-failed=tiemout']);
    expect(stderr).toBe('sluice: "tiemout" is no code of a failure.\n');
    expect(status).toBe(2);
  });
});

describe('sluice pull, repeated URLs', () => {
  test('are asked for once, and every row gets its picture', async () => {
    const { there, out, status } = await pulled(['repeated'], '--shard-size', '25');
    expect(status).toBe(0);
    expect([...there.requests.values()].every((times) => times === 1)).toBe(true);
    expect(there.asked()).toBe(12);
    const rows = await rowsOf(out);
    expect(rows.map(({ code }) => code)).toEqual(rows.map(() => null));
    const members = readdirSync(out)
      .filter((name) => name.endsWith('.tar'))
      .flatMap((name) => tarMembers(join(out, name)));
    for (const { key, sha256 } of rows)
      expect(members.find(({ name }) => name === `${key}.jpg`)?.sha256).toBe(sha256);
  });

  test('are asked for each time with --no-dedupe', async () => {
    const { there, status } = await pulled(['repeated'], '--no-dedupe');
    expect(status).toBe(0);
    expect(there.asked()).toBe(60);
  });
});

describe('sluice pull, what is shown', () => {
  test('--fail-under: status 1 where fewer succeeded than so many in a hundred', async () => {
    const { args, status } = await pulled(['good', 'missing'], '--fail-under', '99');
    expect(status).toBe(1);
    expect((await pull([...args.slice(0, -1), '50'])).status).toBe(0);
  });

  test('--json: a line a row and one for the end, though its reader is slow', async () => {
    const { there, folder } = await pulled(['good', 'missing']);
    const list = join(folder, 'urls.txt');
    const running = startPull([list, '-o', join(folder, 'json'), '--json', ...onWorld(there)]);
    running.child.stdout!.pause();
    setTimeout(() => running.child.stdout!.resume(), 300);
    const { stdout, stderr, status } = await running.ended;
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const lines = jsonLines<Record<string, unknown>>(stdout);
    const rows = lines.slice(0, -1);
    expect(rows.map(({ index }) => index).sort((a, b) => Number(a) - Number(b))).toEqual(
      there.fates.map((_, index) => index),
    );
    for (const { index, url, code } of rows)
      expect({ url, code }).toEqual({
        url: there.fates[Number(index)]!.line,
        code: there.fates[Number(index)]!.code,
      });
    expect(lines.at(-1)).toMatchObject({ type: 'end', complete: true, count: 60, codes: there.codes });
  });
});

describe('sluice pull, the same bytes for many URLs', () => {
  test('are told of at the end, and left out where they are named', async () => {
    const lost = jpegNumber(1);
    const sha256 = createHash('sha256').update(lost).digest('hex');
    const origin = await serving((request, response) => {
      const number = Number(request.url!.slice(1));
      response.end(number < 15 ? lost : jpegNumber(number));
    });
    const folder = scratchDirectory();
    writeFileSync(
      join(folder, 'urls.txt'),
      Array.from({ length: 30 }, (_, i) => `${origin}/${i}`).join('\n'),
    );
    const end = async (directory: string, ...more: string[]) => {
      const { stdout } = await pull(['urls.txt', '-o', directory, '--json', ...LOCAL, ...more], {
        cwd: folder,
      });
      return jsonLines<Record<string, unknown>>(stdout).at(-1);
    };
    expect(await end('kept')).toMatchObject({
      successes: 30,
      placeholders: [{ sha256, urls: 15, url: expect.stringContaining(origin) }],
    });
    expect(await end('dropped', '--drop-placeholders', sha256.toUpperCase())).toMatchObject({
      successes: 15,
      codes: { placeholder: 15 },
      placeholders: [],
    });
    const rows = await rowsOf(join(folder, 'dropped'));
    const dropped = rows.filter(({ code }) => code === 'placeholder');
    expect(dropped.map((row) => row.sha256)).toEqual(dropped.map(() => sha256));
    expect(dropped).toHaveLength(15);
  });

  test('are named by their digest', async () => {
    const { status, stderr } = await pull([
      'urls.txt',
      '-o',
      scratchDirectory(),
      '--drop-placeholders',
      'lost.jpg',
    ]);
    expect(stderr).toBe('sluice: "lost.jpg" is no SHA-256 in 64 hexadecimal digits.\n');
    expect(status).toBe(2);
  });
});

describe('sluice pull, the data set', () => {
  test('--format files: a folder a shard, the pictures under their keys', async () => {
    const { out, status } = await pulled(['good', 'missing'], '--format', 'files', '--shard-size', '50');
    expect(status).toBe(0);
    const rows = await rowsOf(out);
    for (const { key, status: state, sha256 } of rows) {
      if (state !== 'success') continue;
      const bytes = readFileSync(join(out, key.slice(0, 5), `${key}.jpg`));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
    expect(rows.filter(({ status: state }) => state === 'success').length).toBeGreaterThan(40);
  });

  test('--format parquet: the pictures in the table', async () => {
    const { out } = await pulled(['good', 'missing'], '--format', 'parquet');
    const wrong =
      'SELECT count(*)::INTEGER AS n FROM $1 WHERE (sha256 IS NOT NULL) AND sha256(jpg) <> sha256';
    expect(await duckdb(wrong, join(out, '*.parquet'))).toEqual([{ n: 0 }]);
    const good = "SELECT count(*)::INTEGER AS n FROM $1 WHERE status = 'success' AND jpg IS NULL";
    expect(await duckdb(good, join(out, '*.parquet'))).toEqual([{ n: 0 }]);
  });

  test('csv with captions and columns', async () => {
    const origin = await serving((_request, response) => response.end(SMALL_JPEG));
    const folder = scratchDirectory();
    const lines = ['id,link,text', `7,${origin}/a.jpg,"a ""quoted"", text"`, `8,${origin}/b.jpg,`, '9,,none'];
    writeFileSync(join(folder, 'list.csv'), lines.join('\n'));
    const columns = ['--url-col', 'link', '--caption-col', 'text', '--columns', 'id'];
    const { status } = await pull(['list.csv', '-o', 'out', ...columns, ...LOCAL], { cwd: folder });
    expect(status).toBe(0);
    const rows = await rowsOf(join(folder, 'out'));
    expect(rows.map(({ id, caption, code }) => [String(id), caption, code])).toEqual([
      ['7', 'a "quoted", text', null],
      ['8', expect.toBeOneOf(['', null]), null],
      ['null', null, 'line-malformed'],
    ]);
    const text = tarMembers(join(folder, 'out/00000.tar')).find(({ name }) => name === '000000000.txt');
    expect(text?.contents).toBe('a "quoted", text');
  });

  test('--verify-hash, --min-size, --max-aspect', async () => {
    const origin = await serving((_request, response) => response.end(SMALL_JPEG));
    const digest = createHash('md5').update(SMALL_JPEG).digest('hex');
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'list.csv'), `url,md5\n${origin}/a,${digest}\n${origin}/b,00\n${origin}/c,\n`);
    const run = async (out: string, ...args: string[]) => {
      expect(await pull(['list.csv', '-o', out, ...LOCAL, ...args], { cwd: folder })).toMatchObject({
        status: 0,
      });
      return (await rowsOf(join(folder, out))).map(({ code }) => code);
    };
    expect(await run('hashed', '--verify-hash', 'md5:md5')).toEqual([null, 'hash-mismatch', null]);
    expect(await run('large', '--min-size', '47')).toEqual(Array(3).fill('size-unwanted'));
    expect(await run('small', '--min-size', '46', '--max-aspect', '1.6')).toEqual([null, null, null]);
    expect(await run('square', '--max-aspect', '1.5')).toEqual(Array(3).fill('size-unwanted'));
  });

  test('--resize 32 --encode png', async () => {
    const { out } = await pulled(
      ['good', 'corrupt'],
      '--resize',
      '32',
      '--encode',
      'png',
      '--resize-mode',
      'border',
    );
    const good = (await rowsOf(out)).filter(({ status }) => status === 'success');
    expect(good.length).toBeGreaterThan(40);
    for (const row of good)
      expect(row).toMatchObject({ width: 32, height: 32, original_width: 70, original_height: 46 });
    const png = tarMembers(join(out, '00000.tar')).filter(({ name }) => name.endsWith('.png'));
    expect(png).toHaveLength(good.length);
  });
});

describe('sluice pull and what sites say', () => {
  test('X-Robots-Tag is obeyed and recorded, and with --no-opt-out is not', async () => {
    const { out, args, there } = await pulled(['noai']);
    for (const row of await rowsOf(out))
      expect(row).toMatchObject({ code: 'opt-out', phase: 'policy', http_status: 200, final_url: row.url });
    const [list = '', , , ...rest] = args;
    const other = `${out}-2`;
    expect((await pull([list, '-o', other, ...rest, '--no-opt-out'])).status).toBe(0);
    expect((await rowsOf(other)).every(({ code }) => code === null)).toBe(true);
    expect(there.asked()).toBe(120);
  });

  test('--robots-txt asks each origin for it once, and never for what it disallows', async () => {
    const asked: string[] = [];
    const agents = new Set<string>();
    const origin = await serving((request, response) => {
      asked.push(request.url!);
      agents.add(request.headers['user-agent']!);
      if (request.url === '/robots.txt')
        response.end('User-agent: crawler\nDisallow: /closed/\n\nUser-agent: *\nDisallow: /\n');
      else response.end(SMALL_JPEG);
    });
    const folder = scratchDirectory();
    const urls = Array.from({ length: 20 }, (_, i) => `${origin}/${i % 2 === 0 ? 'open' : 'closed'}/${i}`);
    writeFileSync(join(folder, 'urls.txt'), urls.join('\n'));
    const robots = ['--robots-txt', '--user-agent-token', 'crawler', '--threads', '1'];
    const { status } = await pull(['urls.txt', '-o', 'out', ...robots, ...LOCAL], { cwd: folder });
    expect(status).toBe(0);
    const codes = (await rowsOf(join(folder, 'out'))).map(({ code }) => code);
    expect(codes).toEqual(urls.map((url) => (url.includes('open') ? null : 'opt-out')));
    expect(asked.filter((path) => path === '/robots.txt')).toHaveLength(1);
    expect(asked.some((path) => path.startsWith('/closed/'))).toBe(false);
    expect([...agents]).toEqual([expect.stringMatching(/^crawler\//)]);
  });
});

describe('sluice pull says in one sentence', () => {
  const cases: Record<
    string,
    (folder: string, there: World) => [args: string[], status: number, says: RegExp]
  > = {
    'that a list is not there': () => [['none.txt', '-o', 'out'], 26, /none\.txt/],
    'that a column is not there': () => [['list.csv', '-o', 'out', '--url-col', 'link'], 26, /link/],
    'that a parquet is corrupt': () => [['corrupt.parquet', '-o', 'out'], 26, /corrupt\.parquet/],
    'that a list is empty': () => [['empty.txt', '-o', 'out'], 26, /no rows/],
    'that a format is not known': () => [['list.doc', '-o', 'out'], 26, /--input-format/],
    'that the output is a file': () => [['urls.txt', '-o', 'list.csv'], 23, /list\.csv/],
  };

  test.each(Object.entries(cases))('%s', async (_, caseOf) => {
    const there = await world({ hosts: 1, rows: 3, kinds: ['good'] });
    const folder = scratchDirectory();
    listIn(folder, there);
    writeFileSync(join(folder, 'list.csv'), 'url\nhttp://127.0.0.1/\n');
    writeFileSync(join(folder, 'list.doc'), 'x');
    writeFileSync(join(folder, 'empty.txt'), '');
    writeFileSync(join(folder, 'corrupt.parquet'), `PAR1${'x'.repeat(500)}PAR1`);
    const [args, expected, says] = caseOf(folder, there);
    const { status, stderr } = await pull([...args, ...LOCAL], { cwd: folder });
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(stderr).toMatch(says);
    expect(status).toBe(expected);
    expect(there.asked()).toBe(0);
  });

  test('and takes the right column afterwards, in the same directory', async () => {
    const origin = await serving((_request, response) => response.end(SMALL_JPEG));
    const folder = scratchDirectory();
    writeFileSync(join(folder, 'list.csv'), `link\n${origin}/a.jpg\n`);
    const args = ['list.csv', '-o', 'out', ...LOCAL];
    expect((await pull(args, { cwd: folder })).status).toBe(26);
    expect((await pull([...args, '--url-col', 'link'], { cwd: folder })).status).toBe(0);
  });
});

test('ten hosts that do not answer hold up nobody: all other rows are done before one of them answers', async () => {
  const held: (() => void)[] = [];
  let heldByThen = 0;
  let others = 0;
  const port = await listening('127.0.0.1', 0, (_number, answer) => {
    answer();
    others++;
    if (others < 1000) return;
    // The slow hosts answer when the rest is done: if they held it up, nobody ever would.
    heldByThen ||= held.length;
    setInterval(() => {
      for (const one of held.splice(0)) one();
    }, 20).unref();
  });
  const slow = Array.from({ length: 10 }, (_, i) => `127.0.2.${i + 1}`);
  for (const address of slow) await listening(address, port, (_, answer) => void held.push(answer));
  // The rows in front are those of the slow hosts, many times what a host may have at once.
  const urls = [
    ...Array.from({ length: 500 }, (_, i) => `http://${slow[i % 10]}:${port}/${i}`),
    ...Array.from({ length: 1000 }, (_, i) => `http://127.0.0.1:${port}/${500 + i}`),
  ];
  const folder = scratchDirectory();
  writeFileSync(join(folder, 'urls.txt'), urls.join('\n'));
  const few = ['--shard-size', '100', '--concurrency', '64', '--threads', '2', '--timeout', '300'];
  const { status } = await pull(['urls.txt', '-o', 'out', ...few, ...LOCAL], { cwd: folder });
  expect(status).toBe(0);
  expect(heldByThen).toBeGreaterThan(0);
  expect((await rowsOf(join(folder, 'out'))).every(({ code }) => code === null)).toBe(true);
});
