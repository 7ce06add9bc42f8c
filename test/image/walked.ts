/** Runs one walker over bytes, without signature and inspector: for the cases of one format. */

import { expect } from 'vitest';
import { type PictureFacts, Walk, type Walker } from '../../src/image/walk.js';

export type WalkerOf = (walk: Walk, facts: PictureFacts) => Walker;

export interface Walked {
  readonly whole: boolean;
  readonly failure: string | undefined;
  readonly position: number;
  readonly facts: PictureFacts;
}

/** Pushes `file` in chunks of `size` bytes. */
export function walked(walker: WalkerOf, file: Uint8Array, size = Math.max(1, file.length)): Walked {
  const facts: PictureFacts = { width: undefined, height: undefined, inside: '' };
  const walk = new Walk((own) => walker(own, facts));
  for (let at = 0; at < file.length; at += size) walk.push(file.subarray(at, at + size));
  return { whole: walk.whole, failure: walk.failure?.message, position: walk.position, facts };
}

/** Expects that `file` is whole at its last byte and not before, and the same byte by byte. */
export function expectFollowed(walker: WalkerOf, file: Uint8Array): Walked {
  const result = walked(walker, file);
  expect(result).toMatchObject({ whole: true, failure: undefined, position: file.length });
  expect(walked(walker, file, 1)).toEqual(result);
  const cut = walked(walker, file.subarray(0, file.length - 1), 7);
  expect(cut).toMatchObject({ whole: false, failure: undefined, position: file.length - 1 });
  return result;
}

/** Numbers as big-endian fields of `size` bytes. */
export function fields(size: number, ...values: readonly number[]): Buffer {
  const out = Buffer.alloc(size * values.length);
  values.forEach((value, index) => {
    if (size === 8) out.writeBigUInt64BE(BigInt(value), index * 8);
    else out.writeUIntBE(value, index * size, size);
  });
  return out;
}

export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([fields(4, 8 + body.length), Buffer.from(type, 'latin1'), body]);
}

/** A box whose size stands in 64 bits. */
export function wideBox(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([fields(4, 1), Buffer.from(type, 'latin1'), fields(8, 16 + body.length), body]);
}

/** A box that runs to the end of the file. */
export function openBox(type: string, ...content: readonly Uint8Array[]): Buffer {
  return Buffer.concat([fields(4, 0), Buffer.from(type, 'latin1'), ...content]);
}
