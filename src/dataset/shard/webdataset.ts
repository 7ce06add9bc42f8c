import { constants, existsSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { writeFailed } from '../../save/write-failed.js';
import { AppendFile } from './append-file.js';
import type { DataFormat, DataPart, Entry } from './data-part.js';
import type { StoredPicture } from './journal-line.js';
import { partOf, type ShardPaths } from './layout.js';
import { isPicture, memberName, splitName } from './member-name.js';
import { END_OF_ARCHIVE, endOf, type Member, memberBytes, membersOf } from './tar.js';
import { BLOCK_BYTES } from './tar-header.js';

/** `00000.tar`: for each picture `KEY.jpg`, `KEY.txt` and `KEY.json`, adjacent, as webdataset's loaders want them. */
export const webdataset: DataFormat = {
  open: (paths) => new TarPart(AppendFile.open(partOf(paths.tar))),

  async adopt(paths) {
    const part = partOf(paths.tar);
    try {
      // Where the file system can share the blocks, the copy takes no time and no room.
      await copyFile(paths.tar, part, constants.COPYFILE_FICLONE);
    } catch (error) {
      throw writeFailed(part, error);
    }
    const file = AppendFile.open(part);
    try {
      return { part: new TarPart(file), find: foundIn(file) };
    } catch (error) {
      file.close();
      throw error;
    }
  },

  async publish(paths) {
    const part = partOf(paths.tar);
    if (existsSync(part)) await rename(part, paths.tar);
  },

  discard: (paths: ShardPaths) => rm(partOf(paths.tar), { force: true }),
};

/** Where each picture of a whole tar lies; takes away the end of the archive. */
function foundIn(file: AppendFile): (key: string) => StoredPicture | undefined {
  const pictures = new Map<string, Member>();
  let end = 0;
  for (const member of membersOf((offset, length) => file.read(offset, length))) {
    end = endOf(member);
    const [key, extension] = splitName(member.name);
    if (isPicture(extension)) pictures.set(key, member);
  }
  file.cut(end);
  return (key) => {
    const member = pictures.get(key);
    if (member === undefined) return undefined;
    const { name, offset, length } = member;
    // All of the copy is there before a journal tells of it.
    return { extension: splitName(name)[1], offset, length, end };
  };
}

class TarPart implements DataPart {
  constructor(private readonly file: AppendFile) {}

  put({ key, picture, caption, json }: Entry): StoredPicture {
    const now = new Date();
    const pieces = [...memberBytes(memberName(key, picture.extension), picture.bytes, now)];
    if (caption !== null) pieces.push(...memberBytes(`${key}.txt`, Buffer.from(caption), now));
    pieces.push(...memberBytes(`${key}.json`, Buffer.from(json), now));
    const offset = this.file.append(...pieces) + BLOCK_BYTES;
    const { extension, bytes } = picture;
    return { extension, offset, length: bytes.length, end: this.file.length };
  }

  holds(_key: string, { end }: StoredPicture): boolean {
    return end <= this.file.length;
  }

  cut(end: number): void {
    this.file.cut(end);
  }

  sync(): Promise<void> {
    return this.file.sync();
  }

  async complete(): Promise<void> {
    // Cuts off first what a write that failed left behind the end.
    this.file.cut(this.file.length);
    this.file.append(END_OF_ARCHIVE);
    await this.file.sync();
  }

  close(): void {
    this.file.close();
  }
}
