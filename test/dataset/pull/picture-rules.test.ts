import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkHash, checkPicture } from '../../../src/dataset/pull/picture-rules.js';
import type { RowPolicy } from '../../../src/dataset/pull/policy.js';
import type { Cell } from '../../../src/dataset/row.js';
import type { Receipt } from '../../../src/retrieval/receipt.js';

const side = fc.integer({ min: 1, max: 20_000 });

function codeOf(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

describe('checkPicture', () => {
  const check = (width: number | null, height: number | null, policy: Partial<RowPolicy>) =>
    codeOf(() => checkPicture({ width, height } as Receipt, policy as RowPolicy));

  test('wants the smaller side, whichever it is, to be at least so long', () => {
    fc.assert(
      fc.property(side, side, side, (width, height, minSize) => {
        const expected = Math.min(width, height) >= minSize ? null : 'size-unwanted';
        expect(check(width, height, { minSize })).toBe(expected);
        expect(check(height, width, { minSize })).toBe(expected);
      }),
    );
  });

  test('wants the longer side to be at most so many times the shorter', () => {
    fc.assert(
      fc.property(side, fc.integer({ min: 1, max: 50 }), (shorter, ratio) => {
        expect(check(shorter, shorter * ratio, { maxAspect: ratio })).toBe(null);
        expect(check(shorter * ratio + 1, shorter, { maxAspect: ratio })).toBe('size-unwanted');
      }),
    );
  });

  test('does not judge what has no dimensions, nor where nothing is wanted', () => {
    expect(check(null, null, { minSize: 100, maxAspect: 1 })).toBe(null);
    expect(check(1, 9999, {})).toBe(null);
  });
});

describe('checkHash', () => {
  const check = (cell: Cell | undefined, bytes: Uint8Array, algorithm: 'sha256' | 'md5') => {
    const row = { index: 0, url: '', caption: null, columns: cell === undefined ? {} : { digest: cell } };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const policy = { verifyHash: { column: 'digest', algorithm } } as RowPolicy;
    return codeOf(() => checkHash(row, bytes, { sha256 } as Receipt, policy));
  };

  test('takes the digest of the bytes, in any case, and no other', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.uint8Array(),
        fc.constantFrom('sha256' as const, 'md5' as const),
        fc.boolean(),
        (bytes, others, algorithm, upper) => {
          const digest = createHash(algorithm).update(bytes).digest('hex');
          expect(check(upper ? ` ${digest.toUpperCase()} ` : digest, bytes, algorithm)).toBe(null);
          const same = Buffer.compare(bytes, others) === 0;
          expect(check(digest, others, algorithm)).toBe(same ? null : 'hash-mismatch');
        },
      ),
    );
  });

  test.each([null, '', undefined])('holds a row whose digest is %j against nothing', (cell) => {
    expect(check(cell, Buffer.from('x'), 'md5')).toBe(null);
  });

  test.each([0, true, 'zz'])('takes %j for no digest of anything', (cell) => {
    expect(check(cell, Buffer.from('x'), 'md5')).toBe('hash-mismatch');
  });
});
