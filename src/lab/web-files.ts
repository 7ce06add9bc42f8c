import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { getMimeType } from 'hono/utils/mime';
import { packageFile } from '../package-file.js';

/** One file of the page. */
interface WebFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Record<string, string>;
}

/** The files of the page, as they were built, by their paths. They are few and small: they are read once. */
export function webFiles(): Map<string, WebFile> {
  const folder = dirname(packageFile('dist', 'web', 'index.html'));
  const files = new Map<string, WebFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length).split(sep).join('/');
    const isNamedByContent = path.startsWith('/assets/');
    files.set(path === '/index.html' ? '/' : path, {
      bytes: Uint8Array.from(readFileSync(file)),
      headers: {
        'Content-Type': getMimeType(file) ?? 'application/octet-stream',
        'Cache-Control': isNamedByContent ? 'max-age=31536000, immutable' : 'no-cache',
      },
    });
  }
  return files;
}
