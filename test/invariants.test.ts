import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/INVARIANTS.md'), 'utf8');

/** One numbered paragraph and what is said to hold it. */
interface Invariant {
  readonly number: number;
  readonly references: readonly string[];
}

const REFERENCE = /^`(test\/[\w/.-]+\.(?:test\.ts|md))` > "(.+)"$/;

const invariants: Invariant[] = page
  .split(/^(?=\d+\. )/m)
  .slice(1)
  .map((text) => ({
    number: Number.parseInt(text, 10),
    references: [...text.matchAll(/^ +- (.*)$/gm)].map(([, reference]) => reference!),
  }));

/** Whether `title` is the first argument of a call in a test's source, or the heading of a case. */
function holdsTitle(file: string, title: string): boolean {
  const source = readFileSync(join(root, file), 'utf8');
  const literal = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = file.endsWith('.md')
    ? new RegExp(`^## ${literal}$`, 'm')
    : new RegExp(`\\(\\s*(['"\`])${literal}\\1,`);
  return found.test(source);
}

describe('docs/INVARIANTS.md', () => {
  test('numbers its paragraphs from 1, and each names a test', () => {
    expect(invariants.map(({ number }) => number)).toEqual(invariants.map((_, index) => index + 1));
    expect(invariants.length).toBeGreaterThanOrEqual(25);
    expect(invariants.filter(({ references }) => references.length === 0)).toEqual([]);
  });

  test.each(invariants)('$number is held by tests that are there', ({ references }) => {
    for (const reference of references) {
      const [, file, title] = REFERENCE.exec(reference) ?? [];
      if (file === undefined || title === undefined) throw new Error(`not \`file\` > "title": ${reference}`);
      expect(statSync(join(root, file), { throwIfNoEntry: false }), file).toBeDefined();
      expect(holdsTitle(file, title), reference).toBe(true);
    }
  });

  test('would be told of a title that is not there', () => {
    expect(holdsTitle('test/save/file-name.test.ts', 'numbered()')).toBe(true);
    expect(holdsTitle('test/save/file-name.test.ts', 'numbered')).toBe(false);
    expect(holdsTitle('test/http/cases/chunked.md', 'Chunks are')).toBe(false);
  });
});
