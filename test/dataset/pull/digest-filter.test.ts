import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DigestFilter } from '../../../src/dataset/pull/digest-filter.js';

/** More than the first of its filters has room for. */
const ADDED = 1_000_000;
const OTHERS = 20_000;

const digestOf = (n: number) => hash('sha256', String(n), 'base64url').slice(0, 22);

test('DigestFilter never takes a digest for new that was added, and few for known that were not', () => {
  const filter = new DigestFilter();
  for (let n = 0; n < ADDED; n++) filter.add(digestOf(n));
  let forgotten = 0;
  for (let n = 0; n < ADDED; n += 7) if (!filter.mayHold(digestOf(n))) forgotten++;
  let mistaken = 0;
  for (let n = ADDED; n < ADDED + OTHERS; n++) if (filter.mayHold(digestOf(n))) mistaken++;
  expect(forgotten).toBe(0);
  expect(mistaken).toBeGreaterThan(0);
  expect(mistaken / OTHERS).toBeLessThan(0.03);
}, 60_000);
