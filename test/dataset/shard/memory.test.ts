import { expect, test } from 'vitest';
import { childWith } from '../../support/child.js';
import { scratchDirectory } from '../../support/scratch.js';

const ROWS = 10_000;
const PICTURE_BYTES = 24_000;
/** Node alone needs 45 to 50 MB; the rest is what its collector lets lie. */
const MOST_MEMORY = (ROWS * PICTURE_BYTES * 3) / 4;

const MEASURE = `
const [directory, format, rows, bytes] = process.argv.slice(1);
console.log(JSON.stringify(await sluice.measured(directory, format, Number(rows), Number(bytes))));`;

// As files no picture is ever kept.
test.each(['webdataset', 'parquet'])(
  `a shard of ${ROWS} pictures of 24 KB as %s needs less memory than they`,
  { timeout: 120_000 },
  async (format) => {
    const args = [scratchDirectory(), format, String(ROWS), String(PICTURE_BYTES)];
    const { ended } = await childWith(new URL('../support/storing.ts', import.meta.url), MEASURE, ...args);
    const { stdout, stderr } = await ended;
    expect(stderr).toBe('');
    const { storing, finishing, memory } = JSON.parse(stdout) as Record<string, number>;
    console.log(
      `${format}: ${(storing! / ROWS).toFixed(3)} ms a row, then ${finishing!.toFixed(0)} ms, ${(memory! / 1e6).toFixed(0)} MB`,
    );
    expect(memory).toBeLessThan(MOST_MEMORY);
  },
);
