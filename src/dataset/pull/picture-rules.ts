import { createHash } from 'node:crypto';
import type { Receipt } from '../../retrieval/receipt.js';
import type { ListRow } from '../row.js';
import type { RowPolicy } from './policy.js';
import { RowFailure } from './row-failure.js';

/** Holds a picture's dimensions against `--min-size` and `--max-aspect`. Throws `size-unwanted`. */
export function checkPicture({ width, height }: Receipt, { minSize, maxAspect }: RowPolicy): void {
  if (width === null || height === null || (minSize === undefined && maxAspect === undefined)) return;
  const [shorter, longer] = width < height ? [width, height] : [height, width];
  const size = `The picture is ${width} x ${height} pixels`;
  if (minSize !== undefined && shorter < minSize)
    throw new RowFailure('size-unwanted', 'policy', `${size}, below the least side of ${minSize}.`);
  if (maxAspect !== undefined && longer > maxAspect * shorter)
    throw new RowFailure('size-unwanted', 'policy', `${size}, beyond the aspect of ${maxAspect} to 1.`);
}

/** Throws `placeholder` where the bytes are known to stand in the place of many pictures. */
export function checkPlaceholder({ sha256 }: Receipt, { placeholders }: RowPolicy): void {
  if (sha256 === null || !placeholders.includes(sha256)) return;
  throw new RowFailure(
    'placeholder',
    'policy',
    'The bytes are those of a placeholder, which --drop-placeholders names.',
  );
}

/** Holds the bytes against the digest that the list says. Throws `hash-mismatch`; a row without a digest is not held against any. */
export function checkHash(
  row: ListRow,
  bytes: Uint8Array,
  { sha256 }: Receipt,
  { verifyHash }: RowPolicy,
): void {
  if (verifyHash === undefined) return;
  const { column, algorithm } = verifyHash;
  const expected = row.columns[column];
  if (expected === null || expected === undefined || expected === '') return;
  const found = algorithm === 'sha256' ? sha256 : createHash('md5').update(bytes).digest('hex');
  if (String(expected).trim().toLowerCase() === found) return;
  throw new RowFailure(
    'hash-mismatch',
    'policy',
    `The ${algorithm} of the bytes is ${found}, and the list says ${JSON.stringify(expected)}.`,
  );
}
