/** Rows of a list with what became of them. */

import type { Outcome, OutcomeCode, Picture } from '../../../src/dataset/outcome.js';

/** A row that succeeded, but for what is said otherwise. */
export function outcomeOf(index: number, differs: Partial<Outcome> = {}): Outcome {
  return {
    row: { index, url: `http://127.0.0.1/${index}.jpg`, caption: `Nr. ${index}`, columns: {} },
    status: 'success',
    code: null,
    phase: null,
    errorMessage: null,
    httpStatus: 200,
    attempts: 1,
    ms: 12.5,
    finalUrl: `http://127.0.0.1/${index}.jpg`,
    address: '127.0.0.1',
    mediaType: 'image/jpeg',
    width: 70,
    height: 46,
    originalWidth: 70,
    originalHeight: 46,
    bytes: bytesOf(index).length,
    sha256: 'ab'.repeat(32),
    ...differs,
  };
}

/** One that failed. */
export function failureOf(index: number, code: OutcomeCode = 'http-status'): Outcome {
  const none = { mediaType: null, width: null, height: null, originalWidth: null, originalHeight: null };
  const said = { errorMessage: `It failed with ${code}.`, phase: 'receive', httpStatus: 404 } as const;
  const status = code === 'resize-failed' ? 'failed_to_resize' : 'failed_to_download';
  return outcomeOf(index, { ...none, ...said, status, code, bytes: 0, sha256: null });
}

/** Bytes of a picture, of a length and a content that tell it from others; they begin as a JPEG does. */
export function bytesOf(index: number, length = 1 + ((index * 7919) % 5000)): Buffer {
  const bytes = Buffer.alloc(length + 8, index % 251);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  bytes.writeUInt32BE(index, 4);
  return bytes;
}

export function pictureOf(index: number): Picture {
  return { bytes: bytesOf(index), extension: 'jpg' };
}

/** Every third row failed, by turns in one of three ways. */
export function mixedOutcome(index: number): Outcome {
  if (index % 3 !== 0) return outcomeOf(index);
  const codes: OutcomeCode[] = ['http-status', 'timeout-total', 'resize-failed'];
  return failureOf(index, codes[(index / 3) % 3]!);
}

export function mixedPicture(index: number): Picture | undefined {
  return index % 3 === 0 ? undefined : pictureOf(index);
}
