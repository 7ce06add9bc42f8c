import type { ErrorCode, Phase } from '../errors.js';
import type { ListRow } from './row.js';

/** What became of a row, in the words of img2dataset, so that notebooks that count them go on to work. */
export type RowStatus = 'success' | 'failed_to_download' | 'failed_to_resize';

/** Failures that only a list has, beside those of one retrieval (`errors.ts`). */
export const ROW_ERROR_CODES = [
  /** The line of the list could not be read. */
  'line-malformed',
  /** It was never asked for: its host gave nothing but failures, or wants to be left alone, for too long. */
  'host-given-up',
  /** X-Robots-Tag or robots.txt says that the picture is not for data sets. */
  'opt-out',
  /** The bytes have not the digest that the list says. */
  'hash-mismatch',
  /** Below `--min-size`, or above `--max-aspect`. */
  'size-unwanted',
  /** The bytes are those of a placeholder that was named. */
  'placeholder',
  /** It could not be resized or encoded. */
  'resize-failed',
] as const;

export type RowErrorCode = (typeof ROW_ERROR_CODES)[number];

/** A closed set: each cause has a code of its own. */
export type OutcomeCode = ErrorCode | RowErrorCode;

/** What is known of a row when it is done with: one line of the metadata. Times in milliseconds, sizes in bytes and pixels. */
export interface Outcome {
  readonly row: ListRow;
  readonly status: RowStatus;
  /** Null where it succeeded, like the three after it. */
  readonly code: OutcomeCode | null;
  readonly phase: Phase | 'list' | 'policy' | 'encode' | null;
  readonly errorMessage: string | null;
  /** Of the last response; null where none came. */
  readonly httpStatus: number | null;
  readonly attempts: number;
  readonly ms: number;
  readonly finalUrl: string | null;
  readonly address: string | null;
  /** From the bytes. */
  readonly mediaType: string | null;
  /** Of the picture as it is stored. */
  readonly width: number | null;
  readonly height: number | null;
  /** Of the picture as it came. */
  readonly originalWidth: number | null;
  readonly originalHeight: number | null;
  /** Of the body as it came, and as it is stored where it was not encoded anew. */
  readonly bytes: number;
  /** Of the bytes as they came, in hexadecimal. */
  readonly sha256: string | null;
}

/** The picture of a row that succeeded: the bytes to store, and the extension that is theirs. */
export interface Picture {
  readonly bytes: Uint8Array;
  /** Without a dot. */
  readonly extension: string;
}
