/** The pictures of one shard, open or finished, wherever its format has them. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';
import { sniff } from '../../image/signature.js';
import type { Picture } from '../outcome.js';
import { pictureColumn } from './columns.js';
import { linesOf } from './journal.js';
import type { StoredPicture } from './journal-line.js';
import { placeOf } from './key.js';
import { type DatasetFormat, digitsOf, type Layout, partOf, type ShardPaths } from './layout.js';
import { isPicture, memberName, splitName } from './member-name.js';
import { ReadOnlyFile } from './read-only-file.js';
import { Table } from './table-reader.js';
import { memberIn, membersOf } from './tar.js';
import { BLOCK_BYTES } from './tar-header.js';

export interface PictureSource {
  /** Undefined where it has none of that key, or not any more. `stored` spares looking for it. */
  find(key: string, stored: StoredPicture | undefined): Promise<Picture | undefined>;
  close(): Promise<void>;
}

type Open = (paths: ShardPaths, layout: Layout) => Promise<PictureSource | undefined>;

/** Opens a shard's pictures; undefined where there is no such shard. */
export const SOURCES: Readonly<Record<DatasetFormat, Open>> = {
  webdataset: async ({ tar, journal }) => {
    const open = existsSync(journal) ? ReadOnlyFile.open(partOf(tar)) : undefined;
    const file = open ?? ReadOnlyFile.open(tar);
    return file && new TarSource(file);
  },

  files: async ({ folder }) => new FolderSource([partOf(folder), folder]),

  parquet: async ({ spool, journal, table }, layout) => {
    const lines = ReadOnlyFile.open(journal);
    const file = lines && ReadOnlyFile.open(partOf(spool));
    if (lines && file) return new SpoolSource(file, lines, layout);
    lines?.close();
    return existsSync(table) ? new TableSource(await Table.open(table), layout) : undefined;
  },
};

class TarSource implements PictureSource {
  /** Of each key the picture's place; made when it is first needed, by a look at every header. */
  #index: ReadonlyMap<string, StoredPicture> | undefined;

  constructor(private readonly file: ReadOnlyFile) {}

  async find(key: string, stored: StoredPicture | undefined): Promise<Picture | undefined> {
    return (stored && this.#at(key, stored)) ?? this.#at(key, this.#indexed().get(key));
  }

  async close(): Promise<void> {
    this.file.close();
  }

  #at(key: string, place: StoredPicture | undefined): Picture | undefined {
    if (place === undefined) return undefined;
    const { extension, offset, length } = place;
    const member = memberIn(this.file.read(offset - BLOCK_BYTES, BLOCK_BYTES), offset - BLOCK_BYTES);
    if (member?.name !== memberName(key, extension) || member.length !== length) return undefined;
    return whole(this.file.read(offset, length), place);
  }

  #indexed(): ReadonlyMap<string, StoredPicture> {
    if (this.#index !== undefined) return this.#index;
    const index = new Map<string, StoredPicture>();
    for (const { name, offset, length } of membersOf((at, bytes) => this.file.read(at, bytes))) {
      const [key, extension] = splitName(name);
      if (isPicture(extension)) index.set(key, { extension, offset, length, end: 0 });
    }
    this.#index = index;
    return index;
  }
}

class FolderSource implements PictureSource {
  #extensions: ReadonlyMap<string, string> | undefined;

  constructor(private readonly folders: readonly string[]) {}

  async find(key: string, stored: StoredPicture | undefined): Promise<Picture | undefined> {
    const extension = stored?.extension ?? this.#listed().get(key);
    if (extension === undefined) return undefined;
    for (const folder of this.folders) {
      const bytes = readIfThere(join(folder, memberName(key, extension)));
      if (bytes !== undefined) return { bytes, extension };
    }
    return undefined;
  }

  async close(): Promise<void> {}

  #listed(): ReadonlyMap<string, string> {
    if (this.#extensions !== undefined) return this.#extensions;
    const names = this.folders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder));
    const all = new Set(names);
    const extensions = new Map<string, string>();
    for (const name of names) {
      const [key, extension] = splitName(name);
      // The metadata are written last: where they are, the picture is whole.
      if (isPicture(extension) && all.has(`${key}.json`)) extensions.set(key, extension);
    }
    this.#extensions = extensions;
    return extensions;
  }
}

class SpoolSource implements PictureSource {
  #index: ReadonlyMap<number, StoredPicture> | undefined;

  constructor(
    private readonly file: ReadOnlyFile,
    private readonly journal: ReadOnlyFile,
    private readonly layout: Layout,
  ) {}

  async find(key: string, stored: StoredPicture | undefined): Promise<Picture | undefined> {
    const place = stored ?? this.#indexed().get(placeOf(key, digitsOf(this.layout)).place);
    return place && whole(this.file.read(place.offset, place.length), place);
  }

  async close(): Promise<void> {
    this.file.close();
    this.journal.close();
  }

  #indexed(): ReadonlyMap<number, StoredPicture> {
    if (this.#index !== undefined) return this.#index;
    const index = new Map<number, StoredPicture>();
    for (const { line } of linesOf(this.journal))
      if ('outcome' in line && line.stored !== null) index.set(line.place, line.stored);
    this.#index = index;
    return index;
  }
}

class TableSource implements PictureSource {
  constructor(
    private readonly table: Table,
    private readonly layout: Layout,
  ) {}

  async find(key: string): Promise<Picture | undefined> {
    const { place } = placeOf(key, digitsOf(this.layout));
    const bytes = await this.table.picture(pictureColumn(this.layout), place);
    return bytes && { bytes, extension: extensionOf(bytes) };
  }

  close(): Promise<void> {
    return this.table.close();
  }
}

function whole(bytes: Buffer, { extension, length }: StoredPicture): Picture | undefined {
  if (bytes.length < length) return undefined;
  return { bytes, extension: extension === '' ? extensionOf(bytes) : extension };
}

/** A table does not tell it. */
function extensionOf(bytes: Uint8Array): string {
  const type = sniff(bytes);
  return typeof type === 'string' ? 'bin' : type.extension;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
