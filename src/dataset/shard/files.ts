import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sync, syncDirectory, syncFileSystem } from '../../save/sync.js';
import { writeFailed } from '../../save/write-failed.js';
import { attempt } from './append-file.js';
import type { DataFormat, DataPart, Entry } from './data-part.js';
import type { StoredPicture } from './journal-line.js';
import { partOf } from './layout.js';
import { isPicture, memberName, splitName } from './member-name.js';

const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/**
 * `00000/` with `KEY.jpg`, `KEY.txt` and `KEY.json` for each picture. Until the shard is whole the folder is `00000.part/`, so that a file which is being
 * written is never taken for a picture of the data set. What a finished shard gets later comes the same way, and is moved into its folder.
 */
export const files: DataFormat = {
  open: ({ folder }) => new FolderPart(folder),

  async adopt({ folder }) {
    const found = new Map<string, StoredPicture>();
    for (const name of namesIn(folder)) {
      const [key, extension] = splitName(name);
      if (isPicture(extension))
        found.set(key, { extension, offset: 0, length: statSync(join(folder, name)).size, end: 0 });
    }
    return { part: new FolderPart(folder), find: (key) => found.get(key) };
  },

  async publish({ folder }) {
    const part = partOf(folder);
    if (!existsSync(part)) return;
    if (!existsSync(folder)) return await rename(part, folder);
    for (const name of await readdir(part)) await rename(join(part, name), join(folder, name));
    await syncDirectory(folder);
    await rmdir(part);
  },

  discard: ({ folder }) => rm(partOf(folder), { recursive: true, force: true }),
};

class FolderPart implements DataPart {
  /** Written since the last sync. */
  #unsynced: string[] = [];

  readonly #folder: string;

  constructor(private readonly whole: string) {
    this.#folder = partOf(whole);
    if (!existsSync(this.#folder)) attempt(this.#folder, () => mkdirSync(this.#folder));
  }

  put({ key, picture, caption, json }: Entry): StoredPicture {
    this.#write(memberName(key, picture.extension), picture.bytes);
    if (caption !== null) this.#write(`${key}.txt`, caption);
    this.#write(`${key}.json`, json);
    return { extension: picture.extension, offset: 0, length: picture.bytes.length, end: 0 };
  }

  holds(key: string, { extension }: StoredPicture): boolean {
    const name = memberName(key, extension);
    return existsSync(join(this.#folder, name)) || existsSync(join(this.whole, name));
  }

  cut(_end: number, isDone: (key: string) => boolean): void {
    for (const name of namesIn(this.#folder)) {
      const path = join(this.#folder, name);
      if (!isDone(splitName(name)[0])) attempt(path, () => rmSync(path, { recursive: true, force: true }));
    }
  }

  sync(): Promise<void> {
    const names = this.#unsynced;
    this.#unsynced = [];
    return this.#syncFiles(names);
  }

  /** With what a killed run wrote before. */
  complete(): Promise<void> {
    return this.#syncFiles(namesIn(this.#folder));
  }

  close(): void {}

  async #syncFiles(names: readonly string[]): Promise<void> {
    try {
      if (await syncFileSystem(this.#folder)) return;
      for (const name of names) {
        const file = await open(join(this.#folder, name));
        await sync(file.fd).finally(() => file.close());
      }
      await syncDirectory(this.#folder);
    } catch (error) {
      throw writeFailed(this.#folder, error);
    }
  }

  #write(name: string, contents: Uint8Array | string): void {
    const path = join(this.#folder, name);
    attempt(path, () => {
      const fd = openSync(path, WRITE, 0o666);
      try {
        writeFileSync(fd, contents);
      } finally {
        closeSync(fd);
      }
    });
    this.#unsynced.push(name);
  }
}

function namesIn(folder: string): string[] {
  return attempt(folder, () => readdirSync(folder));
}
