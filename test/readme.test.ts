import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const cover = readFileSync(join(root, 'assets/cover.jpg'));

/** The fenced blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1]!,
  );
}

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
  return run(process.execPath, [join(root, 'dist/cli.js'), ...args.slice(2)]);
}

describe('README', () => {
  const commands = blocks('sh')
    .map((block) => block.trim())
    .filter((block) => block.startsWith('npx sluice'));

  test('its first block holds the two commands', () => {
    expect(blocks('sh')[0]).toMatch(/^npm ci && npm run demo .*\nnpm ci && npm test /);
  });

  test('has a command for getting, seeing, judging and reading', () => {
    expect(commands).toHaveLength(4);
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

  test('the example of the library runs as it stands', async () => {
    const example = blocks('js')[0]!.replace('127.0.0.1:8080', `127.0.0.1:${port}`);
    writeFileSync(join(scratch, 'example.mjs'), example);
    const { status, stdout, stderr } = await run(process.execPath, ['example.mjs']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^image\/jpeg \d+ \d+ (unknown|sender|receiver)\n$/);
    expect(statSync(join(scratch, 'cover.jpg')).size).toBe(cover.length);
  });

  test('every relative link leads somewhere', () => {
    for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(statSync(join(root, target!), { throwIfNoEntry: false }), target).toBeDefined();
    }
  });
});
