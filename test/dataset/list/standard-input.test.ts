import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { listProcess } from './list-process.js';
import { writtenFile } from './listed.js';

/** Prints the rows of standard input (after the files in `args`), and what the list was. */
const LIST = `
const [, options, ...sources] = process.argv;
const list = await openList([...sources, '-'], JSON.parse(options));
const rows = [];
try {
  for await (const batch of list.rows()) rows.push(...batch);
} catch (error) {
  console.error(error.message);
  process.exitCode = error.exitCode;
}
console.log(JSON.stringify({ rows, identity: list.identity() }));
`;

async function listedBy(input: string | Buffer, options = {}, ...sources: string[]) {
  const { process: child, ended } = await listProcess(LIST, JSON.stringify(options), ...sources);
  child.stdin.end(input);
  const { code, stdout, stderr } = await ended;
  return {
    code,
    stderr,
    ...(JSON.parse(stdout) as { rows: { url: string }[]; identity: { files: object[] } }),
  };
}

describe('Standard input', () => {
  test('is a list in txt, and known by the digest of its bytes', async () => {
    const input = 'http://a.test/\n\nhttp://b.test/';
    const { code, stderr, rows, identity } = await listedBy(input);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(rows.map(({ url }) => url)).toEqual(['http://a.test/', 'http://b.test/']);
    expect(identity.files).toEqual([
      {
        name: 'standard input',
        format: 'txt',
        size: input.length,
        modifiedMs: null,
        sha256: createHash('sha256').update(input).digest('hex'),
      },
    ]);
  });

  test('may have another format, be packed, and stand among files', async () => {
    const file = writtenFile('first.csv', 'url,w\nhttp://a.test/,1\n');
    const input = gzipSync('w,url\n2,http://b.test/\n');
    const { rows, identity } = await listedBy(input, { inputFormat: 'csv', columns: ['w'] }, file);
    expect(rows).toMatchObject([
      { index: 0, url: 'http://a.test/', columns: { w: '1' } },
      { index: 1, url: 'http://b.test/', columns: { w: '2' } },
    ]);
    expect(identity.files[1]).toMatchObject({
      format: 'csv',
      size: input.length,
      sha256: createHash('sha256').update(input).digest('hex'),
    });
  });

  test('may be empty, and a file', async () => {
    expect(await listedBy('')).toMatchObject({ code: 0, rows: [], identity: { files: [{ size: 0 }] } });
    const { process: child, ended } = await listProcess(LIST, '{}');
    createReadStream(writtenFile('list', 'http://a.test/\n')).pipe(child.stdin);
    expect(JSON.parse((await ended).stdout)).toMatchObject({ rows: [{ url: 'http://a.test/' }] });
  });

  test('may begin byte by byte', async () => {
    const { process: child, ended } = await listProcess(LIST, '{}');
    const input = gzipSync('http://a.test/\n');
    for (const byte of input) {
      child.stdin.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.stdin.end();
    expect(JSON.parse((await ended).stdout)).toMatchObject({ rows: [{ url: 'http://a.test/' }] });
  });

  test('that is cut fails after the rows before, and is not known', async () => {
    const packed = gzipSync(`${'http://a.test/\n'.repeat(1000)}`, { level: 0 });
    const { code, stderr, rows, identity } = await listedBy(packed.subarray(0, 10_000));
    expect(code).toBe(26);
    expect(stderr).toMatch(
      /^The list standard input could not be read: after \d+ rows, its compressed data is cut short\.\n$/,
    );
    expect(rows.length).toBeGreaterThan(500);
    expect(identity.files).toMatchObject([{ size: null, sha256: null }]);
  });

  test('gives rows as they come, and keeps no process that wants no more of them', async () => {
    const { process: child, ended } = await listProcess(`
      const list = await openList(['-']);
      for await (const rows of list.rows()) {
        console.log(rows.map(({ url }) => url).join());
        if (rows.some(({ url }) => url === 'enough')) break;
      }
    `);
    const printed = new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdin.write('http://a.test/\nhttp://b.');
    expect(String(await printed)).toBe('http://a.test/\n');
    // Not ended, and still the process ends.
    child.stdin.write('test/\nenough\n');
    expect(await ended).toEqual({ code: 0, stdout: 'http://a.test/\nhttp://b.test/,enough\n', stderr: '' });
  });

  test('is read no further than rows are asked for', async () => {
    const { process: child, ended } = await listProcess(`
      const rows = (await openList(['-'])).rows();
      const first = await rows.next();
      const goOn = new Promise((resolve) => process.once('SIGUSR2', resolve));
      console.log('first');
      // It is no reason to live on.
      const alive = setInterval(() => {}, 1000);
      await goOn;
      clearInterval(alive);
      let count = first.value.length;
      for await (const batch of rows) count += batch.length;
      console.log(count);
    `);
    const input = Buffer.from('http://a.test/\n'.repeat(1_000_000));
    const printed = new Promise((resolve) => child.stdout.once('data', resolve));
    for (let at = 0; at < input.length; at += 1 << 16) child.stdin.write(input.subarray(at, at + (1 << 16)));
    child.stdin.end();
    await printed;
    await new Promise((resolve) => setTimeout(resolve, 150));
    const waiting = child.stdin.writableLength;
    child.kill('SIGUSR2');
    // What the pipe and the two ends of it hold is less than a megabyte.
    expect(waiting).toBeGreaterThan(input.length - 1_000_000);
    expect(await ended).toMatchObject({ code: 0, stdout: 'first\n1000000\n' });
  });
});
