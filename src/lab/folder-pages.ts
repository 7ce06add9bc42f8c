import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { getMimeType } from 'hono/utils/mime';
import { systemCode } from '../errors.js';
import { LONGEST_SIGNATURE, sniff } from '../image/signature.js';
import type { Page, PageSource } from './pages.js';

/** A listing names at most so many entries. */
const MOST_LISTED = 1000;

/**
 * The pages of one file or of all files under a directory. No path leads out of it, by dots, encoded slashes or links. Throws as the
 * file system does where `path` can't be read.
 */
export function folderPages(path: string): PageSource {
  const real = realpathSync(path);
  if (statSync(real).isDirectory()) return new FolderPages(real, () => true);
  const only = basename(real);
  return new FolderPages(dirname(real), (names) => names.length === 1 && names[0] === only);
}

class FolderPages implements PageSource {
  constructor(
    private readonly root: string,
    private readonly serves: (names: readonly string[]) => boolean,
  ) {}

  find(path: string): Page | undefined {
    const names = namesOf(path);
    if (names === undefined) return undefined;
    const asksForFolder = path.endsWith('/');
    try {
      const real = realpathSync(join(this.root, ...names));
      if (real !== this.root && !real.startsWith(this.root === sep ? sep : this.root + sep)) return undefined;
      if (statSync(real).isDirectory()) return this.#listing(path, real, names);
      return asksForFolder || !this.serves(names) ? undefined : filePage(path, real);
    } catch (error) {
      // Not there, not ours to read, or a name that no file can have.
      if (systemCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  paths(): readonly string[] {
    return this.#entries(this.root, []).slice(0, 20);
  }

  /** A directory's entries as paths, those of directories with a slash at their end. */
  #entries(folder: string, names: readonly string[]): string[] {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => (entry.isDirectory() || entry.isFile()) && !entry.name.startsWith('.'))
      .map((entry) => ({ names: [...names, entry.name], isDirectory: entry.isDirectory() }))
      .filter((entry) => this.serves(entry.names))
      .map((entry) => `/${entry.names.map(encodeURIComponent).join('/')}${entry.isDirectory ? '/' : ''}`)
      .sort();
  }

  #listing(path: string, folder: string, names: readonly string[]): Page {
    const paths = this.#entries(folder, names);
    const links = paths.slice(0, MOST_LISTED).map((to) => {
      const name =
        decodeURIComponent(to.replace(/\/$/, '').replace(/^.*\//, '')) + (to.endsWith('/') ? '/' : '');
      return `<li><a href="${escapeHtml(to)}">${escapeHtml(name)}</a></li>`;
    });
    const title = escapeHtml(`/${names.join('/')}`);
    const text = `<!doctype html>\n<meta charset="utf-8">\n<title>${title}</title>\n<h1>${title}</h1>\n<ul>\n${links.join('\n')}\n</ul>\n`;
    const bytes = Buffer.from(text, 'utf8');
    const read = (from: number, to: number) => bytes.subarray(from, to);
    return { path, mediaType: 'text/html; charset=utf-8', length: bytes.length, read };
  }
}

/** The names that a path consists of; undefined for one that is no plain way down. */
function namesOf(path: string): string[] | undefined {
  let names: string[];
  try {
    names = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined; // Percent signs that encode nothing.
  }
  // Hidden files (and "." and "..") are served to nobody.
  return names.some((name) => name.startsWith('.') || /[/\\\0]/.test(name)) ? undefined : names;
}

/** Opened now and read as it is sent: a file that shrinks meanwhile breaks the response, as it should. */
function filePage(path: string, file: string): Page | undefined {
  // Without O_NONBLOCK opening a FIFO would wait for a writer.
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    return undefined;
  }
  const read = (from: number, to: number) => {
    const bytes = Buffer.allocUnsafe(to - from);
    for (let at = 0; at < bytes.length; ) {
      const length = readSync(fd, bytes, at, bytes.length - at, from + at);
      if (length === 0) throw Object.assign(new Error(`${file} has shrunk.`), { code: 'EIO' });
      at += length;
    }
    return bytes;
  };
  const start = read(0, Math.min(LONGEST_SIGNATURE, stat.size));
  const image = sniff(start);
  const mediaType =
    typeof image === 'object' ? image.mediaType : (getMimeType(file) ?? 'application/octet-stream');
  return {
    path,
    mediaType,
    length: stat.size,
    lastModified: stat.mtime,
    read,
    close: () => closeSync(fd),
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
