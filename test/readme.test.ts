import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { declareGet } from '../src/cli/get-options.js';
import { declarePull } from '../src/cli/pull-options.js';
import { declareReport } from '../src/cli/report-options.js';
import { declareWork } from '../src/cli/work-options.js';
import { ERROR_TABLE } from '../src/errors.js';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const cover = readFileSync(join(root, 'assets/cover.jpg'));

/** The fenced blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1]!,
  );
}

/** Of the command alone: 128 and the signal's number, as shells have it. */
const SIGNAL_STATUSES: readonly number[] = [130, 143];

/** The rows of the table of statuses; one row may tell of several, separated by commas on both sides. */
const statuses = [...readme.matchAll(/^\| (\d+(?:, \d+)*) \| (.+) \|$/gm)].map(([, numbers, text]) => ({
  statuses: numbers!.split(', ').map(Number),
  text: text!,
}));

/** What the table of failures says of an exit status. */
function wordsOfTable(status: number): string {
  return Object.entries(ERROR_TABLE)
    .filter(([, row]) => row.exitCode === status)
    .map(([code, row]) => `${code} ${row.phase} ${row.public}`)
    .join(' ');
}

/** The beginnings of the words that carry meaning: "redirects" and "redirected" have one. */
function stemsOf(text: string): string[] {
  const words =
    text
      .toLowerCase()
      .replace('time-out', 'timeout')
      .match(/[a-z]{3,}/g) ?? [];
  return words.filter((word) => !COMMON_WORDS.has(word)).map((word) => word.slice(0, 6));
}

/** Words that tell no row from another. */
const COMMON_WORDS = new Set(
  'the and not for was too could while body url failed reply server connection host'.split(' '),
);

let server: Server;
let port: number;
let scratch: string;

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'image/jpeg');
    response.end(cover);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  mkdirSync(join(root, 'test-results'), { recursive: true });
  // Inside the package, so that `import ... from 'sluice'` finds it as a user's import would.
  scratch = mkdtempSync(join(root, 'test-results/readme-'));
});

afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true });
});

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(command: string, args: string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(command, args, { cwd: scratch, stdio: ['ignore', 'pipe', 'pipe'] });
    const ran: Ran = { status: null, stdout: '', stderr: '' };
    child.stdout?.on('data', (data: Buffer) => (ran.stdout += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (ran.stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ ...ran, status }));
  });
}

/** A README command, with our server and the built command in place of what a reader would have. */
function runCommand(line: string): Promise<Ran> {
  const args = line.replace('127.0.0.1:8080', `127.0.0.1:${port}`).split(/\s+/);
  expect(args.slice(0, 2)).toEqual(['npx', 'sluice']);
  return run(process.execPath, [join(root, 'dist/cli.cjs'), ...args.slice(2)]);
}

