import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_TABLE } from '../src/errors.js';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

/** A row of the page: code, phase, exit status, cause, remedy. */
const ROW = /^\| `([a-z-]+)` \| ([a-z-]+) \| (\d+) \| (.+?) \| (.+?) \|$/gm;
const rows = [...page.matchAll(ROW)].map(([, code, phase, status, cause, remedy]) => ({
  code: code!,
  phase: phase!,
  exitCode: Number(status),
  cause: cause!,
  remedy: remedy!,
}));

describe('docs/errors.md', () => {
  test('has one row for each failure of the table, in its order, with its phase and its exit status', () => {
    const failures = Object.entries(ERROR_TABLE).map(([code, { phase, exitCode }]) => ({
      code,
      phase,
      exitCode,
    }));
    expect(rows.map(({ code, phase, exitCode }) => ({ code, phase, exitCode }))).toEqual(failures);
  });

  test('has no row that is not understood', () => {
    const [, ...lines] = page.split('\n').filter((line) => line.startsWith('|'));
    expect(lines).toHaveLength(rows.length + 1);
  });

  test.each(rows)('says in sentences why there is $code, and what to do', ({ cause, remedy }) => {
    for (const text of [cause, remedy]) expect(text).toMatch(/^[A-Z`-].*\.$/);
  });
});

/**
 * A failure counts as provoked where a test, other than this one, names its code in quotes: tests have no other reason to do so than to expect
 * it. What the command exits with is held by test/cli/exit-status.test.ts and by the scenarios of test/hostile/.
 */
describe('Every failure is provoked by a test:', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && name !== 'errors.test.ts')
    .map((name) => readFileSync(join(root, 'test', name), 'utf8'));

  test.each(Object.keys(ERROR_TABLE))('%s', (code) => {
    expect(tests.some((source) => source.includes(`'${code}'`))).toBe(true);
  });
});
