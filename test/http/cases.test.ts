import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Case, parseCases, parseWire, writeLog } from './case-file.js';
import { cutAt, cutEvery, replay } from './replay.js';

const FOLDER = new URL('./cases/', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.md') && name !== 'README.md');
const cases = new Map(
  files.map((name) => [name, parseCases(readFileSync(new URL(name, FOLDER), 'utf8'))] as const),
);

/** Whole, cut in two at every place, and at every fixed chunk size. */
function* splits(bytes: Buffer): Generator<[how: string, pieces: Buffer[]]> {
  yield ['whole', [bytes]];
  for (let at = 1; at < bytes.length; at++) yield [`cut at ${at}`, cutAt(bytes, [at])];
  for (let size = 1; size < bytes.length; size++) yield [`in chunks of ${size}`, cutEvery(bytes, size)];
}

function check({ method, bytes, closes, limits, log }: Case): void {
  for (const [how, pieces] of splits(bytes)) {
    expect(writeLog(replay(method, pieces, closes, limits)), how).toBe(log);
  }
}

describe.each([...cases])('ResponseReader, %s:', (_name, list) => {
  it.each(list.map((one) => [one.title, one] as const))('%s', (_title, one) => check(one));
});

describe('the cases', () => {
  const all = [...cases.values()].flat();

  it('are at least 140, and no two make the same claim', () => {
    expect(all.length).toBeGreaterThanOrEqual(140);
    expect(new Set(all.map((one) => one.title)).size).toBe(all.length);
  });

  it('hold accepted replies, each kind of failure, and replies that are not finished', () => {
    const count = (part: string) => all.filter((one) => one.log.includes(part)).length;
    expect(count('complete, ')).toBeGreaterThan(60);
    expect(count('error reply-malformed')).toBeGreaterThan(50);
    expect(count('error cut-short')).toBeGreaterThan(8);
    expect(count('error reply-empty')).toBeGreaterThan(0);
    expect(count('waiting')).toBeGreaterThan(2);
  });
});

describe('parseWire', () => {
  it('ends each line with CR LF, but not after a backslash, nor after an LF', () => {
    expect(parseWire('a\nb\\\nc\\n\n\\\\\n').toString('latin1')).toBe('a\r\nbc\n\\\r\n');
  });

  it('knows \\r, \\n, \\t, \\0 and \\xHH, and refuses any other escape', () => {
    expect(parseWire('\\r\\n\\t\\0\\x80\\\n').toString('latin1')).toBe('\r\n\t\0\x80');
    expect(() => parseWire('\\q\n')).toThrow('\\q is no escape.');
    expect(() => parseWire('\u00e9\n')).toThrow('as escapes');
  });
});

describe('parseCases', () => {
  const http = '```http close\nHTTP/1.0 200 OK\n\n```\n\n```log\nwaiting\n```\n';

  it('reads the request, the limits, the end of the connection and the reason', () => {
    const [one] = parseCases(
      `# Topic\n\n## A claim\n\nA reason.\n\nRequest: HEAD\n\nLimits: fieldCount 2\n\n${http}`,
    );
    expect(one).toMatchObject({
      title: 'A claim',
      reason: 'A reason.',
      method: 'HEAD',
      closes: true,
      log: 'waiting',
    });
    expect(one?.limits.fieldCount).toBe(2);
    expect(one?.bytes.toString('latin1')).toBe('HTTP/1.0 200 OK\r\n\r\n');
  });

  it('refuses a case without a reason, without a log, or with an unknown limit', () => {
    expect(() => parseCases(`## A claim\n\n${http}`)).toThrow('reason');
    expect(() => parseCases('## A claim\n\nA reason.\n')).toThrow('notation');
    expect(() => parseCases(`## A claim\n\nA reason.\n\nLimits: lines 2\n\n${http}`)).toThrow(
      'sets no limit',
    );
  });
});
