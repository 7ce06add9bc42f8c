import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SameBytesCounter } from '../../../src/dataset/pull/same-bytes.js';

describe('SameBytesCounter', () => {
  test('counts exactly as long as there is room for all', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), fc.nat({ max: 5 }), (digests, above) => {
        const counter = new SameBytesCounter();
        const counts = new Map<string, number>();
        for (const digest of digests) {
          counter.add(`${digest}`, `http://127.0.0.1/${digest}`);
          counts.set(`${digest}`, (counts.get(`${digest}`) ?? 0) + 1);
        }
        const expected = [...counts].filter(([, urls]) => urls > above);
        const found = counter.above(above);
        expect(new Map(found.map(({ sha256, urls }) => [sha256, urls]))).toEqual(new Map(expected));
        for (const { sha256, url } of found) expect(url.endsWith(`/${sha256}`)).toBe(true);
      }),
    );
  });

  test('finds what is frequent among many times more digests than there is room for', () => {
    const counter = new SameBytesCounter();
    const pictures = 300_000;
    for (let i = 0; i < pictures; i++)
      counter.add(i % 100 === 0 ? 'placeholder' : `${i}`, 'http://127.0.0.1/');
    const [most, ...others] = counter.above(10);
    expect(most?.sha256).toBe('placeholder');
    expect(most!.urls).toBeLessThanOrEqual(pictures / 100);
    expect(most!.urls).toBeGreaterThanOrEqual(pictures / 100 - pictures / 20_000);
    expect(others).toEqual([]);
  });
});
