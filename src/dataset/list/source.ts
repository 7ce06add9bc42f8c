import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SluiceError } from '../../errors.js';
import { formatOf, LIST_FORMATS, type ListFormat } from './format.js';
import { readingFailed, unreadable } from './unreadable.js';

/** One file of a list, or standard input. */
export interface Source {
  /** Its base name, or `standard input`: for places and problems. */
  readonly name: string;
  /** As it is opened; null for standard input. */
  readonly path: string | null;
  readonly format: ListFormat;
  /** Of a regular file, as it was when the list was opened; null for what can be read only once. */
  readonly stored: Stored | null;
}

/** Bytes, and milliseconds since 1970. */
export interface Stored {
  readonly size: number;
  readonly modifiedMs: number;
}

const STANDARD_INPUT = 'standard input';

/**
 * The files of a list, in order: each of `names` is a file, a directory, or `-` for standard input. Of a directory it is the files whose
 * names say a list's format (only `inputFormat`, where that is given), in the order of their names; hidden ones (`.`, `_`) and
 * directories are passed over.
 */
export async function sourcesOf(names: readonly string[], inputFormat?: ListFormat): Promise<Source[]> {
  if (names.length === 0) throw new SluiceError('option-invalid', 'There is no list: name a file, or "-".');
  if (names.filter((name) => name === '-').length > 1)
    throw new SluiceError('option-invalid', 'Standard input ("-") can be read only once.');
  const sources: Source[] = [];
  for (const name of names) {
    if (name === '-') {
      sources.push(standardInput(inputFormat));
      continue;
    }
    const stats = await statOf(name);
    if (stats.isDirectory()) sources.push(...(await directorySources(name, inputFormat)));
    else sources.push(fileSource(name, stats, inputFormat));
  }
  return sources;
}

function standardInput(inputFormat: ListFormat | undefined): Source {
  return {
    name: STANDARD_INPUT,
    path: null,
    format: streamFormat(STANDARD_INPUT, inputFormat),
    stored: null,
  };
}

async function directorySources(directory: string, inputFormat: ListFormat | undefined): Promise<Source[]> {
  const names = (await namesIn(directory)).filter((name) => !/^[._]/.test(name)).sort();
  const sources: Source[] = [];
  for (const name of names) {
    const format = formatOf(name);
    if (format === undefined || (inputFormat !== undefined && inputFormat !== format)) continue;
    const stats = await statOf(join(directory, name));
    if (!stats.isDirectory()) sources.push(fileSource(join(directory, name), stats, format));
  }
  if (sources.length > 0) return sources;
  const wanted = (inputFormat === undefined ? LIST_FORMATS : [inputFormat]).map((format) => `.${format}`);
  throw unreadable(directory, `none of its ${names.length} files is named as a list (${wanted.join(', ')})`);
}

function fileSource(path: string, stats: Stats, inputFormat: ListFormat | undefined): Source {
  const name = basename(path);
  const format = inputFormat ?? formatOf(name);
  // The name of a shell's substitution (/dev/fd/63) says nothing.
  if (!stats.isFile()) return { name, path, format: streamFormat(path, format), stored: null };
  if (format === undefined) {
    throw unreadable(
      path,
      `its name says no format of a list (${LIST_FORMATS.map((known) => `.${known}`).join(', ')}, but for parquet also .gz or .zst behind); ` +
        'say it with --input-format',
    );
  }
  return { name, path, format, stored: storedOf(stats) };
}

/** Of what can't be read at any place, only from its start to its end. */
function streamFormat(name: string, inputFormat: ListFormat = 'txt'): ListFormat {
  if (inputFormat === 'parquet')
    throw unreadable(name, 'parquet is read from its end, which a stream does not allow; save it as a file');
  return inputFormat;
}

function storedOf(stats: Stats): Stored {
  return { size: stats.size, modifiedMs: Math.floor(stats.mtimeMs) };
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throw readingFailed(directory, 0, error);
  }
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw readingFailed(path, 0, error);
  }
}

/** Throws where a file is no longer what it was when the list was opened: which of its rows came from which state is then unknown. */
export async function checkUnchanged(source: Source): Promise<void> {
  if (source.path === null || source.stored === null) return;
  const now = storedOf(await statOf(source.path));
  const { size, modifiedMs } = source.stored;
  if (now.size === size && now.modifiedMs === modifiedMs) return;
  throw unreadable(
    source.path,
    now.size === size
      ? 'it was written again while it was read'
      : `it changed while it was read, from ${size} to ${now.size} bytes`,
  );
}
