import { describe, expect, it } from 'vitest';
import { Fields } from '../../src/http/fields.js';
import { rangeOf } from '../../src/lab/byte-range.js';

const TAG = '"3e8-5f"';

function asked(range: string, ...others: [string, string][]): ReturnType<typeof rangeOf> {
  const fields = new Fields();
  fields.append('Range', range);
  for (const [name, value] of others) fields.append(name, value);
  return rangeOf(fields, 1000, TAG);
}

describe('rangeOf()', () => {
  it.each([
    ['bytes=0-0', { from: 0, to: 1 }],
    ['bytes=200-', { from: 200, to: 1000 }],
    ['BYTES=200-299', { from: 200, to: 300 }],
    ['bytes=990-5000', { from: 990, to: 1000 }],
    ['bytes=-10', { from: 990, to: 1000 }],
    ['bytes=-5000', { from: 0, to: 1000 }],
    ['bytes=1000-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=0-1,5-6', undefined],
    ['bytes=9-3', undefined],
    ['bytes=-', undefined],
    ['bytes=x-', undefined],
    ['lines=0-1', undefined],
  ])('of "%s" is %o', (range, expected) => {
    expect(asked(range)).toEqual(expected);
  });

  it('is the whole where the entity tag of If-Range is not exactly ours', () => {
    expect(asked('bytes=200-', ['If-Range', TAG])).toEqual({ from: 200, to: 1000 });
    expect(asked('bytes=200-', ['If-Range', `W/${TAG}`])).toBeUndefined();
    expect(asked('bytes=200-', ['If-Range', '"other"'])).toBeUndefined();
    expect(asked('bytes=200-', ['If-Range', 'Tue, 24 Nov 2026 10:00:00 GMT'])).toBeUndefined();
  });

  it('is the whole where Range stands twice', () => {
    expect(asked('bytes=200-', ['range', 'bytes=300-'])).toBeUndefined();
  });
});
