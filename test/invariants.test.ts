import { describe, expect, test } from 'vitest';
import { brokenReference, claimsOf, holdsTitle } from './support/claims.js';

describe.each([
  ['docs/INVARIANTS.md', 25],
  ['docs/SECURITY.md', 15],
])('%s', (page, least) => {
  const claims = claimsOf(page);

  test('numbers its paragraphs from 1, and each names a test', () => {
    expect(claims.map(({ number }) => number)).toEqual(claims.map((_, index) => index + 1));
    expect(claims.length).toBeGreaterThanOrEqual(least);
    expect(claims.filter(({ references }) => references.length === 0)).toEqual([]);
  });

  test.each(claims)('$number is held by tests that are there', ({ references }) => {
    expect(references.map(brokenReference).filter((problem) => problem !== undefined)).toEqual([]);
  });
});

test('A title that is not there would be told', () => {
  expect(holdsTitle('test/save/file-name.test.ts', 'numbered()')).toBe(true);
  expect(holdsTitle('test/save/file-name.test.ts', 'numbered')).toBe(false);
  expect(holdsTitle('test/http/cases/chunked.md', 'Chunks are')).toBe(false);
  expect(holdsTitle('test/hostile/bombs.ts', 'gzipBomb')).toBe(false);
  expect(holdsTitle('test/hostile/resets.ts', 'A reset in the body is a receive error')).toBe(true);
});
