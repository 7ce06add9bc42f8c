import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ListOptions, openList } from '../../../src/dataset/list/list.js';
import { textReader } from '../../../src/dataset/list/text-readers.js';
import type { ListRow } from '../../../src/dataset/row.js';
import { SluiceError } from '../../../src/errors.js';
import { scratchDirectory } from '../../support/scratch.js';

export interface Listed {
  readonly rows: readonly ListRow[];
  /** What the list ended with, after those rows. */
  readonly failure: SluiceError | undefined;
}

/** All rows of a list, and how it ended. */
export async function listed(
  sources: string | readonly string[],
  options: ListOptions = {},
): Promise<Listed> {
  const rows: ListRow[] = [];
  try {
    const list = await openList(typeof sources === 'string' ? [sources] : sources, options);
    for await (const batch of list.rows()) rows.push(...batch);
    return { rows, failure: undefined };
  } catch (error) {
    if (error instanceof SluiceError) return { rows, failure: error };
    throw error;
  }
}

/** The rows of a text, read in pieces of `size` bytes. */
export function readIn(
  size: number,
  format: 'txt' | 'csv' | 'tsv' | 'json' | 'jsonl',
  text: Buffer | string,
  { urlCol = 'url', captionCol = null as string | null, columns = [] as readonly string[] } = {},
): { rows: ListRow[]; failure: string | undefined } {
  const bytes = Buffer.from(text);
  const wanted = { url: urlCol, caption: captionCol, kept: columns };
  const rows: ListRow[] = [];
  const reader = textReader(format, 'list', 'list', wanted, { next: 0 });
  try {
    for (let at = 0; at < bytes.length; at += size) rows.push(...reader.push(bytes.subarray(at, at + size)));
    rows.push(...reader.end());
    return { rows, failure: undefined };
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    rows.push(...reader.broken());
    return { rows, failure: error.message };
  }
}

/** Writes files into a new directory; gives their paths, in order. */
export function written(files: Readonly<Record<string, string | Uint8Array>>): string[] {
  const directory = scratchDirectory();
  return Object.entries(files).map(([name, content]) => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  });
}

/** The one file of that name and content. */
export function writtenFile(name: string, content: string | Uint8Array): string {
  return written({ [name]: content })[0]!;
}

/** A row as it is told, without what it has in common with most. */
export function brief({ url, caption, columns, problem }: ListRow): unknown[] {
  return [url, caption, columns, ...(problem === undefined ? [] : [problem])];
}
