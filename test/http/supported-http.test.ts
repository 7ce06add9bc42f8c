import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/http/limits.js';
import { RULES } from './differences.js';

const page = readFileSync(new URL('../../docs/SUPPORTED-HTTP.md', import.meta.url), 'utf8');

describe('docs/SUPPORTED-HTTP.md', () => {
  it('explains each difference to Node by its name, and no other', () => {
    const [, section = ''] = page.split('## Differences to Node');
    const named = [...section.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it('gives the limits as they are', () => {
    const given = [...page.matchAll(/^\| `([A-Za-z]+)` \| (\d+) \|/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]);
    expect(Object.fromEntries(given)).toEqual(DEFAULT_LIMITS);
  });
});