describe('README', () => {
  const commands = blocks('sh')
    .map((block) => block.trim())
    .filter((block) => block.startsWith('npx sluice'));

  test('its first block holds the two commands', () => {
    expect(blocks('sh')[0]).toMatch(/^npm ci && npm run demo .*\nnpm ci && npm test /);
  });

  test('has a command for getting, seeing, judging, reading and for a list', () => {
    expect(commands).toHaveLength(5);
  });

  test('command 1 saves the picture', async () => {
    const { status, stderr } = await runCommand(commands[0]!);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(scratch, 'cover.jpg'))).toEqual(cover);
  });

  test('command 2 prints the receives and the header', async () => {
    const { status, stdout } = await runCommand(commands[1]!);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^(\d+ \d+\n)+Header length \d+\nHTTP\/1\.\d 200 OK\n/);
    expect(readFileSync(join(scratch, 'stuff.jpg'))).toEqual(cover);
  });

  test('command 3 says who was the limit', async () => {
    const { status, stdout } = await runCommand(commands[2]!);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Limit: receiver\. /m);
  });

  test('command 4 prints one line of JSON', async () => {
    const { status, stdout } = await runCommand(commands[3]!);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      mediaType: 'image/jpeg',
      bodyBytes: cover.length,
      file: 'cover.jpg',
    });
  });

  test('command 5 makes a data set of a list', async () => {
    const line = blocks('sh').find((block) => block.startsWith('echo '))!;
    const [, url, file] = /^echo (\S+) > (\S+)$/.exec(line.trim())!;
    writeFileSync(join(scratch, file!), `${url!.replace('127.0.0.1:8080', `127.0.0.1:${port}`)}\n`);
    const { status, stdout, stderr } = await runCommand(commands[4]!);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('1 of 1 pictures (100.0 %) in 1 shard\n');
    expect(readdirSync(join(scratch, 'dataset')).sort()).toEqual([
      '.sluice',
      '00000.parquet',
      '00000.tar',
      '00000_stats.json',
    ]);
  });

  test('the example of the library runs as it stands', async () => {
    const example = blocks('js')[0]!.replace('127.0.0.1:8080', `127.0.0.1:${port}`);
    writeFileSync(join(scratch, 'example.mjs'), example);
    const { status, stdout, stderr } = await run(process.execPath, ['example.mjs']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^image\/jpeg \d+ \d+ (unknown|sender|receiver)\n$/);
    expect(statSync(join(scratch, 'cover.jpg')).size).toBe(cover.length);
  });

  test('names every exit status of the table of failures, and no other', () => {
    const failures = Object.values(ERROR_TABLE).map(({ exitCode }) => exitCode);
    const named = statuses.flatMap((row) => row.statuses);
    expect(new Set(named)).toEqual(new Set([0, ...failures, ...SIGNAL_STATUSES]));
    expect(named).toHaveLength(new Set(named).size);
  });

  test.each(statuses)('says of $text what $statuses mean, in their order', ({ statuses: row, text }) => {
    const meanings = text.split(', ');
    expect(meanings).toHaveLength(row.length);
    for (const [index, status] of row.entries()) {
      if (status === 0 || SIGNAL_STATUSES.includes(status)) continue;
      expect(stemsOf(wordsOfTable(status)), `${status}: ${meanings[index]}`).toEqual(
        expect.arrayContaining([expect.toBeOneOf(stemsOf(meanings[index]!))]),
      );
    }
  });

  test('names no option that there is not', () => {
    const get = declareGet(new Command('get'));
    const pull = declarePull(new Command('pull'));
    const declared = [...get.options, ...pull.options].flatMap(({ short, long }) => [short, long]);
    const commandLines = commands.map((command) => command.replace(/^npx sluice (get|pull)/, ''));
    const inText = [...readme.matchAll(/`(-[^`]+)`/g)].map(([, code]) => code!);
    const named = [...commandLines, ...inText].flatMap(
      (text) => text.match(/(?<=^|\s)--?[a-z][a-z-]*/gi) ?? [],
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !declared.includes(name))).toEqual([]);
  });
});

test('docs/DATASETS.md names no option that there is not', () => {
  const text = readFileSync(join(root, 'docs/DATASETS.md'), 'utf8');
  const commands = [
    declarePull(new Command('pull')),
    declareReport(new Command('report')),
    declareWork(new Command('work')),
  ];
  const declared = commands.flatMap(({ options }) => options.flatMap(({ short, long }) => [short, long]));
  const inText = [...text.matchAll(/`(-[^`]+)`/g)].flatMap(
    ([, code]) => code!.match(/^--?[a-z][a-z-]*/gi) ?? [],
  );
  expect(inText.length).toBeGreaterThan(20);
  expect(inText.filter((name) => !declared.includes(name))).toEqual([]);
});

describe('The documents', () => {
  const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`);
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const documents = ['README.md', 'CHANGELOG.md', ...pages.map((name) => `docs/${name}`), ...decisions];

  test.each(documents)('%s: every relative link leads somewhere', (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const path = join(root, dirname(document), target!);
      expect(statSync(path, { throwIfNoEntry: false }), target).toBeDefined();
    }
  });

  test.each(['docs/ARCHITECTURE.md', ...decisions])(
    '%s: every source file that it names is there',
    (document) => {
      const text = readFileSync(join(root, document), 'utf8');
      for (const [, path] of text.matchAll(/`((?:[a-z]+\/)*[a-z-]+\.ts)`/g)) {
        expect(statSync(join(root, 'src', path!), { throwIfNoEntry: false }), path).toBeDefined();
      }
    },
  );
});
