import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { removeFile } from './remove-file.js';

/** Which body a part is of: what a later run needs to ask for the rest of the very same bytes. */
export interface PartIdentity {
  /** As it was asked for, without a name and password. */
  readonly url: string;
  /** A strong validator (RFC 9110 §8.8): an ETag or a Last-Modified. */
  readonly validator: string;
  /** Bytes of the whole; undefined where the server did not say. */
  readonly total: number | undefined;
}

/** What lies beside `FILE.part` as `FILE.part.json`. */
export interface PartRecord extends PartIdentity {
  /** sluice chose the name: the file must not replace another. */
  readonly chosen: boolean;
  /** The part's inode: a record says nothing of any other file that has got its name. */
  readonly inode: number;
  /** The system's start: what was written before a power cut may be there by length only. Null where the system does not tell. */
  readonly boot: string | null;
}

/** The path of a part's record. */
export function recordPath(part: string): string {
  return `${part}.json`;
}

function unfinishedPath(part: string): string {
  return `${recordPath(part)}.new`;
}

/** Keeps a record; what the name held before is replaced at once. */
export function writeRecord(part: string, record: PartRecord): void {
  writeFileSync(unfinishedPath(part), `${JSON.stringify(record)}\n`);
  renameSync(unfinishedPath(part), recordPath(part));
}

/** The record of a part; undefined where there is none, or it can't be believed. */
export function readRecord(part: string): PartRecord | undefined {
  let record: unknown;
  try {
    record = JSON.parse(readFileSync(recordPath(part), 'utf8'));
  } catch {
    return undefined; // None, or not ours: the part is then begun again.
  }
  return isRecord(record) ? record : undefined;
}

/** Takes a part's record away, if there is one, and what a killed run left of writing it. */
export function removeRecord(part: string): void {
  removeFile(recordPath(part));
  removeFile(unfinishedPath(part));
}

/** What tells this start of the system from others; null where it does not say. */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return null; // Not Linux: a part is then believed as it lies there.
  }
}

function isRecord(value: unknown): value is PartRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { url, validator, total, chosen, inode, boot } = value as Record<string, unknown>;
  return (
    typeof url === 'string' &&
    typeof validator === 'string' &&
    (total === undefined || Number.isSafeInteger(total)) &&
    typeof chosen === 'boolean' &&
    Number.isSafeInteger(inode) &&
    (boot === null || typeof boot === 'string')
  );
}
