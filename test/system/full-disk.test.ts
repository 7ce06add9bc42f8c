import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const cli = join(import.meta.dirname, '../../dist/cli.cjs');
const parent = mkdtempSync(join(tmpdir(), 'sluice-full-disk-'));
const disk = join(parent, 'disk');
const BODY_BYTES = 4 * 1024 * 1024;
const PICTURE = readFileSync(join(import.meta.dirname, '../../assets/cover.jpg'));
let server: Server;
let url: string;

beforeAll(async () => {
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  server = createServer((request, response) => {
    if (request.url?.startsWith('/picture')) {
      response.end(PICTURE);
      return;
    }
    response.setHeader('Content-Type', 'application/octet-stream');
    response.end(Buffer.alloc(BODY_BYTES, 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/large.bin`;
});

afterAll(() => {
  server.close();
  execFileSync('umount', [disk]);
  rmdirSync(disk);
  rmSync(parent, { recursive: true });
});

function get(...args: string[]) {
  return sluice('get', ...args);
}

function sluice(...args: string[]): Promise<{ status: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: disk,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stderr }));
  });
}

test('a full disk: status 23, one sentence with the reason, nothing left behind', async () => {
  const { status, stderr } = await get(url);
  expect(stderr).toMatch(/^sluice: .*the disk is full\.\n$/);
  expect(status).toBe(23);
  expect(readdirSync(disk)).toEqual([]);
});

test('a full disk: the older file stays as it was', async () => {
  const file = join(disk, 'older.bin');
  writeFileSync(file, 'older');
  const { status } = await get(url, '-o', file);
  expect(status).toBe(23);
  expect(readFileSync(file, 'utf8')).toBe('older');
  expect(readdirSync(disk)).toEqual(['older.bin']);
});

test('a full disk with -C: nothing is kept that could only be filled up again', async () => {
  const { status } = await get(url, '-C', '-o', join(disk, 'cover.bin'));
  expect(status).toBe(23);
  expect(readdirSync(disk)).toEqual(['older.bin']);
});

test('a read-only file system: status 23, one sentence with the reason', async () => {
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  try {
    for (const args of [[], ['-o', join(disk, 'older.bin')], ['-d', join(disk, 'new')]]) {
      const { status, stderr } = await get(url, ...args);
      expect(stderr).toMatch(/^sluice: .*the file system is read-only\.\n$/);
      expect(status).toBe(23);
    }
    expect(readFileSync(join(disk, 'older.bin'), 'utf8')).toBe('older');
  } finally {
    execFileSync('mount', ['-o', 'remount,rw', disk]);
  }
});

test('a full disk in the middle of a data set: status 23, one sentence, and with room the same command goes on', async () => {
  rmSync(join(disk, 'older.bin'));
  const origin = new URL(url).origin;
  // The index of URLs needs some room of its own.
  execFileSync('mount', ['-o', 'remount,size=4m', disk]);
  const pictures = Math.ceil((8 * 1024 * 1024) / PICTURE.length);
  const list = join(parent, 'urls.txt');
  writeFileSync(list, Array.from({ length: pictures }, (_, i) => `${origin}/picture/${i}\n`).join(''));
  const args = ['pull', list, '-o', join(disk, 'out'), '--allow', '127.0.0.1', '--threads', '2'];
  const { status, stderr } = await sluice(...args);
  expect(stderr).toMatch(/^sluice: .*the disk is full\.\n$/);
  expect(status).toBe(23);
  execFileSync('mount', ['-o', 'remount,size=64m', disk]);
  expect(await sluice(...args, '-q')).toEqual({ status: 0, stderr: '' });
  const stats = JSON.parse(readFileSync(join(disk, 'out/00000_stats.json'), 'utf8')) as { successes: number };
  expect(stats.successes).toBe(pictures);
});

test('a data set on a read-only file system: status 23, one sentence with the reason', async () => {
  const list = join(parent, 'urls.txt');
  writeFileSync(list, `${url}\n`);
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  try {
    const { status, stderr } = await sluice('pull', list, '-o', join(disk, 'other'), '--allow', '127.0.0.1');
    expect(stderr).toMatch(/^sluice: .*the file system is read-only\.\n$/);
    expect(status).toBe(23);
  } finally {
    execFileSync('mount', ['-o', 'remount,rw', disk]);
  }
});
