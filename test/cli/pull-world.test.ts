import { describe, expect, test } from 'vitest';
import { world } from '../dataset/world.js';
import { scratchDirectory } from '../support/scratch.js';
import { leftOver, listIn, onWorld, pull, rowsOf } from './support/pull.js';

describe('sluice pull on a world of 200 hosts and 5,000 URLs', () => {
  test('ends with 0, every row has the code that is its fate, and the table of causes is the known one', async () => {
    const there = await world();
    const folder = scratchDirectory();
    const out = `${folder}/out`;
    const list = listIn(folder, there);
    const began = Date.now();
    const { status, stdout, stderr } = await pull([
      list,
      '-o',
      out,
      '--shard-size',
      '1000',
      ...onWorld(there),
    ]);
    expect(stderr.replace(/^\d+ done .*\n/gm, '')).toBe('');
    console.log(Date.now() - began, stderr, stdout.toString());
    expect(status).toBe(0);
    const rows = await rowsOf(out);
    expect(rows).toHaveLength(there.fates.length);
    const wrong = rows.flatMap(({ url, code }, index) => {
      const fate = there.fates[index]!;
      return code === fate.code ? [] : [`${fate.kind}: ${code} instead of ${fate.code} (${url})`];
    });
    expect(wrong).toEqual([]);
    const table = [...stdout.toString().matchAll(/^ {2}([a-z-]+) +(\d+) +[\d.]+ %$/gm)];
    expect(Object.fromEntries(table.map(([, code, times]) => [code, Number(times)]))).toEqual(there.codes);
    expect(leftOver(out)).toEqual([]);
  }, 60_000);
});
