/** Pages whose numbered paragraphs each name the tests that hold them: `docs/INVARIANTS.md`, `docs/SECURITY.md`. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SCENARIOS } from '../hostile/scenarios.js';

const root = join(import.meta.dirname, '../..');

/** One numbered paragraph and what is said to hold it. */
export interface Claim {
  readonly number: number;
  readonly references: readonly string[];
}

const REFERENCE = /^`(test\/[\w/.-]+\.(?:ts|md))` > "(.+)"$/;

/** The numbered paragraphs of a page. */
export function claimsOf(path: string): Claim[] {
  const page = readFileSync(join(root, path), 'utf8');
  return page
    .split(/^(?=\d+\. )/m)
    .slice(1)
    .map((text) => ({
      number: Number.parseInt(text, 10),
      references: [...text.matchAll(/^ +- (.*)$/gm)].map(([, reference]) => reference!),
    }));
}

/** What is wrong with a reference; undefined where its test is there. */
export function brokenReference(reference: string): string | undefined {
  const [, file, title] = REFERENCE.exec(reference) ?? [];
  if (file === undefined || title === undefined) return `not \`file\` > "title": ${reference}`;
  if (statSync(join(root, file), { throwIfNoEntry: false }) === undefined) return `no such file: ${file}`;
  return holdsTitle(file, title) ? undefined : `no such test: ${reference}`;
}

/** Whether `title` is, as it stands in the source, the first argument of a call in a test, the heading of a case, or the name of a scenario that is run. */
export function holdsTitle(file: string, title: string): boolean {
  const source = readFileSync(join(root, file), 'utf8');
  const literal = escaped(title);
  if (file.endsWith('.md')) return new RegExp(`^## ${literal}$`, 'm').test(source);
  if (file.endsWith('.test.ts')) return new RegExp(`\\(\\s*(['"\`])${literal}\\1,`).test(source);
  return source.includes(title) && names.some((name) => matchesTemplate(name, title));
}

const names = Object.values(SCENARIOS).flatMap((scenarios) => scenarios.map(({ name }) => name));

/** Whether `name` can have come of `template`, where `${...}` stands for anything. */
function matchesTemplate(name: string, template: string): boolean {
  const parts = template.split(/\$\{[^}]*\}/).map(escaped);
  return new RegExp(`^${parts.join('.+')}$`).test(name);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
