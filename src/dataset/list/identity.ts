import type { Wanted } from './columns.js';
import type { ListFormat } from './format.js';
import type { Source } from './source.js';

/** What tells that a later call has the same list: plain JSON. */
export interface ListIdentity {
  readonly files: readonly FileIdentity[];
  readonly urlCol: string;
  readonly captionCol: string | null;
  readonly columns: readonly string[];
}

/** One file, by its base name: a list that was moved as a whole is still the same. */
export interface FileIdentity {
  readonly name: string;
  readonly format: ListFormat;
  /** Bytes, as they are stored. Null, as the digest, for standard input (a FIFO, a device) that was not read to its end. */
  readonly size: number | null;
  /** Milliseconds since 1970; null for standard input. */
  readonly modifiedMs: number | null;
  /** Of all bytes, in hexadecimal: of standard input alone, which has nothing else to be known by. */
  readonly sha256: string | null;
}

/** What came from standard input, all of it. */
export interface Read {
  readonly size: number;
  readonly sha256: string;
}

export function identityOf(
  sources: readonly Source[],
  wanted: Wanted,
  read: ReadonlyMap<Source, Read>,
): ListIdentity {
  return {
    files: sources.map((source) => ({
      name: source.name,
      format: source.format,
      size: source.stored?.size ?? read.get(source)?.size ?? null,
      modifiedMs: source.stored?.modifiedMs ?? null,
      sha256: read.get(source)?.sha256 ?? null,
    })),
    urlCol: wanted.url,
    captionCol: wanted.caption,
    columns: wanted.kept,
  };
}

/**
 * What differs between the list as it was and as it is, in words that follow one another; none where it is the same. Standard input that was not
 * read to its end, then or now, counts as the same: nothing is known of it.
 */
export function differencesOf(was: ListIdentity, is: ListIdentity): string[] {
  const differences: string[] = [];
  const tell = (what: string, then: unknown, now: unknown) => {
    if (then !== now) differences.push(`${what} is ${now}, was ${then}`);
  };
  tell('the number of its files', was.files.length, is.files.length);
  if (was.files.length === is.files.length) {
    for (const [index, file] of is.files.entries()) differences.push(...ofFile(was.files[index]!, file));
  }
  tell('the column of the URLs', JSON.stringify(was.urlCol), JSON.stringify(is.urlCol));
  tell('the column of the captions', shownColumn(was.captionCol), shownColumn(is.captionCol));
  tell('the list of the columns to keep', shownColumns(was.columns), shownColumns(is.columns));
  return differences;
}

function ofFile(was: FileIdentity, is: FileIdentity): string[] {
  if (was.name !== is.name) return [`${is.name} stands where ${was.name} was`];
  if (was.format !== is.format) return [`${is.name} is read as ${is.format}, was as ${was.format}`];
  const known = was.size !== null && is.size !== null;
  if (known && was.size !== is.size) return [`${is.name} has ${is.size} bytes, had ${was.size}`];
  if (was.modifiedMs !== is.modifiedMs)
    return [`${is.name} was written ${shownTime(is.modifiedMs)}, then ${shownTime(was.modifiedMs)}`];
  return known && was.sha256 !== is.sha256 ? [`${is.name} has the same size, but other bytes`] : [];
}

function shownColumn(name: string | null): string {
  return name === null ? 'none' : JSON.stringify(name);
}

function shownColumns(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => JSON.stringify(name)).join(', ');
}

function shownTime(ms: number | null): string {
  return ms === null ? 'at no known time' : new Date(ms).toISOString();
}
